//! Which kind of values a column holds.

use std::collections::{HashMap, HashSet};

use sweetspot_core::parse::DateReadings;
use sweetspot_core::{FLAG_WORDS, Kind, level_key, parse_list, parse_number};

use super::Facts;
use crate::profile::words::{is_date_name, is_missing_marker};

/// The share of present cells that must read as a number or a date, where others say something.
const MOST: f64 = 0.98;

/// The same where the others are a few texts without digits that come back: they mean that nothing is known.
const MOST_BESIDE_MARKERS: f64 = 0.5;
const MAX_MARKERS: usize = 5;
/// Fewest distinct values beside such texts.
const MIN_VALUES: usize = 10;

/// From this share of cells such as `00123` on, the digits are codes and not amounts.
const CODE_LIKE: f64 = 0.01;

/// Fewest cells of eight digits that are days without a heading that says so.
const MIN_COMPACT_DAYS: u64 = 10;

/// The share of a list's items that must come back.
const RECURRING: f64 = 0.3;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inferred {
    /// The kind of its values.
    pub(crate) kind: Kind,
    /// Texts in it that are no such value and mean that nothing is known.
    pub(crate) missing: Vec<String>,
}

/// The kind of a column, and its texts that mean missing.
pub(crate) fn infer(name: &str, facts: &Facts<'_>) -> Inferred {
    let of = |kind, missing| Inferred { kind, missing };
    if facts.present == 0 {
        return of(Kind::Category, Vec::new());
    }
    if let Some(missing) = values_beside_markers(facts, |text| parse_number(text).is_some()) {
        let known = |text: &str| !missing.iter().any(|marker| marker == text);
        return if holds_days(name, facts, known) {
            of(Kind::Date, missing)
        } else if facts.share(is_code) >= CODE_LIKE {
            of(Kind::Category, Vec::new())
        } else {
            of(Kind::Number, missing)
        };
    }
    if let Some(missing) = flags_beside_markers(facts) {
        return of(Kind::Flag, missing);
    }
    let is_day =
        |text: &str| matches!(DateReadings::new(text, true), Some(DateReadings::One(_) | DateReadings::Ordered { .. }));
    if let Some(missing) = values_beside_markers(facts, is_day) {
        return of(Kind::Date, missing);
    }
    of(if is_list(facts) { Kind::List } else { Kind::Category }, Vec::new())
}

/// The texts that mean missing in a column of which most cells are values; nothing where they are not.
fn values_beside_markers(facts: &Facts<'_>, is_value: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let share = facts.share(&is_value);
    if share == 0.0 {
        return None;
    }
    let others: Vec<(&str, u64)> = facts.texts().filter(|(text, _)| !is_value(text)).collect();
    let values = facts.texts().count() - others.len();
    let is_marker = |text: &str| is_missing_marker(text) || text.eq_ignore_ascii_case("false");
    let markers: Vec<(&str, u64)> = others.iter().copied().filter(|(text, _)| is_marker(text)).collect();
    let unknown: u64 = others.iter().filter(|(text, _)| !is_marker(text)).map(|(_, count)| count).sum();
    let told: u64 = facts.listed - markers.iter().map(|(_, count)| count).sum::<u64>();
    let owned = |texts: &[(&str, u64)]| texts.iter().map(|(text, _)| (*text).to_owned()).collect();
    // What is left beside known markers are values, but for a few slips.
    if (told - unknown) as f64 >= MOST * told as f64 {
        return Some(owned(&markers));
    }
    let plain = others.iter().all(|(text, count)| !text.contains(|c: char| c.is_ascii_digit()) && *count > 1);
    let few = others.len() <= MAX_MARKERS && values >= MIN_VALUES;
    (plain && few && share >= MOST_BESIDE_MARKERS).then(|| owned(&others))
}

/// Whether numbers are days: counted as spreadsheets do under a heading that speaks of dates, or written as `20220716`.
fn holds_days(name: &str, facts: &Facts<'_>, known: impl Fn(&str) -> bool) -> bool {
    let (mut serials, mut compact, mut cells) = (0, 0, 0);
    for (text, count) in facts.texts().filter(|(text, _)| known(text)) {
        cells += count;
        if let Some(DateReadings::Number { compact: day, .. }) = DateReadings::new(text, true) {
            compact += count * u64::from(day.is_some());
            serials += count * u64::from(super::evidence::is_likely_serial(text));
        }
    }
    let named = is_date_name(name);
    (serials == cells && named) || (compact == cells && (named || cells >= MIN_COMPACT_DAYS))
}

fn is_code(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// The texts that mean missing in a column of flags. `1` and `0` stay numbers: a count may well stop at 1.
fn flags_beside_markers(facts: &Facts<'_>) -> Option<Vec<String>> {
    let (markers, words): (Vec<_>, Vec<_>) =
        facts.texts().map(|(text, _)| text).partition(|text| is_missing_marker(text));
    let pair = |pair: &[&str; 2]| {
        words.iter().all(|text| {
            let word = level_key(text);
            pair.iter().any(|known| *known == word)
        })
    };
    (!words.is_empty() && FLAG_WORDS.iter().any(pair)).then(|| markers.into_iter().map(str::to_owned).collect())
}

/// Most cells split into several short items, and the same items come back in other combinations. Prose, places
/// ("Bern, Switzerland" has its own pattern), coordinates, and names ("Acme, Inc.") do not.
fn is_list(facts: &Facts<'_>) -> bool {
    let several = facts.share(|text| parse_list(text).len() > 1);
    if several < 0.5 {
        return false;
    }
    let (mut items, mut words, mut numbers) = (0_u64, 0_u64, 0_u64);
    let mut combinations: HashMap<&str, u64> = HashMap::new();
    let mut first: HashSet<&str> = HashSet::new();
    for (text, _) in facts.texts() {
        let list = parse_list(text);
        first.extend(list.first());
        for item in list {
            items += 1;
            words += item.split_whitespace().count() as u64;
            numbers += u64::from(parse_number(item).is_some());
            *combinations.entry(item).or_default() += 1;
        }
    }
    let short = words <= items * 3;
    let recurring = items as f64 >= 1.5 * combinations.len() as f64;
    // In names only the endings come back, and those that begin a cell do not.
    let back = first.iter().filter(|item| combinations.get(*item).is_some_and(|count| *count > 1)).count();
    let names = (back as f64) < RECURRING * first.len() as f64;
    short && recurring && !names && numbers * 2 < items
}

#[cfg(test)]
mod tests {
    use super::super::TextColumn;
    use super::*;

    fn inferred(name: &str, texts: &[&str]) -> Inferred {
        let mut column = TextColumn::default();
        for (row, text) in (1..).zip(texts) {
            column.push(row, (!text.is_empty()).then_some(*text));
        }
        infer(name, &Facts::of(&column))
    }

    fn kind(texts: &[&str]) -> Kind {
        inferred("column", texts).kind
    }

    #[test]
    fn kinds_by_content() {
        for (texts, expected) in [
            (&["1", "2.5", "", "1,200", "$3"][..], Kind::Number),
            (&["0", "1", "1"], Kind::Number),
            (&["00123", "45678", "90210"], Kind::Category),
            (&["0", "0.5", "10"], Kind::Number),
            (&["Yes", "no", "", "YES"], Kind::Flag),
            (&["t", "F"], Kind::Flag),
            (&["Ja", "nein", ""], Kind::Flag),
            (&["S\u{ed}", "No"], Kind::Flag),
            (&["1,5", "2,25", "1.200,5"], Kind::Number),
            (&["yes", "no", "no phone"], Kind::Category),
            (&["2026-01-01", "1/2/2026", ""], Kind::Date),
            (&["SAP;Slack", "Slack;Oracle", "SAP;Oracle;Slack"], Kind::List),
            (&["red, green", "green, blue", "blue, red"], Kind::List),
            (&["33.1, -118.2", "33.1, -117.0", "34.0, -118.2"], Kind::Category),
            (&["Oil, Gas", "Food, Drinks", "Oil, Gas"], Kind::Category),
            (&["We met them, and they liked it a lot", "They said no, and they liked it a lot"], Kind::Category),
            (&["Zurich", "Bern"], Kind::Category),
            (&["", ""], Kind::Category),
            (&[], Kind::Category),
            (&["1234,50", "7,25", "752.924.045,13"], Kind::Number),
            (&["$7.4M", "1.1k", "CHF 12’345.-"], Kind::Number),
            (&["7/16/22", "16-Jul-2022", "7/16/2022, 10:22 AM"], Kind::Date),
            (&["Q3 2022", "Q4 2022"], Kind::Date),
            (&["Acme, Inc.", "Bolt, Inc.", "Cog, Inc.", "Dyn, Ltd."], Kind::Category),
        ] {
            assert_eq!(kind(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_few_slips_do_not_change_the_kind() {
        let mut texts = vec!["7"; 98];
        texts.extend(["7a", "?a"]);
        assert_eq!(kind(&texts), Kind::Number);
        texts.push("8b");
        assert_eq!(kind(&texts), Kind::Category);
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
            let Inferred { kind, missing } = with(others);
            assert_eq!(kind, Kind::Number, "{others:?}");
            assert!(others.iter().all(|other| missing.iter().any(|text| text == other)), "{others:?} {missing:?}");
        }
        for others in [&["large", "small"][..], &["10+", "10+"], &["a", "b", "c", "d", "e", "f"]] {
            assert_eq!(with(others).kind, Kind::Category, "{others:?}");
        }
        assert_eq!(
            inferred("vip", &["Ja", "nein", "k. A."]),
            Inferred { kind: Kind::Flag, missing: vec!["k. A.".into()] }
        );
    }

    #[test]
    fn numbers_are_days_where_a_heading_says_so() {
        let serials = ["44758", "45000.5"];
        assert_eq!(inferred("Erstelldatum", &serials).kind, Kind::Date);
        assert_eq!(inferred("Employees", &serials).kind, Kind::Number);
        assert_eq!(inferred("created_date", &["20220716", "20230101"]).kind, Kind::Date);
        assert_eq!(inferred("number", &["20220716", "20230101"]).kind, Kind::Number);
        assert_eq!(inferred("number", &["20220716"; 10]).kind, Kind::Date);
    }
}
