//! Columns that could be attributes by their content, but not by their meaning: row numbers, keys of places, dates of
//! the deal, and numbers derived from outcomes.

use sweetspot_core::{AttributeKind, deal_date_word};

use super::identifying_columns::is_place_key;
use super::{ColumnRole, InspectedColumn, derived_from_outcome};
use crate::mapping::{AttributeSelection, Mapping};

/// Assigns a role to each such column, unless it is listed as an attribute.
pub(super) fn find(columns: &mut [InspectedColumn<'_>], mapping: &Mapping) {
    let listed = |name: &str| match &mapping.attributes {
        AttributeSelection::Listed(columns) => columns.iter().any(|column| column == name),
        AttributeSelection::Auto { .. } => false,
    };
    for (place, reason) in derived_from_outcome::find(columns) {
        if let Some(column) = columns.get_mut(place).filter(|column| !listed(column.name)) {
            (column.role, column.reason, column.leak, column.caution) = (ColumnRole::Derived, reason, None, None);
        }
    }
    let since = mapping.outcome.since.is_none();
    for column in columns.iter_mut().filter(|column| column.role == ColumnRole::Attribute && column.leak.is_none()) {
        if let Some((verdict, reason)) = unfit_role(column, since).filter(|_| !listed(column.name)) {
            (column.role, column.reason, column.caution) = (verdict, reason, None);
        }
    }
}

/// The minimum number of rows to detect row numbers.
const MIN_NUMBERED_ROWS: usize = 10;

/// The names of columns with row numbers, besides columns without a name: only letters and digits, in lowercase.
const ROW_NUMBER_NAMES: [&str; 12] =
    ["", "no", "nr", "num", "row", "rows", "rownumber", "rownum", "index", "line", "unnamed0", "lfdnr"];

/// Returns whether the column contains row numbers: by its name, and by whole numbers that increase from 0 or 1 in file
/// order, with few gaps.
fn numbers_rows(column: &InspectedColumn<'_>) -> bool {
    let name: String = column.name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if !ROW_NUMBER_NAMES.contains(&name.as_str()) && name != "column1" {
        return false;
    }
    let rows = column.texts.row_texts().count();
    let numbers: Vec<usize> = column.texts.row_texts().map_while(|text| text?.parse().ok()).collect();
    let max_distinct = rows + rows / 10;
    rows >= MIN_NUMBERED_ROWS
        && numbers.len() == rows
        && numbers.first().is_some_and(|first| *first <= 1)
        && numbers.last().is_some_and(|last| *last <= max_distinct)
        && numbers.is_sorted_by(|a, b| a < b)
}

fn unfit_role(column: &InspectedColumn<'_>, since_is_open: bool) -> Option<(ColumnRole, String)> {
    if numbers_rows(column) {
        return Some((ColumnRole::Identifier, "it numbers the rows".to_owned()));
    }
    if is_place_key(column) {
        let reason = "a key of places: new keys are unknown to the model; keep city, region or country instead";
        return Some((ColumnRole::PlaceKey, reason.to_owned()));
    }
    let word = deal_date_word(column.name).filter(|_| column.kind == AttributeKind::Date)?;
    let hint = if since_is_open { "; if customers are customers since then, name it under outcome.since" } else { "" };
    Some((ColumnRole::DealDate, format!("its name refers to the deal ({word:?}): it describes when, not who{hint}")))
}
