//! How a text is read as a number, a flag, a date or a list. One rule for files, rows and the model, so that they cannot disagree.

use std::collections::HashSet;

use jiff::civil;

use super::Date;

/// Currency signs and codes that may stand before or after a number. `US$` comes before `$`, which it ends with.
const CURRENCIES: [&str; 11] = ["US$", "$", "€", "£", "¥", "₹", "USD", "EUR", "GBP", "CHF", "JPY"];

/// Reads a finite number: `1234.5`, `1,234.50`, `1 234,5` is not guessed, `$ 1,200`, `12 %` (as 12), `1.5e3`, `(300)` (as -300).
///
/// A comma is a thousands separator and must stand in front of exactly three digits.
#[must_use]
pub fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return parse_unsigned(inner).map(|number| -number);
    }
    let (negative, rest) = match text.strip_prefix('-').or_else(|| text.strip_prefix('\u{2212}')) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = parse_unsigned(rest)?;
    Some(if negative { -number } else { number })
}

fn parse_unsigned(text: &str) -> Option<f64> {
    let bare = strip_currency(text.trim());
    let bare = bare.strip_suffix('%').unwrap_or(bare).trim_end();
    if !bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let number: f64 = if bare.contains(',') { join_thousands(bare)?.parse().ok()? } else { bare.parse().ok()? };
    number.is_finite().then_some(number)
}

fn strip_currency(text: &str) -> &str {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    // Most numbers stand alone.
    if digit(text.as_bytes().first()) && digit(text.as_bytes().last()) {
        return text;
    }
    for currency in CURRENCIES {
        if let Some(rest) = text.strip_prefix(currency) {
            return rest.trim_start();
        }
        if let Some(rest) = text.strip_suffix(currency) {
            return rest.trim_end();
        }
    }
    text
}

/// `12,345,678.9` → `12345678.9`; nothing where a group has not exactly three digits.
fn join_thousands(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(a, b)| (a, Some(b)));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    if first.is_empty() || first.len() > 3 || !digits(first) {
        return None;
    }
    let mut joined = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        joined.push_str(group);
    }
    if let Some(fraction) = fraction {
        joined.push('.');
        joined.push_str(fraction);
    }
    Some(joined)
}

/// Reads a flag: yes/no, true/false, y/n, t/f, on/off, 1/0, in any case.
#[must_use]
pub fn parse_flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "y" | "t" | "on" | "1" => Some(true),
        "no" | "false" | "n" | "f" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Reads a calendar day: `2026-11-22`, also with a time behind it, `22.11.2026`, `2026/11/22`, or `11/22/2026` (month first).
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    let day = text.split(['T', ' ']).next().unwrap_or(text);
    let fields = |separator: char| -> Option<[&str; 3]> {
        let mut parts = day.split(separator);
        let three = [parts.next()?, parts.next()?, parts.next()?];
        parts.next().is_none().then_some(three)
    };
    let [year, month, date] = if let Some(iso) = fields('-') {
        iso
    } else if let Some([date, month, year]) = fields('.') {
        [year, month, date]
    } else {
        match fields('/')? {
            slashed @ [year, ..] if year.len() == 4 => slashed,
            [month, date, year] => [year, month, date],
        }
    };
    if year.len() != 4 {
        return None;
    }
    let digits = |field: &str| field.bytes().all(|b| b.is_ascii_digit());
    if ![year, month, date].into_iter().all(digits) {
        return None;
    }
    let civil = civil::Date::new(year.parse().ok()?, month.parse().ok()?, date.parse().ok()?).ok()?;
    Some(Date::from_civil(civil))
}

/// Reads several texts out of one: separated by `;` or `|`, or, where neither occurs, by a comma and a space.
///
/// Items are trimmed, empty ones dropped, and each is given once, in the order in which it first came.
#[must_use]
pub fn parse_list(text: &str) -> Vec<&str> {
    let parts: Vec<&str> =
        if text.contains([';', '|']) { text.split([';', '|']).collect() } else { text.split(", ").collect() };
    let mut seen = HashSet::with_capacity(parts.len());
    parts.into_iter().map(str::trim).filter(|item| !item.is_empty() && seen.insert(*item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_by_their_separators() {
        for (text, items) in [
            ("SAP; Slack ;SAP;;", vec!["SAP", "Slack"]),
            ("a|b;c", vec!["a", "b", "c"]),
            ("Acme, Inc; Bolt", vec!["Acme, Inc", "Bolt"]),
            ("red, green", vec!["red", "green"]),
            ("1,200", vec!["1,200"]),
            ("one", vec!["one"]),
            (" ; ", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(parse_list(text), items, "{text}");
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, number) in [
            ("12", 12.0),
            (" -3.5 ", -3.5),
            ("1,234,567.25", 1_234_567.25),
            ("$1,200", 1200.0),
            ("-$5", -5.0),
            ("99 EUR", 99.0),
            ("US$ 7", 7.0),
            ("7 US$", 7.0),
            ("12.5 %", 12.5),
            ("(300)", -300.0),
            ("1.5e3", 1500.0),
            (".5", 0.5),
        ] {
            assert_eq!(parse_number(text), Some(number), "{text}");
        }
    }

    #[test]
    fn texts_that_are_not_numbers() {
        for text in ["", "-", "NaN", "inf", "1,23", "1,2345", "12a", "1e999", "$", "%", "1 2", "--1", ",123", "0x10"] {
            assert_eq!(parse_number(text), None, "{text}");
        }
    }

    #[test]
    fn flags_in_any_case() {
        assert_eq!(parse_flag(" YES "), Some(true));
        assert_eq!(parse_flag("off"), Some(false));
        assert_eq!(parse_flag("maybe"), None);
    }

    #[test]
    fn dates_in_the_usual_spellings() {
        let day = Some(Date { days: 20_514 });
        for text in ["2026-03-02", "2026-03-02T10:00:00Z", "2026-03-02 10:00", "02.03.2026", "2026/03/02", "3/2/2026"] {
            assert_eq!(parse_date(text), day, "{text}");
        }
        for text in ["", "2026-13-01", "26-03-02", "2026-02-30", "2026-03", "abc", "1.2.3.4", "-1-2-2026"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        assert_eq!(Date { days: 20_514 }.to_string(), "2026-03-02");
        assert_eq!(Date { days: i32::MAX }.to_string(), format!("day {}", i32::MAX));
    }
}
