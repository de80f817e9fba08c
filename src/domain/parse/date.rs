//! Calendar days.

use jiff::civil;

use super::Parsed;
use crate::domain::{Date, level_key};

/// Names of months and their abbreviations: English, German, French, Spanish, Italian, Portuguese, Dutch.
const MONTHS: [&str; 12] = [
    "jan january januar janvier janv enero ene gennaio gen janeiro januari",
    "feb february februar février févr fév febrero febbraio fevereiro fev februari",
    "mar march märz mrz mär mars marzo março maart mrt",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "jun june juni juin junio giugno giu junho",
    "jul july juli juillet juil julio luglio lug julho",
    "aug august août agosto ago augustus",
    "sep sept september septembre septiembre settembre set setembro",
    "oct october okt oktober octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec december dez dezember décembre déc diciembre dic dicembre dezembro",
];

/// Reads a calendar day, such as `2026-11-22`, `22.11.2026`, `11/22/2026` or `22 Nov 2026`; where both orders are days, the month
/// comes first.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    read_date(text).map(|parsed| parsed.value)
}

/// Reads a calendar day: `2026-11-22`, also with a time behind it, `2026/11/22`, `22.11.2026`, `11/22/2026`, `22 Nov 2026`,
/// `November 22, 2026`. The year has four digits.
///
/// With slashes or dashes and the year at the end, the month comes first where both orders are days: `01/03/2019` is January
/// 3rd, and ambiguous; `22/11/2026` can only be November 22nd. Eight digits without separators are a number and no day.
pub(crate) fn read_date(text: &str) -> Option<Parsed<Date>> {
    let text = text.trim();
    read_numeric(text).or_else(|| with_month_name(text).map(Parsed::certain))
}

/// A day whose month is a number.
fn read_numeric(text: &str) -> Option<Parsed<Date>> {
    let day = match text.split_once(['T', ' ']) {
        Some((day, time)) => time.starts_with(|c: char| c.is_ascii_digit()).then_some(day)?,
        None => text,
    };
    let mark = day.chars().find(|c| !c.is_ascii_digit())?;
    let mut fields = day.split(mark);
    let [a, b, c] = [fields.next()?, fields.next()?, fields.next()?];
    match (mark, fields.next()) {
        ('-' | '/' | '.', None) if a.len() == 4 => civil_day(a, b, c).map(Parsed::certain),
        ('.', None) => civil_day(c, b, a).or_else(|| civil_day(c, a, b)).map(Parsed::certain),
        ('-' | '/', None) => match (civil_day(c, a, b), civil_day(c, b, a)) {
            (Some(month_first), Some(day_first)) => {
                Some(Parsed { value: month_first, ambiguous: month_first != day_first })
            }
            (one, other) => one.or(other).map(Parsed::certain),
        },
        _ => None,
    }
}

fn civil_day(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |field: &str| field.bytes().all(|byte| byte.is_ascii_digit());
    let sound = year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len());
    if !sound || ![year, month, day].into_iter().all(digits) {
        return None;
    }
    civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().map(Date::from_civil)
}

/// Day, month and year, or month, day and year, with anything usual between them.
fn with_month_name(text: &str) -> Option<Date> {
    let mut parts = text.split([' ', '-', '/', '.', ',']).filter(|part| !part.is_empty());
    let [first, second, year] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() {
        return None;
    }
    let (name, day) = if first.starts_with(|c: char| c.is_ascii_digit()) { (second, first) } else { (first, second) };
    let name = level_key(name);
    let month = MONTHS.iter().position(|names| names.split(' ').any(|known| known == name))? + 1;
    civil_day(year, &month.to_string(), day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_usual_spellings() {
        let day = Some(Parsed::certain(Date { days: 20_534 }));
        for text in [
            "2026-03-22",
            "2026-03-22T10:00:00Z",
            "2026-03-22 10:00",
            "22.03.2026",
            "22.3.2026",
            "2026/03/22",
            "2026.03.22",
            "3/22/2026",
            "22/3/2026",
            "22-03-2026",
            "22 Mar 2026",
            "22. März 2026",
            "March 22, 2026",
            "22-MAR-2026",
            "22 mars 2026",
        ] {
            assert_eq!(read_date(text), day, "{text}");
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
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
        assert_eq!(Date { days: 20_514 }.to_string(), "2026-03-02");
        assert_eq!(Date { days: i32::MAX }.to_string(), format!("day {}", i32::MAX));
    }

    #[test]
    fn a_month_that_could_be_a_day_comes_first() {
        for text in ["01/03/2019", "1-3-2019"] {
            let read = read_date(text).unwrap();
            assert_eq!((read.value.to_string().as_str(), read.ambiguous), ("2019-01-03", true), "{text}");
        }
        assert!(!read_date("03/03/2019").unwrap().ambiguous, "both orders are one day");
        assert!(!read_date("01.03.2019").unwrap().ambiguous, "with dots the day comes first");
    }
}
