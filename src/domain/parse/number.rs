//! Numbers as people and programs write them.

use super::Parsed;

/// Currency signs and codes that may stand before or after a number. `US$` comes before `$`, which it ends with.
const CURRENCIES: [&str; 17] =
    ["US$", "$", "€", "£", "¥", "₹", "USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN"];

/// What may stand between groups of three digits, besides a comma and a point.
const GROUP_MARKS: [char; 6] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];

/// Reads a finite number, such as `1234.5`, `1,234.50`, `1.234,50`, `$ 1,200`, `12 %` (as 12) or `(300)` (as -300).
#[must_use]
pub fn parse_number(text: &str) -> Option<f64> {
    read_number(text).map(|parsed| parsed.value)
}

/// Reads a finite number: `1234.5`, `1,234.50`, `1.234,50`, `1 234,5`, `1'234`, `3,5`, `$ 1,200`, `12 %` (as 12), `1.5e3`, `(300)`
/// (as -300).
///
/// One comma in front of exactly three digits is a thousands separator and one point a decimal point, where either could be the
/// other: `1,200` is 1200 and `1.200` is 1.2, both ambiguous.
pub(crate) fn read_number(text: &str) -> Option<Parsed<f64>> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return read_unsigned(inner).map(negated);
    }
    match text.strip_prefix('-').or_else(|| text.strip_prefix('\u{2212}')) {
        Some(rest) => read_unsigned(rest).map(negated),
        None => read_unsigned(text.strip_prefix('+').unwrap_or(text)),
    }
}

const fn negated(Parsed { value, ambiguous }: Parsed<f64>) -> Parsed<f64> {
    Parsed { value: -value, ambiguous }
}

fn read_unsigned(text: &str) -> Option<Parsed<f64>> {
    let bare = strip_currency(text.trim());
    let bare = bare.strip_suffix('%').unwrap_or(bare).trim_end();
    if !bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let parsed = match bare.parse() {
        Ok(value) => Parsed { value, ambiguous: could_be_thousands(bare, '.') },
        Err(_) => read_grouped(bare)?,
    };
    parsed.value.is_finite().then_some(parsed)
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

/// Whether a text is one to three digits without a leading zero, the mark, and exactly three digits.
fn could_be_thousands(text: &str, mark: char) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (5..=7).contains(&text.len())
        && !text.starts_with('0')
        && text.split_once(mark).is_some_and(|(whole, rest)| rest.len() == 3 && digits(whole) && digits(rest))
}

/// Numbers with a thousands separator, a decimal comma or both.
fn read_grouped(text: &str) -> Option<Parsed<f64>> {
    let last = text.rfind([',', '.']);
    let (whole, mark, rest) = match last {
        Some(at) => {
            let (whole, rest) = text.split_at_checked(at)?;
            (whole, rest.chars().next(), rest.get(1..)?)
        }
        None => (text, None, ""),
    };
    let other = if mark == Some(',') { '.' } else { ',' };
    let repeated = mark.is_some_and(|mark| whole.contains(mark));
    let group = GROUP_MARKS.into_iter().chain([other]).find(|candidate| whole.contains(*candidate));
    if could_be_thousands(text, ',') {
        return Some(Parsed { value: join(text, ',')?.parse().ok()?, ambiguous: true });
    }
    let number = match (mark, group) {
        // `1,234,567`: every mark separates groups.
        (Some(mark), None) if repeated => join(text, mark)?,
        (_, Some(_)) if repeated => return None,
        (None, Some(group)) => join(whole, group)?,
        (Some(_), Some(group)) => format!("{}.{}", join(whole, group)?, fraction(rest)?),
        (Some(_), None) if !whole.is_empty() && is_digits(whole) => format!("{whole}.{}", fraction(rest)?),
        (_, None) => return None,
    };
    number.parse().ok().map(Parsed::certain)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn fraction(text: &str) -> Option<&str> {
    (!text.is_empty() && is_digits(text)).then_some(text)
}

/// `12,345,678` without its separators; nothing where a group has not exactly three digits.
fn join(text: &str, mark: char) -> Option<String> {
    let mut groups = text.split(mark);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && is_digits(first))?;
    let mut joined = first.to_owned();
    for group in groups {
        if group.len() != 3 || !is_digits(group) {
            return None;
        }
        joined.push_str(group);
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (text, number) in [
            ("12", 12.0),
            (" -3.5 ", -3.5),
            ("1,234,567.25", 1_234_567.25),
            ("1.234.567,25", 1_234_567.25),
            ("1,234,567", 1_234_567.0),
            ("1.234.567", 1_234_567.0),
            ("1 234 567,25", 1_234_567.25),
            ("1\u{202f}234", 1234.0),
            ("1'234.50", 1234.5),
            ("1 234,567", 1234.567),
            ("3,5", 3.5),
            ("1,2345", 1.2345),
            ("1234,567", 1234.567),
            ("0,123", 0.123),
            ("0.123", 0.123),
            ("-$5", -5.0),
            ("99 EUR", 99.0),
            ("1.234,50 €", 1234.5),
            ("US$ 7", 7.0),
            ("7 US$", 7.0),
            ("12.5 %", 12.5),
            ("12,5%", 12.5),
            ("(300)", -300.0),
            ("1.5e3", 1500.0),
            (".5", 0.5),
            ("47.3769", 47.3769),
        ] {
            assert_eq!(read_number(text), Some(Parsed::certain(number)), "{text}");
        }
    }

    #[test]
    fn one_mark_before_three_digits_could_be_either() {
        for (text, number) in
            [("1,200", 1200.0), ("1.200", 1.2), ("$1,200", 1200.0), ("-12.345 %", -12.345), ("123,456", 123_456.0)]
        {
            assert_eq!(read_number(text), Some(Parsed { value: number, ambiguous: true }), "{text}");
        }
    }

    #[test]
    fn texts_that_are_not_numbers() {
        for text in [
            "",
            "-",
            "NaN",
            "inf",
            "12a",
            "1e999",
            "$",
            "%",
            "1 2",
            "--1",
            ",123",
            "0x10",
            "1,",
            "1,2,3",
            "1,2.3,4",
            "1.2.3",
            "1,23.4",
            "1 234 56",
            "12 34,5",
            "1,5e3",
            "1.234,5.6",
        ] {
            assert_eq!(read_number(text), None, "{text}");
        }
    }

    proptest! {
        /// The way of programs is never ambiguous but in front of three digits, and reads back.
        #[test]
        fn every_number_reads_back(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
            prop_assert_eq!(parse_number(&number.to_string()), Some(number));
        }

        #[test]
        fn grouped_numbers_are_one_number(whole in 1_000_000..999_999_999_u32, cents in 0..100_u8) {
            let digits = whole.to_string();
            let head = digits.len() % 3;
            let groups: Vec<&str> = [&digits[..head]].into_iter().filter(|head| !head.is_empty())
                .chain((head..digits.len()).step_by(3).map(|at| &digits[at..at + 3])).collect();
            let expected: f64 = format!("{digits}.{cents:02}").parse().unwrap();
            for (group, point) in [(",", '.'), (".", ','), (" ", ','), ("'", '.'), ("\u{a0}", ',')] {
                let text = format!("{}{point}{cents:02}", groups.join(group));
                prop_assert_eq!(read_number(&text), Some(Parsed::certain(expected)), "{}", text);
            }
        }
    }
}
