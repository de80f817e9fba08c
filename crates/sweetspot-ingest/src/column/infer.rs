//! Infers the kind of a column's values.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use sweetspot_core::parse::DateReadings;
use sweetspot_core::{AttributeKind, FLAG_WORDS, level_key, parse_number};

use super::ColumnStats;
use crate::list_cells::{is_array, list_items};
use crate::word_lists::{is_date_name, is_missing_marker};

/// The minimum share of present cells that must parse as a number or a date.
const MIN_VALUE_SHARE: f64 = 0.98;

/// The same if the other cells are a few repeated texts without digits, which then mean missing.
const MIN_VALUE_SHARE_WITH_MARKERS: f64 = 0.5;
const MAX_MARKERS: usize = 5;
/// The minimum number of distinct values besides such texts.
const MIN_VALUES: usize = 10;

/// The minimum share of cells such as `00123` for the digits to be codes instead of amounts.
const MIN_CODE_SHARE: f64 = 0.01;

/// The minimum number of eight-digit dates if the heading does not suggest dates.
const MIN_COMPACT_DAYS: u64 = 10;

/// The minimum share of a list's items that must recur.
const MIN_RECURRING_SHARE: f64 = 0.3;

/// The inferred content of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InferredColumn {
    pub(crate) kind: AttributeKind,
    /// Texts in the column that are not such values and mean missing.
    pub(crate) missing: Vec<String>,
}

/// Infers the kind of a column, and its texts that mean missing.
pub(crate) fn infer(name: &str, stats: &ColumnStats<'_>) -> InferredColumn {
    let inferred = |kind, missing| InferredColumn { kind, missing };
    if stats.present == 0 {
        return inferred(AttributeKind::Category, Vec::new());
    }
    if let Some(missing) = values_beside_markers(stats, |text| parse_number(text).is_some()) {
        let known = |text: &str| !missing.iter().any(|marker| marker == text);
        return if holds_days(name, stats, known) {
            inferred(AttributeKind::Date, missing)
        } else if stats.share_of_cells(is_code) >= MIN_CODE_SHARE {
            inferred(AttributeKind::Category, Vec::new())
        } else {
            inferred(AttributeKind::Number, missing)
        };
    }
    if let Some(missing) = flags_beside_markers(stats) {
        return inferred(AttributeKind::Flag, missing);
    }
    let is_day =
        |text: &str| matches!(DateReadings::new(text, true), Some(DateReadings::One(_) | DateReadings::Ordered { .. }));
    if let Some(missing) = values_beside_markers(stats, is_day) {
        return inferred(AttributeKind::Date, missing);
    }
    inferred(if is_list(stats) { AttributeKind::List } else { AttributeKind::Category }, Vec::new())
}

/// Returns the texts that mean missing if most cells of the column are values; otherwise `None`.
fn values_beside_markers(stats: &ColumnStats<'_>, is_value: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let share = stats.share_of_cells(&is_value);
    if share == 0.0 {
        return None;
    }
    let others: Vec<(&str, u64)> = stats.texts().filter(|(text, _)| !is_value(text)).collect();
    let values = stats.texts().count() - others.len();
    let is_marker = |text: &str| is_missing_marker(text) || text.eq_ignore_ascii_case("false");
    let markers: Vec<(&str, u64)> = others.iter().copied().filter(|(text, _)| is_marker(text)).collect();
    let unknown: u64 = others.iter().filter(|(text, _)| !is_marker(text)).map(|(_, count)| count).sum();
    let known_count: u64 = stats.listed_rows - markers.iter().map(|(_, count)| count).sum::<u64>();
    let owned = |texts: &[(&str, u64)]| texts.iter().map(|(text, _)| (*text).to_owned()).collect();
    // Besides known markers, all but a few cells must be values.
    if (known_count - unknown) as f64 >= MIN_VALUE_SHARE * known_count as f64 {
        return Some(owned(&markers));
    }
    let plain = others.iter().all(|(text, count)| !text.contains(|c: char| c.is_ascii_digit()) && *count > 1);
    let few = others.len() <= MAX_MARKERS && values >= MIN_VALUES;
    (plain && few && share >= MIN_VALUE_SHARE_WITH_MARKERS).then(|| owned(&others))
}

/// Returns whether numbers are dates: spreadsheet serials under a heading that suggests dates, or written as
/// `20220716`.
fn holds_days(name: &str, stats: &ColumnStats<'_>, known: impl Fn(&str) -> bool) -> bool {
    let (mut serials, mut compact, mut cells) = (0, 0, 0);
    for (text, count) in stats.texts().filter(|(text, _)| known(text)) {
        cells += count;
        if let Some(DateReadings::Number { compact: day, .. }) = DateReadings::new(text, true) {
            compact += count * u64::from(day.is_some());
            serials += count * u64::from(super::format_evidence::is_likely_serial(text));
        }
    }
    let named = is_date_name(name);
    (serials == cells && named) || (compact == cells && (named || cells >= MIN_COMPACT_DAYS))
}

fn is_code(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// Returns the texts that mean missing in a column of flags. `1` and `0` stay numbers, because a count may end at 1.
fn flags_beside_markers(stats: &ColumnStats<'_>) -> Option<Vec<String>> {
    let (markers, words): (Vec<_>, Vec<_>) =
        stats.texts().map(|(text, _)| text).partition(|text| is_missing_marker(text));
    let pair = |pair: &[&str; 2]| {
        words.iter().all(|text| {
            let word = level_key(text);
            pair.iter().any(|known| *known == word)
        })
    };
    (!words.is_empty() && FLAG_WORDS.iter().any(pair)).then(|| markers.into_iter().map(str::to_owned).collect())
}

/// Returns whether most cells split into several short items that recur in other combinations. Prose, places ("Bern,
/// Switzerland" has its own pattern), coordinates and names ("Acme, Inc.") do not.
fn is_list(stats: &ColumnStats<'_>) -> bool {
    let list_share = stats.share_of_cells(|text| is_array(text) || list_items(text).len() > 1);
    if list_share < 0.5 {
        return false;
    }
    let (mut items, mut words, mut numbers) = (0_u64, 0_u64, 0_u64);
    let mut combinations: HashMap<Cow<'_, str>, u64> = HashMap::new();
    let mut first: HashSet<Cow<'_, str>> = HashSet::new();
    for (text, _) in stats.texts() {
        let list = list_items(text);
        first.extend(list.first().cloned());
        for item in list {
            items += 1;
            words += item.split_whitespace().count() as u64;
            numbers += u64::from(parse_number(&item).is_some());
            *combinations.entry(item).or_default() += 1;
        }
    }
    let short = words <= items * 3;
    let recurring = items as f64 >= 1.5 * combinations.len() as f64;
    // In names, only the endings recur, but not the first items.
    let back = first.iter().filter(|item| combinations.get(*item).is_some_and(|count| *count > 1)).count();
    let names = (back as f64) < MIN_RECURRING_SHARE * first.len() as f64;
    short && recurring && !names && numbers * 2 < items
}

#[cfg(test)]
mod tests {
    use super::super::TextColumn;
    use super::*;

    fn inferred(name: &str, texts: &[&str]) -> InferredColumn {
        let mut column = TextColumn::default();
        for (row, text) in (1..).zip(texts) {
            column.push(row, (!text.is_empty()).then_some(*text));
        }
        infer(name, &ColumnStats::new(&column))
    }

    fn kind(texts: &[&str]) -> AttributeKind {
        inferred("column", texts).kind
    }

    #[test]
    fn kinds_by_content() {
        for (texts, expected) in [
            (&["1", "2.5", "", "1,200", "$3"][..], AttributeKind::Number),
            (&["0", "1", "1"], AttributeKind::Number),
            (&["00123", "45678", "90210"], AttributeKind::Category),
            (&["0", "0.5", "10"], AttributeKind::Number),
            (&["Yes", "no", "", "YES"], AttributeKind::Flag),
            (&["t", "F"], AttributeKind::Flag),
            (&["Ja", "nein", ""], AttributeKind::Flag),
            (&["S\u{ed}", "No"], AttributeKind::Flag),
            (&["1,5", "2,25", "1.200,5"], AttributeKind::Number),
            (&["yes", "no", "no phone"], AttributeKind::Category),
            (&["2026-01-01", "1/2/2026", ""], AttributeKind::Date),
            (&["SAP;Slack", "Slack;Oracle", "SAP;Oracle;Slack"], AttributeKind::List),
            (&["red, green", "green, blue", "blue, red"], AttributeKind::List),
            (&["33.1, -118.2", "33.1, -117.0", "34.0, -118.2"], AttributeKind::Category),
            (&["Oil, Gas", "Food, Drinks", "Oil, Gas"], AttributeKind::Category),
            (
                &["We met them, and they liked it a lot", "They said no, and they liked it a lot"],
                AttributeKind::Category,
            ),
            (&["Zurich", "Bern"], AttributeKind::Category),
            (&["", ""], AttributeKind::Category),
            (&[], AttributeKind::Category),
            (&["1234,50", "7,25", "752.924.045,13"], AttributeKind::Number),
            (&["$7.4M", "1.1k", "CHF 12’345.-"], AttributeKind::Number),
            (&["7/16/22", "16-Jul-2022", "7/16/2022, 10:22 AM"], AttributeKind::Date),
            (&["Q3 2022", "Q4 2022"], AttributeKind::Date),
            (&["Acme, Inc.", "Bolt, Inc.", "Cog, Inc.", "Dyn, Ltd."], AttributeKind::Category),
        ] {
            assert_eq!(kind(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_few_slips_do_not_change_the_kind() {
        let mut texts = vec!["7"; 98];
        texts.extend(["7a", "?a"]);
        assert_eq!(kind(&texts), AttributeKind::Number);
        texts.push("8b");
        assert_eq!(kind(&texts), AttributeKind::Category);
    }

    #[test]
    fn texts_among_values_mean_missing() {
        let numbers: Vec<String> = (1..=12).map(|number| number.to_string()).collect();
        let with = |others: &[&'static str]| {
            let mut texts: Vec<&str> = numbers.iter().map(String::as_str).collect();
            texts.extend(others);
            inferred("size", &texts)
        };
        for others in [&["(blank)", "n.a.", "#REF!"][..], &["False"], &["keine Ahnung", "keine Ahnung"]] {
            let InferredColumn { kind, missing } = with(others);
            assert_eq!(kind, AttributeKind::Number, "{others:?}");
            assert!(others.iter().all(|other| missing.iter().any(|text| text == other)), "{others:?} {missing:?}");
        }
        for others in [&["large", "small"][..], &["10+", "10+"], &["a", "b", "c", "d", "e", "f"]] {
            assert_eq!(with(others).kind, AttributeKind::Category, "{others:?}");
        }
        assert_eq!(
            inferred("vip", &["Ja", "nein", "k. A."]),
            InferredColumn { kind: AttributeKind::Flag, missing: vec!["k. A.".into()] }
        );
    }

    #[test]
    fn numbers_are_days_where_a_heading_says_so() {
        let serials = ["44758", "45000.5"];
        assert_eq!(inferred("Erstelldatum", &serials).kind, AttributeKind::Date);
        assert_eq!(inferred("Employees", &serials).kind, AttributeKind::Number);
        assert_eq!(inferred("created_date", &["20220716", "20230101"]).kind, AttributeKind::Date);
        assert_eq!(inferred("number", &["20220716", "20230101"]).kind, AttributeKind::Number);
        assert_eq!(inferred("number", &["20220716"; 10]).kind, AttributeKind::Date);
    }
}
