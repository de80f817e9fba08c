//! Formatting of figures.

use sweetspot_core::parse::CURRENCIES;
use sweetspot_core::{
    AttributeKind, Condition, Date, ExclusionRule, HypothesisEntry, Test, date_range_phrase, group_thousands,
    has_year_bounds,
};

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
    format_band(&number.to_string()).replace('-', "−")
}

/// An amount, with its currency if that is known: `USD 12,345`.
#[must_use]
pub fn format_money(amount: f64, currency: Option<&str>) -> String {
    let amount = format_number(if amount.abs() >= 100.0 { amount.round() } else { amount });
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

/// An attribute's name without underscores, with its currency in parentheses: `revenue_eur` reads `revenue (EUR)`.
#[must_use]
pub fn readable_name(name: &str) -> String {
    match noun_and_currency(name) {
        (noun, Some(currency)) => format!("{noun} ({currency})"),
        (noun, None) => noun,
    }
}

/// The words of an attribute's name, and the currency that it ends with, if any.
fn noun_and_currency(name: &str) -> (String, Option<String>) {
    let spaced = name.replace('_', " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    if let Some((last, noun)) = words.split_last().filter(|(_, noun)| !noun.is_empty()) {
        let code = last.to_uppercase();
        if CURRENCIES.contains(&(code.as_str(), code.as_str())) {
            return (noun.join(" "), Some(code));
        }
    }
    (words.join(" "), None)
}

/// An attribute with its value within a sentence: `at least 152 employees`, `revenue of at least EUR 23,300,000`,
/// `industry Logistics`.
pub(super) fn trait_phrase(attribute: &str, value: &str) -> String {
    let (noun, currency) = noun_and_currency(attribute);
    let is_number = |bound: &&str| bound.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '−');
    let is_plain = noun.split(' ').count() <= 2 && noun.chars().all(|c| c.is_alphabetic() || c == ' ');
    let is_countable =
        is_plain && currency.is_none() && noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us");
    let lowest = value.strip_suffix(" or more").filter(is_number);
    let limit = value.strip_prefix("below ").filter(is_number);
    match (lowest, limit, currency) {
        (Some(lowest), _, None) if is_countable => format!("at least {lowest} {noun}"),
        (Some(lowest), _, None) => format!("{noun} of at least {lowest}"),
        (Some(lowest), _, Some(currency)) => format!("{noun} of at least {currency} {lowest}"),
        (None, Some(limit), None) if is_countable => format!("fewer than {limit} {noun}"),
        (None, Some(limit), Some(currency)) => format!("{noun} below {currency} {limit}"),
        (None, Some(_) | None, None | Some(_)) => format!("{} {value}", readable_name(attribute)),
    }
}

/// A range of numbers with thousands separators: `10,200,000 to 23,299,999`.
#[must_use]
pub fn format_band(label: &str) -> String {
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

/// A condition as text, with thousands separators: `revenue 1,000,000 or more`. `kind` is the kind of its attribute, if
/// it is known.
pub(super) fn condition_text(condition: &Condition, kind: Option<AttributeKind>) -> String {
    let Condition { attribute, test } = condition;
    let plain = test.to_string();
    let words = match test {
        Test::Range { gte, lt } => date_range_phrase(attribute, kind, *gte, *lt)
            .unwrap_or_else(|| if has_year_bounds(condition) { plain } else { format_band(&plain) }),
        Test::AnyOf(_) | Test::Present(_) | Test::Flag(_) => plain,
    };
    format!("{attribute} {words}")
}

/// The text of an exclusion rule: its statement, or else its condition.
pub(super) fn exclusion_rule_text(exclusion_rule: &ExclusionRule, kind: Option<AttributeKind>) -> String {
    statement_or_condition(&exclusion_rule.statement, &exclusion_rule.when, kind)
}

/// The text of a hypothesis: its statement, or else its condition.
pub(super) fn hypothesis_text(entry: &HypothesisEntry, kind: Option<AttributeKind>) -> String {
    statement_or_condition(&entry.hypothesis.statement, &entry.hypothesis.when, kind)
}

/// The statement, or else the condition in words.
pub(super) fn statement_or_condition(statement: &str, when: &Condition, kind: Option<AttributeKind>) -> String {
    let statement = statement.trim();
    if statement.is_empty() { condition_text(when, kind) } else { statement.to_owned() }
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
            [format_band("-1200 or more"), format_band("999"), format_band("since 2020-01-01")],
            ["-1,200 or more", "999", "since 2020-01-01"]
        );
        assert_eq!([118.65, -1234.5, 2e6, -0.25].map(format_exact), ["118.65", "−1,234.5", "2,000,000", "−0.25"]);
        assert_eq!(format_bounds(1234.2, 1234.4, format_number), ("1,234.2".to_owned(), "1,234.4".to_owned()));
        assert_eq!(format_bounds(0.123_45, 1e4, format_number), ("0.123".to_owned(), "10,000".to_owned()));
        assert_eq!(readable_name("revenue_eur "), "revenue (EUR)");
        assert_eq!([readable_name("EUR"), readable_name("use__case")], ["EUR", "use case"]);
        assert_eq!([" they pay", "Do they?"].map(to_sentence), ["They pay.", "Do they?"]);
        assert_eq!([1.1, -0.4, -0.001, 0.0].map(format_signed), ["+1.10", "−0.40", "0.00", "0.00"]);
        assert_eq!(format_money(1234.5, Some("USD")), "USD 1,235");
        assert_eq!(format_money(-3.5, None), "−3.5");
        assert_eq!([1, 2].map(|n| plural(n, "account", "accounts")), ["1 account", "2 accounts"]);
    }

    #[test]
    fn amounts_of_a_condition_have_thousands_apart_and_names_stay() {
        let told = |test| condition_text(&Condition { attribute: "revenue".to_owned(), test }, None);
        assert_eq!(told(Test::Range { gte: Some(1e6), lt: None }), "revenue 1,000,000 or more");
        assert_eq!(told(Test::AnyOf(vec!["Windows 2000".to_owned()])), "revenue Windows 2000");
        let below = |attribute: &str, kind, lt| {
            let test = Test::Range { gte: None, lt: Some(lt) };
            condition_text(&Condition { attribute: attribute.to_owned(), test }, kind)
        };
        assert_eq!(below("engage_date", None, 17_270.0), "engage_date before 2017-04-14");
        assert_eq!(below("engage_date", Some(AttributeKind::Number), 17_270.0), "engage_date below 17,270");
        assert_eq!(below("seen", Some(AttributeKind::Date), 17_270.0), "seen before 2017-04-14");
        assert_eq!(below("year_established", None, 2017.0), "year_established below 2017");
    }

    #[test]
    fn traits_read_as_part_of_a_sentence() {
        let phrases = [
            ("employees", "152 or more", "at least 152 employees"),
            ("decision_makers", "below 3", "fewer than 3 decision makers"),
            ("employees", "152 to 299", "employees 152 to 299"),
            ("revenue_eur", "23,300,000 or more", "revenue of at least EUR 23,300,000"),
            ("revenue_eur", "below 8,750,000", "revenue below EUR 8,750,000"),
            ("growth_percent", "−3 or more", "growth percent of at least −3"),
            ("growth_percent", "below 18.4", "growth percent below 18.4"),
            ("industry", "Logistics", "industry Logistics"),
            ("Company Size - # of employees", "below 3,000", "Company Size - # of employees below 3,000"),
            ("features", "one or more", "features one or more"),
        ];
        for (attribute, value, phrase) in phrases {
            assert_eq!(trait_phrase(attribute, value), phrase);
        }
    }
}
