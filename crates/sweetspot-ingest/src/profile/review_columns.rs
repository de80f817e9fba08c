//! Finds the columns that answer the questions of an account review, by their usual names.

use std::collections::BTreeMap;

use sweetspot_core::{AttributeKind, MAX_QUARTERS, ReviewField, parse_number};

use super::{ColumnRole, InspectedColumn, review_column_names};
use crate::mapping::{AttributeSelection, Mapping};
use crate::word_lists::name_words;

/// The minimum share of readable cells in a column of numbers.
const MIN_READABLE_SHARE: f64 = 0.5;

/// The minimum share of distinct cells in a column of names.
const MIN_DISTINCT_SHARE: f64 = 0.5;

/// Returns the column of each recognized field. A column belongs to at most one field.
pub(super) fn columns(columns: &[InspectedColumn<'_>]) -> BTreeMap<ReviewField, String> {
    let mut found: BTreeMap<ReviewField, String> = BTreeMap::new();
    let named: Vec<(String, &InspectedColumn<'_>)> =
        columns.iter().map(|column| (normalized_name(column.name), column)).collect();
    for (field, names) in review_column_names::REVIEW_FIELD_NAMES {
        let open = |column: &InspectedColumn<'_>| {
            fits(column, field) && !found.values().any(|found_name| found_name == column.name)
        };
        // If all customers are in the same country, their cities are more informative.
        let varied = |column: &InspectedColumn<'_>| column.stats.distinct() != 1 && open(column);
        let column = first_match(&named, names, varied).or_else(|| first_match(&named, names, open));
        if let Some(column) = column {
            found.insert(field, column);
        }
    }
    found.extend(quarter_columns(columns));
    found
}

/// Returns the column with the most likely name.
fn first_match(
    columns: &[(String, &InspectedColumn<'_>)],
    names: &[&str],
    fits: impl Fn(&InspectedColumn<'_>) -> bool,
) -> Option<String> {
    let column = |usual_name: &&str| columns.iter().find(|(name, column)| name == *usual_name && fits(column));
    names.iter().find_map(column).map(|(_, column)| column.name.to_owned())
}

/// Returns the columns of quarterly spend, as far as they are consecutive from the first quarter on.
fn quarter_columns(columns: &[InspectedColumn<'_>]) -> Vec<(ReviewField, String)> {
    let column_of_quarter = |quarter: u8| {
        columns
            .iter()
            .find(|column| self::quarter(column.name) == Some(quarter) && fits(column, ReviewField::Spend(quarter)))
    };
    let quarters =
        (1..=MAX_QUARTERS).map_while(|quarter| Some((ReviewField::Spend(quarter), column_of_quarter(quarter)?)));
    quarters.map(|(field, column)| (field, column.name.to_owned())).collect()
}

/// Returns the quarter in a name: `Spend Q3`, `Q3 revenue`, `spend_quarter_3`.
pub(super) fn quarter(name: &str) -> Option<u8> {
    let words = name_words(name);
    if !words
        .iter()
        .any(|word| ["spend", "spent", "spending", "revenue", "billed", "billings"].contains(&word.as_str()))
    {
        return None;
    }
    let number = |word: &String| word.parse().ok().filter(|quarter| (1..=MAX_QUARTERS).contains(quarter));
    let short = words.iter().find_map(|word| word.strip_prefix('q').map(str::to_owned)?.parse().ok());
    let long = || words.iter().zip(words.iter().skip(1)).find(|(word, _)| *word == "quarter");
    short.filter(|quarter| (1..=MAX_QUARTERS).contains(quarter)).or_else(|| number(long()?.1))
}

/// Returns whether the cells can belong to the field. An empty column can, because it may not have been filled in yet.
fn fits(column: &InspectedColumn<'_>, field: ReviewField) -> bool {
    if column.stats.present == 0 {
        return true;
    }
    // Other columns, such as the standing of an account, are named account or customer too.
    let named = field != ReviewField::Name || column.stats.distinct_share() >= MIN_DISTINCT_SHARE;
    named
        && (field.kind() != AttributeKind::Number
            || column.stats.share_of_cells(|text| parse_number(text).is_some()) >= MIN_READABLE_SHARE)
}

/// Returns a name in lowercase, with single spaces as separators, and without a currency at its end.
fn normalized_name(name: &str) -> String {
    let mut words = name_words(name);
    if words.len() > 1 && words.last().is_some_and(|word| ["eur", "usd", "gbp", "chf"].contains(&word.as_str())) {
        words.pop();
    }
    words.join(" ")
}

/// Marks review columns that are known only after the sale, which are not attributes unless listed.
pub(super) fn mark_review_columns(columns: &mut [InspectedColumn<'_>], mapping: &Mapping) {
    let listed = |name: &str| match &mapping.attributes {
        AttributeSelection::Listed(columns) => columns.iter().any(|column| column == name),
        AttributeSelection::Auto { .. } => false,
    };
    for (field, name) in &mapping.review {
        let Some(column) = columns.iter_mut().find(|column| column.name == name) else { continue };
        let settled = matches!(column.role, ColumnRole::Id | ColumnRole::Outcome) || listed(column.name);
        if !settled && !field.is_known_before_the_sale() {
            column.role = ColumnRole::Review;
            column.reason = format!("mapped as review.{}", field.key());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_whatever_stands_between_their_words() {
        assert_eq!(normalized_name("Company Size - # of employees"), "company size of employees");
        assert_eq!(normalized_name("deal_size_eur"), "deal size");
        assert_eq!(normalized_name("EUR"), "eur");
    }

    #[test]
    fn quarters_by_name() {
        for (name, expected) in [
            ("Spend Q1", Some(1)),
            ("q12_revenue", Some(12)),
            ("spend_quarter_3", Some(3)),
            ("Spend Q13", None),
            ("Q2", None),
            ("spend", None),
            ("quarter", None),
        ] {
            assert_eq!(quarter(name), expected, "{name}");
        }
    }

    #[test]
    fn no_name_stands_for_two_fields() {
        let mut names: Vec<&str> =
            review_column_names::REVIEW_FIELD_NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        assert!(names.iter().all(|name| normalized_name(name) == *name), "names are in normalized form");
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
