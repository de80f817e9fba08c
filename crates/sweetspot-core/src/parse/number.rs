//! Numbers as written by people and programs.

use super::currency::{CURRENCIES, currency_decimal_mark};
use super::{DecimalMark, Parsed};

/// Words and letters after a number that multiply it, in lower case without a final point, and the power of ten. `m`,
/// `t` and `T` require a currency, `b` and `B` a currency or decimals: `12B` can be a house number.
const MAGNITUDES: [(&str, u8); 29] = [
    ("k", 3),
    ("tsd", 3),
    ("t", 3),
    ("tys", 3),
    ("thousand", 3),
    ("lakh", 5),
    ("lac", 5),
    ("lakhs", 5),
    ("m", 6),
    ("mn", 6),
    ("mm", 6),
    ("mio", 6),
    ("mill", 6),
    ("mln", 6),
    ("milj", 6),
    ("million", 6),
    ("millionen", 6),
    ("millions", 6),
    ("cr", 7),
    ("crore", 7),
    ("crores", 7),
    ("b", 9),
    ("bn", 9),
    ("mrd", 9),
    ("mld", 9),
    ("mia", 9),
    ("billion", 9),
    ("md", 9),
    ("milliarden", 9),
];

/// Reads a finite number, such as `1234.5`, `1,234.50`, `1.234,50`, `$ 1,200`, `7.4M`, `12 %` (as 12) or `(300)`
/// (as -300).
#[must_use]
pub fn parse_number(text: &str) -> Option<f64> {
    read_number(text, None).map(|parsed| parsed.value)
}

/// Reads a finite number: `1234.5`, `1,234.50`, `1.234,50`, `1 234,5`, `1'234`, `12,34,567`, `3,5`, `$ 1,200`, `7.4M`,
/// `12 %` (as 12), `1.5e3`, `(300)` and `300-` (as -300), `CHF 25.-`.
///
/// A text with a single mark before three digits can have a decimal point or a decimal comma; the given mark is used:
/// `1,200` is 1200 with a decimal point and 1.2 with a decimal comma. Without a given mark it has a decimal point, and
/// is ambiguous.
#[must_use]
pub fn read_number(text: &str, decimal: Option<DecimalMark>) -> Option<Parsed<f64>> {
    let NumberReadings { point, comma } = NumberReadings::new(text);
    match (point, comma, decimal) {
        (Some(point), Some(comma), None) => Some(Parsed { value: point, ambiguous: point != comma }),
        (Some(_), Some(value), Some(DecimalMark::Comma)) | (Some(value), _, _) | (None, Some(value), _) => {
            Some(Parsed::unambiguous(value))
        }
        (None, None, _) => None,
    }
}

/// A text read with a decimal point and with a decimal comma; `None` if it is invalid with that mark.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NumberReadings {
    /// The number where a point is the decimal mark.
    pub point: Option<f64>,
    /// The number where a comma is the decimal mark.
    pub comma: Option<f64>,
}

impl NumberReadings {
    /// Reads a text with both decimal marks.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let Some(amount) = AmountText::split(text) else { return Self::default() };
        let point = amount.number(DecimalMark::Point);
        // Most numbers are whole, which are the same with both marks.
        let comma = if amount.is_whole() { point } else { amount.number(DecimalMark::Comma) };
        Self { point, comma }
    }

    /// The number; `None` if it depends on the decimal mark, or the text is not a number.
    #[must_use]
    pub fn unambiguous(self) -> Option<f64> {
        self.point.or(self.comma).filter(|_| !self.differ())
    }

    /// The only possible decimal mark of the text; `None` if both are possible, or it is not a number.
    #[must_use]
    pub fn only_mark(self) -> Option<DecimalMark> {
        match (self.point, self.comma) {
            (Some(_), None) => Some(DecimalMark::Point),
            (None, Some(_)) => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    /// Whether the two readings are different numbers.
    #[must_use]
    pub fn differ(self) -> bool {
        self.point.zip(self.comma).is_some_and(|(point, comma)| point != comma)
    }
}

/// The currency (ISO 4217) next to a number.
#[must_use]
pub fn find_currency(text: &str) -> Option<&'static str> {
    AmountText::split(text)
        .filter(|amount| amount.number(DecimalMark::Point).or(amount.number(DecimalMark::Comma)).is_some())?
        .currency
}

/// The decimal mark of the countries with the currency of a text; `None` if they differ.
pub fn usual_decimal_mark(text: &str) -> Option<DecimalMark> {
    AmountText::split(text)?.currency.and_then(currency_decimal_mark)
}

/// The digits of an amount and the signs around them.
#[derive(Clone, Copy, Debug, Default)]
struct AmountText<'a> {
    digits: &'a str,
    negative: bool,
    currency: Option<&'static str>,
    percent: bool,
    magnitude: Option<u8>,
}

impl<'a> AmountText<'a> {
    fn split(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let bare = |text: &str| {
            let ends = (text.as_bytes().first(), text.as_bytes().last());
            matches!(ends, (Some(first), Some(last)) if first.is_ascii_digit() && last.is_ascii_digit())
        };
        // Most numbers have no signs.
        if bare(text) {
            return Some(Self { digits: text, ..Self::default() });
        }
        let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let mut amount = Self { digits: inner.unwrap_or(text), ..Self::default() };
        let mut signed = inner.is_some();
        amount.negative = signed;
        amount.strip_front(&mut signed)?;
        amount.strip_back(&mut signed)?;
        amount.digits.starts_with(|c: char| c.is_ascii_digit() || c == '.').then_some(amount)
    }

    /// Removes a sign and a currency, in either order.
    fn strip_front(&mut self, signed: &mut bool) -> Option<()> {
        loop {
            self.digits = self.digits.trim_start();
            if self.digits.starts_with(|c: char| c.is_ascii_digit()) {
                return Some(());
            }
            if let Some(rest) = self.digits.strip_prefix(['-', '+', '\u{2212}']).filter(|_| !*signed) {
                self.negative = !self.digits.starts_with('+');
                (*signed, self.digits) = (true, rest);
            } else if let Some((sign, code)) =
                CURRENCIES.iter().find(|(sign, _)| self.currency.is_none() && self.digits.starts_with(sign))
            {
                self.currency = Some(code);
                self.digits = self.digits.get(sign.len()..)?;
            } else {
                return Some(());
            }
        }
    }

    /// Removes a percent sign, a currency, a magnitude, and a minus after the number.
    fn strip_back(&mut self, signed: &mut bool) -> Option<()> {
        loop {
            self.digits = self.digits.trim_end();
            if self.digits.ends_with(|c: char| c.is_ascii_digit()) {
                return Some(());
            }
            // Swiss and Swedish amounts without decimals: `25.-`, `25,–`.
            let integer =
                ['-', '–', '—'].iter().find_map(|dash| self.digits.strip_suffix(*dash)?.strip_suffix(['.', ',']));
            if let Some(rest) = integer {
                self.digits = rest;
            } else if let Some(rest) = self.digits.strip_suffix(['-', '\u{2212}']).filter(|_| !*signed) {
                (*signed, self.negative, self.digits) = (true, true, rest);
            } else if let Some(rest) = self.digits.strip_suffix('%').filter(|_| !self.percent) {
                (self.percent, self.digits) = (true, rest);
            } else if let Some((rest, code)) = self.trailing_currency() {
                (self.currency, self.digits) = (Some(code), rest);
            } else if let Some((rest, power)) = self.trailing_magnitude() {
                (self.magnitude, self.digits) = (Some(power), rest);
            } else {
                return Some(());
            }
        }
    }

    fn trailing_currency(&self) -> Option<(&'a str, &'static str)> {
        let mut found = CURRENCIES.iter().filter(|_| self.currency.is_none());
        found.find_map(|(sign, code)| Some((self.digits.strip_suffix(sign)?, *code)))
    }

    fn trailing_magnitude(&self) -> Option<(&'a str, u8)> {
        let text = self.digits.strip_suffix('.').unwrap_or(self.digits);
        let rest = text.trim_end_matches(char::is_alphabetic);
        let word = text.get(rest.len()..)?;
        let beside_currency = self.currency.is_some();
        let allowed = match word {
            "m" | "t" | "T" => beside_currency,
            "b" | "B" => beside_currency || rest.contains(['.', ',']),
            _ => true,
        };
        let lower = word.to_lowercase();
        let known = MAGNITUDES.iter().find(|(known, _)| allowed && self.magnitude.is_none() && *known == lower);
        known.map(|(_, power)| (rest, *power))
    }

    /// Whether it consists of digits only, apart from the signs around them.
    fn is_whole(&self) -> bool {
        self.magnitude.is_none() && is_digits(self.digits)
    }

    /// The number, with this decimal mark.
    fn number(&self, decimal: DecimalMark) -> Option<f64> {
        let plain = || self.digits.parse::<f64>().ok();
        let number = match (decimal, self.magnitude) {
            _ if self.is_whole() => plain()?,
            (DecimalMark::Point, None) => plain().or_else(|| self.parse_grouped(decimal))?,
            // Programs write exponents with a decimal point, or without a mark.
            (DecimalMark::Comma, None) if self.digits.contains(['e', 'E']) && !self.digits.contains('.') => plain()?,
            _ => self.parse_grouped(decimal)?,
        };
        let number = if self.negative { -number } else { number };
        number.is_finite().then_some(number)
    }

    /// Reads a number with valid groups, and with digits only as decimals.
    fn parse_grouped(&self, decimal: DecimalMark) -> Option<f64> {
        let (integer, fraction) = match self.digits.split_once(decimal.char()) {
            Some((_, fraction)) if fraction.is_empty() || !is_digits(fraction) => return None,
            Some(parts) => parts,
            None => (self.digits, "0"),
        };
        let integer = if integer.is_empty() && decimal == DecimalMark::Point {
            "0".to_owned()
        } else {
            ungroup(integer, decimal)?
        };
        // Parsed as text, so that `7.4M` is the number nearest to 7,400,000.
        format!("{integer}.{fraction}e{}", self.magnitude.unwrap_or(0)).parse().ok()
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The normalized group separator.
fn group_mark(c: char) -> char {
    match c {
        '’' | '\u{2bc}' | '`' | '´' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Removes the separators of a whole number: groups of three digits, or with commas as in India. `None` if a group has
/// another length, or separators differ.
fn ungroup(text: &str, decimal: DecimalMark) -> Option<String> {
    if is_digits(text) {
        return Some(text.to_owned());
    }
    let mark = group_mark(text.chars().find(|c| !c.is_ascii_digit())?);
    let thousands = decimal.other().char();
    if ![thousands, ' ', '\''].contains(&mark) {
        return None;
    }
    if text.rsplit(|c| group_mark(c) == mark).next().is_none_or(|last| last.len() != 3) {
        return None;
    }
    let groups: Vec<&str> = text.split(|c| group_mark(c) == mark).collect();
    let [first, middle @ .., _] = &groups[..] else { return None };
    let digits = groups.iter().all(|group| is_digits(group)) && !first.starts_with('0');
    let by_three = (1..=3).contains(&first.len()) && middle.iter().all(|group| group.len() == 3);
    let indian = mark == ','
        && (1..=2).contains(&first.len())
        && !middle.is_empty()
        && middle.iter().all(|group| group.len() == 2);
    (digits && (by_three || indian)).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use DecimalMark::{Comma, Point};
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<Parsed<f64>> {
        read_number(text, None)
    }

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
            ("1\u{2009}234\u{a0}567", 1_234_567.0),
            ("1'234.50", 1234.5),
            ("CHF 1’234’567.–", 1_234_567.0),
            ("25,-", 25.0),
            ("12,34,567.50", 1_234_567.5),
            ("₹1,23,456", 123_456.0),
            ("1 234,567", 1234.567),
            ("3,5", 3.5),
            ("1,2345", 1.2345),
            ("1234,567", 1234.567),
            ("0,123", 0.123),
            ("0.123", 0.123),
            ("-$5", -5.0),
            ("€ -5", -5.0),
            ("300-", -300.0),
            ("1.234,50-", -1234.5),
            ("\u{2212}4", -4.0),
            ("99 EUR", 99.0),
            ("1.234,50 €", 1234.5),
            ("R$ 1.234,50", 1234.5),
            ("1 234,50 zł", 1234.5),
            ("1 234 kr", 1234.0),
            ("Rs.500", 500.0),
            ("US$ 7", 7.0),
            ("7 US$", 7.0),
            ("$7.4M", 7_400_000.0),
            ("7,4 Mio. €", 7_400_000.0),
            ("1,2 Mrd", 1_200_000_000.0),
            ("1.1k", 1100.0),
            ("$2B", 2_000_000_000.0),
            ("3.5bn", 3_500_000_000.0),
            ("£4m", 4_000_000.0),
            ("2,5 Tsd. EUR", 2500.0),
            ("5 cr", 50_000_000.0),
            ("12.5 %", 12.5),
            ("12,5%", 12.5),
            ("(300)", -300.0),
            ("($1,234.50)", -1234.5),
            ("1.5e3", 1500.0),
            ("1E+17", 1e17),
            (".5", 0.5),
            ("47.3769", 47.3769),
        ] {
            assert_eq!(read(text), Some(Parsed::unambiguous(number)), "{text}");
        }
    }

    #[test]
    fn one_mark_before_three_digits_is_read_as_the_column_is_written() {
        for (text, point, comma) in [
            ("1,200", 1200.0, 1.2),
            ("1.200", 1.2, 1200.0),
            ("$1,200", 1200.0, 1.2),
            ("-12.345 %", -12.345, -12_345.0),
            ("123,456", 123_456.0, 123.456),
            ("1,250M", 1_250_000_000.0, 1_250_000.0),
        ] {
            assert_eq!(read(text), Some(Parsed { value: point, ambiguous: true }), "{text}");
            assert_eq!(read_number(text, Some(Point)), Some(Parsed::unambiguous(point)), "{text}");
            assert_eq!(read_number(text, Some(Comma)), Some(Parsed::unambiguous(comma)), "{text}");
            assert!(NumberReadings::new(text).differ() && NumberReadings::new(text).only_mark().is_none(), "{text}");
        }
        for (text, mark) in [("1.234,5", Comma), ("1.234.567", Comma), ("1234.5", Point), ("1,234,567", Point)] {
            assert_eq!(NumberReadings::new(text).only_mark(), Some(mark), "{text}");
            assert_eq!(read_number(text, Some(mark.other())), read(text), "an unambiguous text is read with any mark");
        }
        assert_eq!(NumberReadings::new("1 234").only_mark(), None);
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
            "-(5)",
            "(-5)",
            "-5-",
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
            "1 234'567",
            "12B",
            "5m",
            "10-20",
            "2022-07-16",
            "EUR USD 5",
            "5 % %",
            "k",
            "M5",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn currencies_beside_numbers() {
        for (text, code, mark) in [
            ("$1,200", Some("USD"), Some(Point)),
            ("1200 EUR", Some("EUR"), None),
            ("(£5)", Some("GBP"), Some(Point)),
            ("R$ 5", Some("BRL"), Some(Comma)),
            ("1,200.5", None, None),
            ("12 %", None, None),
        ] {
            assert_eq!((find_currency(text), usual_decimal_mark(text)), (code, mark), "{text}");
        }
        assert_eq!(find_currency("EUR"), None);
    }

    #[test]
    fn a_sign_that_ends_with_another_one_comes_first() {
        for (place, (sign, _)) in CURRENCIES.iter().enumerate() {
            for (earlier, _) in CURRENCIES.iter().take(place) {
                assert!(!sign.ends_with(earlier) && !sign.starts_with(earlier), "{sign} is hidden by {earlier}");
            }
        }
    }

    proptest! {
        /// Numbers written by programs are read back.
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
            for (group, point) in [(",", '.'), (".", ','), (" ", ','), ("'", '.'), ("\u{a0}", ','), ("’", ',')] {
                let text = format!("{}{point}{cents:02}", groups.join(group));
                prop_assert_eq!(read(&text), Some(Parsed::unambiguous(expected)), "{}", text);
            }
        }
    }
}
