//! Numbers that are years or days: 2017 has no thousands separator, and day 17270 is 2017-04-14.

use super::{AttributeKind, Condition, Date, NullableVec, Test, name_words};

/// The values of a column of years.
const YEAR_RANGE: std::ops::RangeInclusive<f64> = 1900.0..=2100.0;

/// The days since 1970 of a condition's bounds if its attribute is named like a date: 1980 to 2069.
const DAY_RANGE: std::ops::RangeInclusive<f64> = 3652.0..=36_524.0;

/// Words in the name of an attribute with years.
const YEAR_WORDS: [&str; 6] = ["year", "years", "founded", "established", "born", "vintage"];

/// Words in the name of an attribute with dates. The last words `at` and `on` also indicate a date.
const DATE_WORDS: [&str; 9] =
    ["date", "birthday", "since", "founded", "established", "incorporated", "joined", "signed", "registered"];

/// Words that indicate a number instead, as in "days since the last visit".
const NUMBER_WORDS: [&str; 8] = ["days", "weeks", "months", "number", "count", "amount", "share", "of"];

/// Whether an attribute's numbers are years: whole numbers from 1900 to 2100, or from 0 to 2100 if its name indicates a
/// year.
#[must_use]
pub fn are_years(name: &str, min: f64, max: f64, is_whole: bool) -> bool {
    is_whole && YEAR_RANGE.contains(&max) && (YEAR_RANGE.contains(&min) || (min >= 0.0 && is_year_name(name)))
}

/// Whether a column's numbers are years, as in [`are_years`].
#[must_use]
pub fn is_year_column(name: &str, numbers: &NullableVec<f64>) -> bool {
    let known = || numbers.iter().flatten();
    let (min, max) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), n| (a.min(n), b.max(n)));
    are_years(name, min, max, known().all(|number| number.fract() == 0.0))
}

/// Whether the bounds of a condition on an attribute with this name are years.
#[must_use]
pub fn has_year_bounds(Condition { attribute, test }: &Condition) -> bool {
    let Test::Range { gte, lt } = test else { return false };
    let year = |bound: &f64| YEAR_RANGE.contains(bound) && bound.fract() == 0.0;
    is_year_name(attribute) && gte.iter().chain(lt).all(year)
}

/// Describes a range whose bounds are days since 1970: `before 2017-04-03`. `None` if the bounds are numbers, or there
/// are none.
///
/// A condition does not store the kind of its attribute, but a version or a dataset does. If `kind` is `None`, the
/// bounds are days if the attribute is named like a date and each bound is a day from 1980 to 2069.
pub fn date_range_phrase(
    attribute: &str,
    kind: Option<AttributeKind>,
    gte: Option<f64>,
    lt: Option<f64>,
) -> Option<String> {
    let is_day = |bound: &f64| DAY_RANGE.contains(bound) && bound.fract() == 0.0;
    let are_days = match kind {
        Some(kind) => kind == AttributeKind::Date,
        None => is_date_name(attribute) && gte.iter().chain(&lt).all(is_day),
    };
    match (gte.map(date_from_days), lt.map(date_from_days)) {
        _ if !are_days => None,
        (Some(gte), Some(lt)) => Some(format!("{gte} to before {lt}")),
        (Some(gte), None) => Some(format!("{gte} or later")),
        (None, Some(lt)) => Some(format!("before {lt}")),
        (None, None) => None,
    }
}

/// Converts a number of days since 1970 to a date.
#[must_use]
pub fn date_from_days(days: f64) -> Date {
    Date { days: days as i32 }
}

fn is_year_name(name: &str) -> bool {
    name_words(name).iter().any(|word| YEAR_WORDS.contains(&word.as_str()))
}

fn is_date_name(name: &str) -> bool {
    let words = name_words(name);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let ends = words.len() > 1 && words.last().is_some_and(|word| word == "at" || word == "on");
    (any(&DATE_WORDS) || ends) && !any(&NUMBER_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_by_range_and_by_name() {
        for (name, least, greatest, whole, years) in [
            ("year_established", 1979.0, 2017.0, true, true),
            ("year_established", 0.0, 2017.0, true, true),
            ("first seen", 1999.0, 2024.0, true, true),
            ("employees", 9.0, 2017.0, true, false),
            ("year", 1979.0, 2017.0, false, false),
            ("year", 1979.0, 201_700.0, true, false),
            ("years as a customer", 0.0, 40.0, true, false),
        ] {
            assert_eq!(are_years(name, least, greatest, whole), years, "{name}");
        }
        assert!(is_year_column("x", &vec![Some(1999.0), None, Some(2020.0)].into()));
        assert!(
            !is_year_column("x", &vec![Some(1999.5), Some(2020.0)].into())
                && !is_year_column("year", &NullableVec::default())
        );
    }

    #[test]
    fn bounds_of_dates_are_days_and_those_of_numbers_are_not() {
        for (attribute, gte, lt, words) in [
            ("engage_date", None, Some(17_270.0), Some("before 2017-04-14")),
            ("created_at", Some(17_270.0), None, Some("2017-04-14 or later")),
            ("Customer since", Some(17_270.0), Some(17_300.0), Some("2017-04-14 to before 2017-05-14")),
            ("employees", None, Some(17_270.0), None),
            ("days since last date", None, Some(17_270.0), None),
            ("founded", Some(1999.0), None, None),
            ("founded", Some(17_270.0), None, Some("2017-04-14 or later")),
            ("date", None, None, None),
        ] {
            assert_eq!(date_range_phrase(attribute, None, gte, lt).as_deref(), words, "{attribute}");
        }
        let seen = |attribute: &str, kind| date_range_phrase(attribute, Some(kind), Some(-3.0), None);
        assert_eq!(
            seen("last seen", AttributeKind::Date).as_deref(),
            Some("1969-12-29 or later"),
            "a known kind takes precedence"
        );
        assert_eq!(date_range_phrase("engage_date", Some(AttributeKind::Number), None, Some(17_270.0)), None);
    }

    #[test]
    fn bounds_of_years() {
        let condition = |attribute: &str, gte| Condition {
            attribute: attribute.to_owned(),
            test: Test::Range { gte: Some(gte), lt: None },
        };
        assert!(has_year_bounds(&condition("year_established", 2017.0)));
        assert!(!has_year_bounds(&condition("employees", 2017.0)) && !has_year_bounds(&condition("year", 2.5)));
    }
}
