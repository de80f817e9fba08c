//! Calendar days.

use jiff::civil::{self, ISOWeekDate, Weekday};

use super::{DateOrder, Parsed};
use crate::{Date, level_key};

/// Month names and their abbreviations: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish.
const MONTHS: [&str; 12] = [
    "jan january januar jänner janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty",
    "feb february februar février fevrier févr fevr fév febrero febbraio fevereiro fev februari luty lutego lut",
    "mar march märz maerz mrz mär mars marzo março marco maart mrt marzec marca",
    "apr april avril avr abril abr aprile kwiecień kwietnia kwi",
    "may mai mayo maggio mag maio mei maj maja",
    "jun june juni juin junio giugno giu junho czerwiec czerwca cze",
    "jul july juli juillet juil julio luglio lug julho lipiec lipca lip",
    "aug august août aout agosto ago augustus augusti sierpień sierpnia sie",
    "sep sept september septembre septiembre setiembre settembre set setembro wrzesień września wrz",
    "oct october okt oktober octobre octubre ottobre ott outubro out październik października paź",
    "nov november novembre noviembre novembro listopad listopada lis",
    "dec december dez dezember décembre decembre déc diciembre dic dicembre dezembro grudzień grudnia gru",
];

/// The first two-digit year of the 1900s, as in POSIX: `68` is 2068 and `69` is 1969.
const CENTURY_PIVOT: i16 = 69;

/// The serial number of 1970-01-01 in spreadsheets, and their largest serial number.
const UNIX_EPOCH_SERIAL: f64 = 25_569.0;
const MAX_SERIAL: f64 = 2_958_465.0;

/// Reads a calendar day, such as `2026-11-22`, `22.11.2026`, `11/22/2026` or `22 Nov 2026`. An ambiguous text has the
/// month first, or the day first with dots.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    read_date(text, None).map(|parsed| parsed.value)
}

/// Reads a calendar day: `2026-11-22`, optionally followed by a time, `2026/11/22`, `22.11.2026`, `11/22/2026`,
/// `22 Nov 2026`, `November 22, 2026`.
///
/// A text whose numbers are valid in more than one order is read in the given order. Without an order, the day comes
/// first with dots, and the month with slashes or dashes: `01/03/2019` is January 3rd, and ambiguous, while
/// `22/11/2026` can only be November 22nd. With an order, years can have two digits, and a quarter (`Q3 2022`), an ISO
/// week (`2022-W28`) or a month (`07/2022`) is its first day. Eight digits are a day only with
/// [`DateOrder::YearFirst`], and other numbers only with [`DateOrder::Serial`].
pub fn read_date(text: &str, order: Option<DateOrder>) -> Option<Parsed<Date>> {
    let text = text.trim();
    match (DateReadings::new(text, order.is_some())?, order) {
        (DateReadings::One(day), _) => Some(Parsed::unambiguous(day)),
        (DateReadings::Number { serial, compact }, Some(order)) => {
            let day =
                if order == DateOrder::Serial { serial } else { compact.filter(|_| order == DateOrder::YearFirst) };
            day.map(Parsed::unambiguous)
        }
        (DateReadings::Number { .. }, None) => None,
        (DateReadings::Ordered { mark, days }, None) => {
            let dots = mark == '.';
            let default = if dots { DateOrder::DayFirst } else { DateOrder::MonthFirst };
            let value = days.get(default).or_else(|| days.unambiguous())?;
            Some(Parsed { value, ambiguous: !dots && days.unambiguous().is_none() })
        }
        (DateReadings::Ordered { days, .. }, Some(order)) => {
            days.get(order).or_else(|| days.unambiguous()).map(Parsed::unambiguous)
        }
    }
}

/// The possible days of a text, in ISO 8601: `2024-01-03 or 2024-03-01`. `None` if it is not a day, or a number alone.
pub fn possible_dates(text: &str) -> Option<String> {
    let days: Vec<Date> = match DateReadings::new(text.trim(), true)? {
        DateReadings::One(day) => vec![day],
        DateReadings::Ordered { days, .. } => [DateOrder::MonthFirst, DateOrder::DayFirst, DateOrder::YearFirst]
            .into_iter()
            .filter_map(|order| days.get(order))
            .collect(),
        DateReadings::Number { .. } => return None,
    };
    let mut readings: Vec<String> = Vec::new();
    for day in days.iter().map(Date::to_string) {
        if !readings.contains(&day) {
            readings.push(day);
        }
    }
    (!readings.is_empty()).then(|| readings.join(" or "))
}

/// The possible days of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateReadings {
    /// The same day in any order.
    One(Date),
    /// Three numbers, with the year last or of two digits.
    Ordered {
        /// The separator: a dash, a slash or a dot.
        mark: char,
        /// The day in each order.
        days: OrderedDays,
    },
    /// A number, which is a day only as a spreadsheet serial number or with eight digits.
    Number {
        /// The day of this spreadsheet serial number.
        serial: Option<Date>,
        /// The day as eight digits: year, month and day.
        compact: Option<Date>,
    },
}

/// The day in each order; `None` if the numbers are not a day in that order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderedDays {
    mdy: Option<Date>,
    dmy: Option<Date>,
    ymd: Option<Date>,
}

impl OrderedDays {
    /// The day in this order.
    #[must_use]
    pub const fn get(self, order: DateOrder) -> Option<Date> {
        match order {
            DateOrder::MonthFirst => self.mdy,
            DateOrder::DayFirst => self.dmy,
            DateOrder::YearFirst => self.ymd,
            DateOrder::Serial => None,
        }
    }

    /// The day, if it is the same in all orders in which it is valid.
    fn unambiguous(self) -> Option<Date> {
        let mut days = [self.mdy, self.dmy, self.ymd].into_iter().flatten();
        let first = days.next()?;
        days.all(|day| day == first).then_some(first)
    }
}

impl DateReadings {
    /// Reads a text in all orders. `wide` also accepts two-digit years, periods and numbers.
    #[must_use]
    pub fn new(text: &str, wide: bool) -> Option<Self> {
        let numeric =
            || Self::parse_numeric(text, wide).or_else(|| Self::parse_numeric(&text.replace(". ", "."), wide));
        let number = || Self::parse_serial(text).filter(|_| wide);
        let period = || parse_period(text).filter(|_| wide).map(Self::One);
        numeric().or_else(|| parse_with_month_name(text, wide).map(Self::One)).or_else(number).or_else(period)
    }

    /// Reads a day whose month is a number.
    fn parse_numeric(text: &str, wide: bool) -> Option<Self> {
        let day = match text.split_once(['T', ' ', ',']) {
            Some((day, time)) => {
                let time = time.trim_start_matches([' ', ',', '-']);
                time.starts_with(|c: char| c.is_ascii_digit()).then_some(day)?
            }
            None => text,
        };
        let mark = day.chars().find(|c| !c.is_ascii_digit())?;
        let mut fields = day.split(mark);
        let [a, b, c] = [fields.next()?, fields.next()?, fields.next()?];
        if !matches!(mark, '-' | '/' | '.') || fields.next().is_some() {
            return None;
        }
        if a.len() == 4 {
            return civil_day(a, b, c, wide).map(Self::One);
        }
        let days =
            OrderedDays { mdy: civil_day(c, a, b, wide), dmy: civil_day(c, b, a, wide), ymd: civil_day(a, b, c, wide) };
        (days != OrderedDays::default()).then_some(Self::Ordered { mark, days })
    }

    /// Reads a number alone, optionally with decimals for the time of day.
    fn parse_serial(text: &str) -> Option<Self> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, time) = text.split_once(['.', ',']).unwrap_or((text, "0"));
        if !digits(whole) || !digits(time) {
            return None;
        }
        let serial = whole.parse().ok().filter(|serial| (1.0..=MAX_SERIAL).contains(serial));
        let serial = serial.map(|serial: f64| Date { days: (serial - UNIX_EPOCH_SERIAL) as i32 });
        let part = |from, to| whole.get(from..to);
        let compact = || civil_day(part(0, 4)?, part(4, 6)?, part(6, 8)?, false);
        let compact = if whole.len() == 8 && whole == text { compact() } else { None };
        Some(Self::Number { serial, compact })
    }
}

fn civil_day(year: &str, month: &str, day: &str, wide: bool) -> Option<Date> {
    let digits = |field: &str| field.bytes().all(|byte| byte.is_ascii_digit());
    let sound =
        (year.len() == 4 || wide && year.len() == 2) && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len());
    if !sound || ![year, month, day].into_iter().all(digits) {
        return None;
    }
    civil::Date::new(full_year(year)?, month.parse().ok()?, day.parse().ok()?).ok().map(Date::from_civil)
}

fn full_year(year: &str) -> Option<i16> {
    let number: i16 = year.parse().ok()?;
    Some(match number {
        _ if year.len() != 2 => number,
        _ if number < CENTURY_PIVOT => 2000 + number,
        _ => 1900 + number,
    })
}

/// The parts of a day, without common separators and filler words.
fn date_parts(text: &str) -> impl Iterator<Item = &str> {
    let split = text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '.' | ','));
    split.filter(|part| !matches!(*part, "" | "de" | "del" | "of"))
}

fn month_number(name: &str) -> Option<&'static str> {
    const MONTH_NUMBERS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
    let name = level_key(name);
    let place = MONTHS.iter().position(|names| names.split(' ').any(|known| known == name))?;
    MONTH_NUMBERS.get(place).copied()
}

/// Reads day, month and year; month, day and year; or year, month and day; optionally followed by a time.
fn parse_with_month_name(text: &str, wide: bool) -> Option<Date> {
    let mut parts = date_parts(text);
    let [first, second, third] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some_and(|time| !time.contains(':') || !time.starts_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let number = first.starts_with(|c: char| c.is_ascii_digit());
    let (name, day, year) = match number {
        true if first.len() == 4 && first.bytes().all(|byte| byte.is_ascii_digit()) => (second, third, first),
        true => (second, first, third),
        false => (first, second, third),
    };
    // Look up month names only between numbers.
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let day = strip_ordinal(day);
    if !(1..=2).contains(&day.len()) || !is_number(day) || !is_number(year) {
        return None;
    }
    civil_day(year, month_number(name)?, day, wide)
}

/// Removes the ordinal suffix of `16th` or `1er`.
fn strip_ordinal(day: &str) -> &str {
    ["st", "nd", "rd", "th", "er", "º"].iter().find_map(|ending| day.strip_suffix(ending)).unwrap_or(day)
}

/// Reads the first day of a quarter, an ISO week or a month.
fn parse_period(text: &str) -> Option<Date> {
    let (mut first, mut second) = {
        let mut parts = date_parts(text);
        let pair = (parts.next()?, parts.next().unwrap_or(""));
        if parts.next().is_some() {
            return None;
        }
        pair
    };
    if second.is_empty() {
        // `2022Q3`, `2022W28`.
        (first, second) = first.split_at_checked(4)?;
    }
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (year, part) = if is_year(first) { (first, second) } else { (second, first) };
    let two_digits = year.len() == 2 && year.bytes().all(|byte| byte.is_ascii_digit());
    let behind_name = two_digits && part.starts_with(|c: char| c.is_alphabetic());
    (is_year(year) || behind_name).then_some(())?;
    let rest = |letters: &[char]| part.strip_prefix(letters).and_then(|rest| rest.parse::<i8>().ok());
    if let Some(quarter) = rest(&['Q', 'q', 'T']).filter(|quarter| (1..=4).contains(quarter)) {
        return civil::Date::new(full_year(year)?, quarter * 3 - 2, 1).ok().map(Date::from_civil);
    }
    if let Some(week) = rest(&['W', 'w']) {
        return ISOWeekDate::new(full_year(year)?, week, Weekday::Monday)
            .ok()
            .map(|week| Date::from_civil(week.date()));
    }
    let number = part.bytes().all(|byte| byte.is_ascii_digit()).then_some(part);
    civil_day(year, number.or_else(|| month_number(part))?, "1", true)
}

#[cfg(test)]
mod tests {
    use DateOrder::{DayFirst, MonthFirst, Serial, YearFirst};

    use super::*;

    fn day(text: &str, order: Option<DateOrder>) -> Option<String> {
        read_date(text, order).map(|parsed| parsed.value.to_string())
    }

    #[test]
    fn dates_in_the_usual_spellings() {
        let day = Some(Parsed::unambiguous(Date { days: 20_534 }));
        for text in [
            "2026-03-22",
            "2026-03-22T10:00:00Z",
            "2026-03-22 10:00",
            "22.03.2026",
            "22.3.2026",
            "22. 3. 2026",
            "2026/03/22",
            "2026.03.22",
            "3/22/2026",
            "3/22/2026, 10:22 AM",
            "22/3/2026",
            "22-03-2026",
            "22 Mar 2026",
            "22 Mar 2026 10:22",
            "22. März 2026",
            "March 22, 2026",
            "March 22nd, 2026",
            "22-MAR-2026",
            "2026-Mar-22",
            "22 mars 2026",
            "22 de março de 2026",
            "22 marca 2026",
            "22 mrt. 2026",
        ] {
            assert_eq!(read_date(text, None), day, "{text}");
            assert_eq!(read_date(text, Some(MonthFirst)), day, "{text}: an unambiguous text is read in any order");
        }
        for text in [
            "",
            "2026-13-01",
            "26-03-02",
            "2026-02-30",
            "2026-03",
            "abc",
            "1.2.3.4",
            "-1-2-2026",
            "20190301",
            "2026-03-02 or later",
            "2026-03-02 x",
            "22 Mar",
            "22 Foo 2026",
            "12/2026",
            "1/2-2026",
            "22 Mar 26",
            "Q3 2022",
        ] {
            assert_eq!(read_date(text, None), None, "{text}");
        }
        assert_eq!(Date { days: 20_514 }.to_string(), "2026-03-02");
        assert_eq!(Date { days: i32::MAX }.to_string(), format!("day {}", i32::MAX));
    }

    #[test]
    fn a_month_that_could_be_a_day_comes_first() {
        for text in ["01/03/2019", "1-3-2019"] {
            let read = read_date(text, None).unwrap();
            assert_eq!((read.value.to_string().as_str(), read.ambiguous), ("2019-01-03", true), "{text}");
        }
        assert!(!read_date("03/03/2019", None).unwrap().ambiguous, "both orders are the same day");
        assert!(!read_date("01.03.2019", None).unwrap().ambiguous, "with dots the day comes first");
    }

    #[test]
    fn an_order_decides_what_texts_leave_open() {
        for (text, order, expected) in [
            ("01/03/2019", DayFirst, Some("2019-03-01")),
            ("01/03/2019", MonthFirst, Some("2019-01-03")),
            ("01.03.2019", MonthFirst, Some("2019-01-03")),
            ("7/16/22", MonthFirst, Some("2022-07-16")),
            ("16.07.68", DayFirst, Some("2068-07-16")),
            ("16.07.69", DayFirst, Some("1969-07-16")),
            ("22-07-16", YearFirst, Some("2022-07-16")),
            ("16-Jul-22", DayFirst, Some("2022-07-16")),
            ("20220716", YearFirst, Some("2022-07-16")),
            ("20220716", DayFirst, None),
            ("44758", Serial, Some("2022-07-16")),
            ("44758.5", Serial, Some("2022-07-16")),
            ("44758", DayFirst, None),
            ("Q3 2022", DayFirst, Some("2022-07-01")),
            ("2022-Q3", DayFirst, Some("2022-07-01")),
            ("2022W28", DayFirst, Some("2022-07-11")),
            ("07/2022", DayFirst, Some("2022-07-01")),
            ("Jul-22", DayFirst, Some("2022-07-01")),
            ("2022-07", DayFirst, Some("2022-07-01")),
            ("Q5 2022", DayFirst, None),
            ("1.5", DayFirst, None),
            ("2022", DayFirst, None),
        ] {
            assert_eq!(day(text, Some(order)).as_deref(), expected, "{text} {}", order.key());
        }
    }
}
