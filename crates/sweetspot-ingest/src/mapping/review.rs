//! The table `[review]`: what an account review says of a customer, and in which column.

use std::collections::BTreeMap;

use sweetspot_core::{MOST_QUARTERS, ReviewField};

use super::layout::{line, list, text};
use super::parse::name;
use super::raw::RawReview;

/// The columns by field.
pub(super) fn convert(raw: BTreeMap<String, RawReview>, problems: &mut Vec<String>) -> BTreeMap<ReviewField, String> {
    let mut columns = BTreeMap::new();
    for (key, told) in raw {
        // Unknown keys were told before.
        let field = ReviewField::named(&key, 0);
        match (field, told) {
            (Some(field), RawReview::Column(column)) => {
                columns.insert(field, name(&column));
            }
            (Some(_), RawReview::Quarters(_)) => problems.push(format!("review.{key} is a list: name one column")),
            (None, RawReview::Column(column)) => {
                columns.insert(ReviewField::Spend(1), name(&column));
            }
            (None, RawReview::Quarters(quarters)) => columns.extend(spend(&quarters, problems)),
        }
    }
    columns
}

fn spend(quarters: &[String], problems: &mut Vec<String>) -> Vec<(ReviewField, String)> {
    if quarters.len() > usize::from(MOST_QUARTERS) {
        let found = quarters.len();
        problems.push(format!("review.spend lists {found} quarters: name at most the first {MOST_QUARTERS}"));
    }
    (1..=MOST_QUARTERS).zip(quarters).map(|(quarter, column)| (ReviewField::Spend(quarter), name(column))).collect()
}

/// Adds a sentence for every contradiction.
pub(super) fn check(columns: &BTreeMap<ReviewField, String>, problems: &mut Vec<String>) {
    for (field, column) in columns {
        if column.is_empty() {
            problems.push(format!("review.{} names no column", field.key()));
        }
        let others = columns.iter().filter(|(other, same)| *other < field && *same == column && !column.is_empty());
        for (other, _) in others {
            let (one, two) = (other.key(), field.key());
            problems.push(format!("column {column:?} is both review.{one} and review.{two}: keep one of them"));
        }
    }
}

/// The table as TOML; nothing where no column is named.
pub(super) fn write(out: &mut String, columns: &BTreeMap<ReviewField, String>) {
    if columns.is_empty() {
        return;
    }
    out.push_str("\n# Further fields of an account review: for documents, never for the fit.\n[review]\n");
    for (field, column) in columns.iter().filter(|(field, _)| !matches!(field, ReviewField::Spend(_))) {
        line(out, field.key(), &text(column), "");
    }
    let quarters = columns.iter().filter(|(field, _)| matches!(field, ReviewField::Spend(_)));
    let quarters: Vec<String> = quarters.map(|(_, column)| column.clone()).collect();
    if !quarters.is_empty() {
        list(out, ReviewField::Spend(1).key(), &quarters, "in its first, second, ... quarter");
    }
}
