//! Formatting of figures.

use sweetspot_core::{
    Condition, Date, ExclusionRule, HypothesisEntry, Test, date_range_phrase, group_thousands, has_year_bounds,
};

use super::AttributeName;

/// A whole number with thousands separators: `12,345`.
#[must_use]
pub fn format_count(number: u64) -> String {
    group_thousands(&number.to_string())
}

/// A share as a whole percentage, with one more digit below ten: `56%`, `3.4%`.
#[must_use]
pub fn format_percent(share: f64) -> String {
    sweetspot_core::percent(share)
}

/// A part of a whole: `1 of 3 customers`, `2 of 1,200 customers`, `1 of 1 customer`.
#[must_use]
pub(super) fn part_of_whole(part: u64, total: u64, singular: &str, plural_form: &str) -> String {
    format!("{} of {}", format_count(part), plural(total, singular, plural_form))
}

/// A number with three significant digits, or all digits before the decimal point: `1,234`, `56.7`, `0.0123`.
#[must_use]
pub fn format_number(number: f64) -> String {
    if !number.is_finite() {
        return "not known".to_owned();
    }
    let size = number.abs();
    let digits = match size {
        _ if size == 0.0 || size >= 100.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ => 2 + (-size.log10()).ceil().clamp(0.0, 9.0) as usize,
    };
    let text = format!("{size:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let sign = if number < 0.0 && text != "0" { "−" } else { "" };
    format!("{sign}{}", group_thousands(text))
}

/// The two bounds of a range, formatted by `bound`, or with all digits if they would otherwise read the same.
pub(super) fn format_bounds(from: f64, to: f64, bound: fn(f64) -> String) -> (String, String) {
    let rounded = (bound(from), bound(to));
    if rounded.0 == rounded.1 { (format_exact(from), format_exact(to)) } else { rounded }
}

/// A number with all its digits: the bound of a rule, where rounding would change the meaning.
pub(super) fn format_exact(number: f64) -> String {
    grouped_band(&number.to_string()).replace('-', "−")
}

/// An amount, with its currency if that is known: `USD 12,345`, `EUR 23.3 million`.
#[must_use]
pub fn format_money(amount: f64, currency: Option<&str>) -> String {
    let amount = match amount.abs() {
        size if size >= 999_500.0 => format!("{} million", format_number(amount / 1e6)),
        size if size >= 100.0 => format_number(amount.round()),
        _ => format_number(amount),
    };
    currency.map_or_else(|| amount.clone(), |currency| format!("{currency} {amount}"))
}

/// A signed difference of log-odds with two decimals: `+1.10`, `−0.40`.
pub(super) fn format_signed(log_odds: f64) -> String {
    match format!("{log_odds:+.2}").as_str() {
        "+0.00" | "-0.00" => "0.00".to_owned(),
        text => text.replacen('-', "−", 1),
    }
}

/// Whether a difference of log-odds is nonzero as displayed.
pub(super) fn is_visible_change(log_odds: f64) -> bool {
    format_signed(log_odds) != "0.00"
}

/// `1 account`, `2 accounts`.
#[must_use]
pub fn plural(number: u64, singular: &str, plural_form: &str) -> String {
    format!("{} {}", format_count(number), if number == 1 { singular } else { plural_form })
}

/// `Acme, Globex and Initech`.
pub(crate) fn join_with_and(names: &[String]) -> String {
    match names {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        names => names.concat(),
    }
}

/// A range of numbers with thousands separators, or in millions if that loses nothing: `23,299 or more`, `10.2 to below
/// 23.3 million`.
#[must_use]
pub fn format_band(label: &str) -> String {
    in_millions(label).unwrap_or_else(|| grouped_band(label))
}

/// A range whose bounds are all whole ten thousands from a million on, in millions. The upper bound of `10200000 to
/// 23299999`, a range of whole numbers, is written as the number below which the range ends.
fn in_millions(label: &str) -> Option<String> {
    let millions = |number: &str| -> Option<String> {
        let number: i64 = number.parse().ok()?;
        let is_round = number.unsigned_abs() >= 1_000_000 && number % 10_000 == 0;
        is_round.then(|| format_exact(number as f64 / 1e6))
    };
    if let Some((from, to)) = label.split_once(" to ") {
        let next = |number: &str| number.parse::<i64>().ok()?.checked_add(1).map(|number| number.to_string());
        let to = to.strip_prefix("below ").map_or_else(|| next(to), |to| Some(to.to_owned()))?;
        return Some(format!("{} to below {} million", millions(from)?, millions(&to)?));
    }
    let number = label.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit() || c == '-'))?;
    Some(label.replacen(number, &format!("{} million", millions(number)?), 1))
}

fn grouped_band(label: &str) -> String {
    let word = |word: &str| {
        let digits = word.strip_prefix('-').unwrap_or(word);
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let long = digits.bytes().take_while(u8::is_ascii_digit).count() > 3;
        if plain && long { word.replacen(digits, &group_thousands(digits), 1) } else { word.to_owned() }
    };
    label.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// A day: `2026-11-24`.
#[must_use]
pub fn format_date(date: Date) -> String {
    date.to_string()
}

/// A condition on an attribute as text, with thousands separators: `revenue 1 million or more`.
pub(super) fn condition_text(condition: &Condition, name: &AttributeName) -> String {
    let Condition { attribute, test } = condition;
    let plain = test.to_string();
    let words = match test {
        Test::Range { gte, lt } => date_range_phrase(attribute, name.kind, *gte, *lt)
            .unwrap_or_else(|| if has_year_bounds(condition) { plain } else { format_band(&plain) }),
        Test::AnyOf(_) | Test::Present(_) | Test::Flag(_) => plain,
    };
    format!("{name} {words}")
}

/// The text of an exclusion rule: its statement, or else its condition.
pub(super) fn exclusion_rule_text(exclusion_rule: &ExclusionRule, name: &AttributeName) -> String {
    statement_or_condition(&exclusion_rule.statement, &exclusion_rule.when, name)
}

/// The text of a hypothesis: its statement, or else its condition.
pub(super) fn hypothesis_text(entry: &HypothesisEntry, name: &AttributeName) -> String {
    statement_or_condition(&entry.hypothesis.statement, &entry.hypothesis.when, name)
}

/// The statement, or else the condition in words.
pub(super) fn statement_or_condition(statement: &str, when: &Condition, name: &AttributeName) -> String {
    let statement = statement.trim();
    if statement.is_empty() { condition_text(when, name) } else { statement.to_owned() }
}

/// A text with its first letter capitalized.
pub(super) fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A text as a sentence: capitalized, with punctuation at the end.
pub(super) fn to_sentence(text: &str) -> String {
    let text = text.trim();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{end}", capitalize(text))
}

#[cfg(test)]
mod tests {
    use sweetspot_core::AttributeKind;

    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!([0, 999, 1000, 1_234_567].map(format_count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0.0, 0.034, 0.0996, 0.1, 0.564, 1.0].map(format_percent),
            ["0%", "3.4%", "10%", "10%", "56%", "100%"]
        );
        let numbers = [0.0, 1234.4, 56.71, 5.0, 0.012_34, -1e6, -0.0, f64::NAN].map(format_number);
        assert_eq!(numbers, ["0", "1,234", "56.7", "5", "0.0123", "−1,000,000", "0", "not known"]);
        assert_eq!(format_band("10200000 to below 23299999.5"), "10,200,000 to below 23,299,999.5");
        assert_eq!(
            ["10200000 to 23299999", "23300000 or more", "below 8750000", "1234567 or more"].map(format_band),
            ["10.2 to below 23.3 million", "23.3 million or more", "below 8.75 million", "1,234,567 or more"]
        );
        assert_eq!(
            [format_band("-1200 or more"), format_band("999"), format_band("since 2020-01-01")],
            ["-1,200 or more", "999", "since 2020-01-01"]
        );
        assert_eq!([118.65, -1234.5, 2e6, -0.25].map(format_exact), ["118.65", "−1,234.5", "2,000,000", "−0.25"]);
        assert_eq!(format_bounds(1234.2, 1234.4, format_number), ("1,234.2".to_owned(), "1,234.4".to_owned()));
        assert_eq!(format_bounds(0.123_45, 1e4, format_number), ("0.123".to_owned(), "10,000".to_owned()));
        assert_eq!([" they pay", "Do they?"].map(to_sentence), ["They pay.", "Do they?"]);
        assert_eq!([1.1, -0.4, -0.001, 0.0].map(format_signed), ["+1.10", "−0.40", "0.00", "0.00"]);
        assert_eq!(format_money(1234.5, Some("USD")), "USD 1,235");
        assert_eq!(format_money(-3.5, None), "−3.5");
        assert_eq!(format_money(23_312_345.0, Some("EUR")), "EUR 23.3 million");
        assert_eq!(format_money(-999_600.0, None), "−1 million");
        assert_eq!([1, 2].map(|n| plural(n, "account", "accounts")), ["1 account", "2 accounts"]);
    }

    #[test]
    fn amounts_of_a_condition_have_thousands_apart_and_names_stay() {
        let name = |attribute: &str, kind| AttributeName::new(attribute, None, kind);
        let revenue =
            |test| condition_text(&Condition { attribute: "revenue".to_owned(), test }, &name("revenue", None));
        assert_eq!(revenue(Test::Range { gte: Some(1e6), lt: None }), "revenue 1 million or more");
        assert_eq!(revenue(Test::AnyOf(vec!["Windows 2000".to_owned()])), "revenue Windows 2000");
        let below = |attribute: &str, kind, lt| {
            let test = Test::Range { gte: None, lt: Some(lt) };
            condition_text(&Condition { attribute: attribute.to_owned(), test }, &name(attribute, kind))
        };
        assert_eq!(below("engage_date", None, 17_270.0), "engage date before 2017-04-14");
        assert_eq!(below("engage_date", Some(AttributeKind::Number), 17_270.0), "engage date below 17,270");
        assert_eq!(below("seen", Some(AttributeKind::Date), 17_270.0), "seen before 2017-04-14");
        assert_eq!(below("year_established", None, 2017.0), "year established below 2017");
    }
}
