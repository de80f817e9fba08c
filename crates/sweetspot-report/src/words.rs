//! Figures as people read them.

use sweetspot_core::{Condition, Date, Gate, HeldHypothesis, Kind, Test, grouped, has_year_bounds, range_of_days};

/// A whole number with thousands apart: `12,345`.
#[must_use]
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A share in whole per cent, with one digit more below ten: `56%`, `3.4%`.
#[must_use]
pub fn percent(share: f64) -> String {
    sweetspot_core::percent(share)
}

/// `of 600 customers` as a whole to take a part of: `1 of 3 customers`, `2 of 1,200 customers`, `1 of 1 customer`.
#[must_use]
pub(super) fn part_of(part: u64, of: u64, one: &str, many: &str) -> String {
    format!("{} of {}", count(part), plural(of, one, many))
}

/// A number in three digits or all those before the point: `1,234`, `56.7`, `0.0123`.
#[must_use]
pub fn number(number: f64) -> String {
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
    format!("{sign}{}", grouped(text))
}

/// Two bounds of a range, from the lesser to the greater, as `bound` writes them: with all digits where they would read the same.
pub(super) fn bounds(from: f64, to: f64, bound: fn(f64) -> String) -> (String, String) {
    let rounded = (bound(from), bound(to));
    if rounded.0 == rounded.1 { (exact(from), exact(to)) } else { rounded }
}

/// A number with all its digits, where a rounded one would be another: a bound of a rule.
pub(super) fn exact(number: f64) -> String {
    band(&number.to_string()).replace('-', "−")
}

/// An amount, with its currency where that is known: `USD 12,345`.
#[must_use]
pub fn money(amount: f64, currency: Option<&str>) -> String {
    let amount = number(if amount.abs() >= 100.0 { amount.round() } else { amount });
    currency.map_or_else(|| amount.clone(), |currency| format!("{currency} {amount}"))
}

/// A difference of log-odds with its sign, in two digits behind the point: `+1.10`, `−0.40`.
pub(super) fn signed(log_odds: f64) -> String {
    match format!("{log_odds:+.2}").as_str() {
        "+0.00" | "-0.00" => "0.00".to_owned(),
        text => text.replacen('-', "−", 1),
    }
}

/// Whether a difference of log-odds is more than nothing as it is told.
pub(super) fn moves(log_odds: f64) -> bool {
    signed(log_odds) != "0.00"
}

/// `1 account`, `2 accounts`.
#[must_use]
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// An attribute's name without what only programs need: `revenue_eur` reads `revenue eur`.
#[must_use]
pub fn plain(name: &str) -> String {
    let spaced = name.replace('_', " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A band of numbers with thousands apart: `10,200,000 to 23,299,999`.
#[must_use]
pub fn band(label: &str) -> String {
    let word = |word: &str| {
        let digits = word.strip_prefix('-').unwrap_or(word);
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let long = digits.bytes().take_while(u8::is_ascii_digit).count() > 3;
        if plain && long { word.replacen(digits, &grouped(digits), 1) } else { word.to_owned() }
    };
    label.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// A day: `2026-11-24`.
#[must_use]
pub fn day(date: Date) -> String {
    date.to_string()
}

/// A condition in words, its numbers with thousands apart: `revenue 1,000,000 or more`. `kind` is that of its attribute, where it
/// is known.
pub(super) fn condition(condition: &Condition, kind: Option<Kind>) -> String {
    let Condition { attribute, test } = condition;
    let plain = test.to_string();
    let words = match test {
        Test::Range { gte, lt } => range_of_days(attribute, kind, *gte, *lt)
            .unwrap_or_else(|| if has_year_bounds(condition) { plain } else { band(&plain) }),
        Test::AnyOf(_) | Test::Present(_) | Test::Flag(_) => plain,
    };
    format!("{attribute} {words}")
}

/// What people call a rule: its statement, or else its condition.
pub(super) fn rule(gate: &Gate, kind: Option<Kind>) -> String {
    stated(&gate.statement, &gate.when, kind)
}

/// What people call a belief: its statement, or else its condition.
pub(super) fn belief(held: &HeldHypothesis, kind: Option<Kind>) -> String {
    stated(&held.hypothesis.statement, &held.hypothesis.when, kind)
}

fn stated(statement: &str, when: &Condition, kind: Option<Kind>) -> String {
    let statement = statement.trim();
    if statement.is_empty() { condition(when, kind) } else { statement.to_owned() }
}

/// A text with a capital at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A text as a sentence: it begins with a capital and has an end.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{end}", capital(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.0, 0.034, 0.0996, 0.1, 0.564, 1.0].map(percent), ["0%", "3.4%", "10%", "10%", "56%", "100%"]);
        let numbers = [0.0, 1234.4, 56.71, 5.0, 0.012_34, -1e6, -0.0, f64::NAN].map(number);
        assert_eq!(numbers, ["0", "1,234", "56.7", "5", "0.0123", "−1,000,000", "0", "not known"]);
        assert_eq!(band("10200000 to below 23299999.5"), "10,200,000 to below 23,299,999.5");
        assert_eq!(
            [band("-1200 or more"), band("999"), band("since 2020-01-01")],
            ["-1,200 or more", "999", "since 2020-01-01"]
        );
        assert_eq!([118.65, -1234.5, 2e6, -0.25].map(exact), ["118.65", "−1,234.5", "2,000,000", "−0.25"]);
        assert_eq!(bounds(1234.2, 1234.4, number), ("1,234.2".to_owned(), "1,234.4".to_owned()));
        assert_eq!(bounds(0.123_45, 1e4, number), ("0.123".to_owned(), "10,000".to_owned()));
        assert_eq!(plain("revenue_eur "), "revenue eur");
        assert_eq!([" they pay", "Do they?"].map(sentence), ["They pay.", "Do they?"]);
        assert_eq!([1.1, -0.4, -0.001, 0.0].map(signed), ["+1.10", "−0.40", "0.00", "0.00"]);
        assert_eq!(money(1234.5, Some("USD")), "USD 1,235");
        assert_eq!(money(-3.5, None), "−3.5");
        assert_eq!([1, 2].map(|n| plural(n, "account", "accounts")), ["1 account", "2 accounts"]);
    }

    #[test]
    fn amounts_of_a_condition_have_thousands_apart_and_names_stay() {
        let told = |test| condition(&Condition { attribute: "revenue".to_owned(), test }, None);
        assert_eq!(told(Test::Range { gte: Some(1e6), lt: None }), "revenue 1,000,000 or more");
        assert_eq!(told(Test::AnyOf(vec!["Windows 2000".to_owned()])), "revenue Windows 2000");
        let below = |attribute: &str, kind, lt| {
            let test = Test::Range { gte: None, lt: Some(lt) };
            condition(&Condition { attribute: attribute.to_owned(), test }, kind)
        };
        assert_eq!(below("engage_date", None, 17_270.0), "engage_date before 2017-04-14");
        assert_eq!(below("engage_date", Some(Kind::Number), 17_270.0), "engage_date below 17,270");
        assert_eq!(below("seen", Some(Kind::Date), 17_270.0), "seen before 2017-04-14");
        assert_eq!(below("year_established", None, 2017.0), "year_established below 2017");
    }
}
