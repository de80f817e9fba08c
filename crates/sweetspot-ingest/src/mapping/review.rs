//! The table `[review]`: the columns of the account review.

use std::collections::BTreeMap;

use sweetspot_core::{MAX_QUARTERS, ReviewField};

use super::parse::normalized_name;
use super::raw::RawReviewColumns;
use super::toml_layout::{quoted_text, write_line, write_list};

/// Converts the columns by field.
pub(super) fn convert(
    raw: BTreeMap<String, RawReviewColumns>,
    problems: &mut Vec<String>,
) -> BTreeMap<ReviewField, String> {
    let mut columns = BTreeMap::new();
    for (key, setting) in raw {
        // Unknown keys have been reported already.
        let field = ReviewField::from_key(&key, 0);
        match (field, setting) {
            (Some(field), RawReviewColumns::Column(column)) => {
                columns.insert(field, normalized_name(&column));
            }
            (Some(_), RawReviewColumns::Quarters(_)) => {
                problems.push(format!("review.{key} is a list: name one column"));
            }
            (None, RawReviewColumns::Column(column)) => {
                columns.insert(ReviewField::Spend(1), normalized_name(&column));
            }
            (None, RawReviewColumns::Quarters(quarters)) => columns.extend(quarter_columns(&quarters, problems)),
        }
    }
    columns
}

fn quarter_columns(quarters: &[String], problems: &mut Vec<String>) -> Vec<(ReviewField, String)> {
    if quarters.len() > usize::from(MAX_QUARTERS) {
        let found = quarters.len();
        problems.push(format!("review.spend lists {found} quarters: name at most the first {MAX_QUARTERS}"));
    }
    (1..=MAX_QUARTERS)
        .zip(quarters)
        .map(|(quarter, column)| (ReviewField::Spend(quarter), normalized_name(column)))
        .collect()
}

/// Adds a sentence for every contradiction.
pub(super) fn check(columns: &BTreeMap<ReviewField, String>, problems: &mut Vec<String>) {
    for (field, column) in columns {
        if column.is_empty() {
            problems.push(format!("review.{} names no column", field.key()));
        }
        let others = columns.iter().filter(|(other, same)| *other < field && *same == column && !column.is_empty());
        for (other, _) in others {
            let (first, second) = (other.key(), field.key());
            problems.push(format!("column {column:?} is both review.{first} and review.{second}: keep one of them"));
        }
    }
}

/// Writes the table as TOML, unless it is empty.
pub(super) fn write(out: &mut String, columns: &BTreeMap<ReviewField, String>) {
    if columns.is_empty() {
        return;
    }
    out.push_str("\n# Further fields of an account review: for documents, never for the fit.\n[review]\n");
    for (field, column) in columns.iter().filter(|(field, _)| !matches!(field, ReviewField::Spend(_))) {
        write_line(out, field.key(), &quoted_text(column), "");
    }
    let quarters = columns.iter().filter(|(field, _)| matches!(field, ReviewField::Spend(_)));
    let quarters: Vec<String> = quarters.map(|(_, column)| column.clone()).collect();
    if !quarters.is_empty() {
        write_list(out, ReviewField::Spend(1).key(), &quarters, "in its first, second, ... quarter");
    }
}
