//! Which kind of values a column holds.

use std::collections::HashMap;

use super::Facts;
use crate::domain::{FLAG_WORDS, Kind, level_key, parse_date, parse_list, parse_number};

/// The share of present cells that must read as a number or a date; the others are slips.
const MOST: f64 = 0.98;

/// From this share of cells such as `00123` on, the digits are codes and not amounts.
const CODE_LIKE: f64 = 0.01;

/// The kind of a column.
pub(in crate::ingest) fn infer(facts: &Facts<'_>) -> Kind {
    if facts.present == 0 {
        Kind::Category
    } else if facts.share(|text| parse_number(text).is_some()) >= MOST {
        if facts.share(is_code) >= CODE_LIKE { Kind::Category } else { Kind::Number }
    } else if is_flag(facts) {
        Kind::Flag
    } else if facts.share(|text| parse_date(text).is_some()) >= MOST {
        Kind::Date
    } else if is_list(facts) {
        Kind::List
    } else {
        Kind::Category
    }
}

fn is_code(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// `1` and `0` stay numbers: a count may well stop at 1.
fn is_flag(facts: &Facts<'_>) -> bool {
    FLAG_WORDS.iter().any(|pair| {
        facts.texts().all(|(text, _)| {
            let word = level_key(text);
            pair.iter().any(|known| *known == word)
        })
    })
}

/// Most cells split into several short items, and the same items come back in other combinations. Prose, places
/// ("Bern, Switzerland" has its own pattern) and coordinates do not.
fn is_list(facts: &Facts<'_>) -> bool {
    let several = facts.share(|text| parse_list(text).len() > 1);
    if several < 0.5 {
        return false;
    }
    let (mut items, mut words, mut numbers) = (0_u64, 0_u64, 0_u64);
    let mut combinations: HashMap<&str, u64> = HashMap::new();
    for (text, _) in facts.texts() {
        for item in parse_list(text) {
            items += 1;
            words += item.split_whitespace().count() as u64;
            numbers += u64::from(parse_number(item).is_some());
            *combinations.entry(item).or_default() += 1;
        }
    }
    let short = words <= items * 3;
    let recurring = items as f64 >= 1.5 * combinations.len() as f64;
    short && recurring && numbers * 2 < items
}

#[cfg(test)]
mod tests {
    use super::super::TextColumn;
    use super::*;

    fn kind(texts: &[&str]) -> Kind {
        let mut column = TextColumn::default();
        for text in texts {
            column.push((!text.is_empty()).then_some(*text));
        }
        infer(&Facts::of(&column))
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
        ] {
            assert_eq!(kind(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_few_slips_do_not_change_the_kind() {
        let mut texts = vec!["7"; 98];
        texts.extend(["n/a", "?"]);
        assert_eq!(kind(&texts), Kind::Number);
        texts.push("-");
        assert_eq!(kind(&texts), Kind::Category);
    }
}
