//! The role of a column by its content: attribute, identifier, free text, constant or empty.

use sweetspot_core::{AttributeKind, parse_number};

use super::ColumnStats;
use crate::column_role::ColumnRole;
use crate::word_lists;

/// The minimum number of cells to call a column an identifier.
const MIN_CELLS: u64 = 10;

/// The share of distinct texts from which on a text identifies its row.
const MIN_DISTINCT_SHARE: f64 = 0.9;

/// The same for codes of digits, whose heading must also be that of an identifier.
const MIN_DISTINCT_NUMBER_SHARE: f64 = 0.99;

/// Returns the role of a column by its content, and the reason in one sentence.
pub(crate) fn assess_role(name: &str, stats: &ColumnStats<'_>, kind: AttributeKind) -> (ColumnRole, String) {
    let distinct = stats.distinct();
    if stats.present == 0 {
        return (ColumnRole::Empty, "every cell is missing".to_owned());
    }
    if distinct == 1 && stats.present == stats.rows {
        let text = stats.texts().next().map_or("", |(text, _)| crate::limits::clip_to(text, 60));
        return (ColumnRole::Constant, format!("every cell is {text:?}"));
    }
    match kind {
        AttributeKind::Category if is_prose(stats) => {
            (ColumnRole::FreeText, format!("long texts, {distinct} of {} distinct", stats.present))
        }
        AttributeKind::Category if stats.present >= MIN_CELLS && stats.distinct_share() >= MIN_DISTINCT_SHARE => {
            (ColumnRole::Identifier, format!("{distinct} of {} texts are distinct", stats.present))
        }
        AttributeKind::Number if is_numbered(name, stats) => (
            ColumnRole::Identifier,
            format!("{distinct} of {} numbers are distinct, and the name is that of an id", stats.present),
        ),
        AttributeKind::Number
        | AttributeKind::Category
        | AttributeKind::Flag
        | AttributeKind::List
        | AttributeKind::Date => (ColumnRole::Attribute, format!("{distinct} distinct in {} rows", stats.present)),
    }
}

fn is_prose(stats: &ColumnStats<'_>) -> bool {
    stats.distinct_share() > 0.5
        && stats.cell_mean(|text| text.chars().count() as f64) > 40.0
        && stats.cell_mean(|text| text.split_whitespace().count() as f64) >= 5.0
}

fn is_numbered(name: &str, stats: &ColumnStats<'_>) -> bool {
    stats.present >= MIN_CELLS
        && stats.distinct_share() >= MIN_DISTINCT_NUMBER_SHARE
        && word_lists::is_id_name(name)
        && stats.texts().all(|(text, _)| parse_number(text).is_none_or(|number| number.fract() == 0.0))
}

#[cfg(test)]
mod tests {
    use super::super::TextColumn;
    use super::*;

    fn verdict(name: &str, kind: AttributeKind, texts: impl IntoIterator<Item = String>) -> ColumnRole {
        let mut column = TextColumn::default();
        for (row, text) in (1..).zip(texts) {
            column.push(row, (!text.is_empty()).then_some(text.as_str()));
        }
        assess_role(name, &ColumnStats::new(&column), kind).0
    }

    #[test]
    fn roles_are_assessed_by_content() {
        let numbers = || (0..50).map(|n| n.to_string());
        let texts = || (0..50).map(|n| format!("text {n}"));
        let prose = (0..50).map(|n| format!("They called us {n} times and then asked for a better offer"));
        let repeat = |text: &str, times| std::iter::repeat_n(text.to_owned(), times);
        assert_eq!(verdict("x", AttributeKind::Category, repeat("", 3)), ColumnRole::Empty);
        assert_eq!(verdict("x", AttributeKind::Category, repeat("a", 3)), ColumnRole::Constant);
        assert_eq!(verdict("x", AttributeKind::Category, repeat("a", 3).chain([String::new()])), ColumnRole::Attribute);
        assert_eq!(verdict("x", AttributeKind::Category, texts()), ColumnRole::Identifier);
        assert_eq!(verdict("x", AttributeKind::Category, texts().take(9)), ColumnRole::Attribute);
        assert_eq!(verdict("x", AttributeKind::Category, prose), ColumnRole::FreeText);
        assert_eq!(verdict("Revenue", AttributeKind::Number, numbers()), ColumnRole::Attribute);
        assert_eq!(verdict("Lead Number", AttributeKind::Number, numbers()), ColumnRole::Identifier);
        assert_eq!(
            verdict("Number of sites", AttributeKind::Number, repeat("3", 20).chain(numbers())),
            ColumnRole::Attribute
        );
    }
}
