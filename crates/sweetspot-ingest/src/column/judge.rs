//! Whether a column can say something about other accounts.

use sweetspot_core::{Kind, parse_number};

use super::Facts;
use crate::profile::{Verdict, words};

/// Fewer cells than this are too few to call a column an identifier.
const ENOUGH: u64 = 10;

/// From this share of distinct texts on, a text stands for its own row.
const NEARLY_ALL: f64 = 0.9;

/// Codes with digits only are identifiers where nearly every row has its own and the name says so.
const NEARLY_ALL_NUMBERS: f64 = 0.99;

/// The verdict on a column by its content, and the reason in one sentence.
pub(crate) fn judge(name: &str, facts: &Facts<'_>, kind: Kind) -> (Verdict, String) {
    let distinct = facts.distinct();
    if facts.present == 0 {
        return (Verdict::Empty, "every cell is missing".to_owned());
    }
    if distinct == 1 && facts.present == facts.rows {
        let text = facts.texts().next().map_or("", |(text, _)| crate::limits::clip_to(text, 60));
        return (Verdict::Constant, format!("every cell is {text:?}"));
    }
    match kind {
        Kind::Category if is_prose(facts) => {
            (Verdict::FreeText, format!("long texts, {distinct} of {} distinct", facts.present))
        }
        Kind::Category if facts.present >= ENOUGH && facts.distinct_share() >= NEARLY_ALL => {
            (Verdict::Identifier, format!("{distinct} of {} texts are distinct", facts.present))
        }
        Kind::Number if is_numbered(name, facts) => (
            Verdict::Identifier,
            format!("{distinct} of {} numbers are distinct, and the name is that of an id", facts.present),
        ),
        Kind::Number | Kind::Category | Kind::Flag | Kind::List | Kind::Date => {
            (Verdict::Attribute, format!("{distinct} distinct in {} rows", facts.present))
        }
    }
}

fn is_prose(facts: &Facts<'_>) -> bool {
    facts.distinct_share() > 0.5
        && facts.mean(|text| text.chars().count() as f64) > 40.0
        && facts.mean(|text| text.split_whitespace().count() as f64) >= 5.0
}

fn is_numbered(name: &str, facts: &Facts<'_>) -> bool {
    facts.present >= ENOUGH
        && facts.distinct_share() >= NEARLY_ALL_NUMBERS
        && words::is_id_name(name)
        && facts.texts().all(|(text, _)| parse_number(text).is_none_or(|number| number.fract() == 0.0))
}

#[cfg(test)]
mod tests {
    use super::super::TextColumn;
    use super::*;

    fn verdict(name: &str, kind: Kind, texts: impl IntoIterator<Item = String>) -> Verdict {
        let mut column = TextColumn::default();
        for (row, text) in (1..).zip(texts) {
            column.push(row, (!text.is_empty()).then_some(text.as_str()));
        }
        judge(name, &Facts::of(&column), kind).0
    }

    #[test]
    fn verdicts_by_content() {
        let numbers = || (0..50).map(|n| n.to_string());
        let texts = || (0..50).map(|n| format!("text {n}"));
        let prose = (0..50).map(|n| format!("They called us {n} times and then asked for a better offer"));
        let repeat = |text: &str, times| std::iter::repeat_n(text.to_owned(), times);
        assert_eq!(verdict("x", Kind::Category, repeat("", 3)), Verdict::Empty);
        assert_eq!(verdict("x", Kind::Category, repeat("a", 3)), Verdict::Constant);
        assert_eq!(verdict("x", Kind::Category, repeat("a", 3).chain([String::new()])), Verdict::Attribute);
        assert_eq!(verdict("x", Kind::Category, texts()), Verdict::Identifier);
        assert_eq!(verdict("x", Kind::Category, texts().take(9)), Verdict::Attribute);
        assert_eq!(verdict("x", Kind::Category, prose), Verdict::FreeText);
        assert_eq!(verdict("Revenue", Kind::Number, numbers()), Verdict::Attribute);
        assert_eq!(verdict("Lead Number", Kind::Number, numbers()), Verdict::Identifier);
        assert_eq!(verdict("Number of sites", Kind::Number, repeat("3", 20).chain(numbers())), Verdict::Attribute);
    }
}
