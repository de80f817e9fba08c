//! Values of a TOML table by their kinds; whatever is wrong is noted with its place.

use jiff::{Timestamp, civil};
use sweetspot_core::{Date, days_of};
use toml::{Table, Value};

use crate::suggest::did_you_mean;

/// Notes every key that is not known.
pub(super) fn check_keys(table: &Table, known: &[&str], place: &str, problems: &mut Vec<String>) {
    for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
        let hint = did_you_mean(key, known.iter().copied());
        problems.push(format!("unknown key {key:?} in {place}{hint}; known are {}", known.join(", ")));
    }
}

/// A table under reading.
pub(super) struct Fields<'a, 'p> {
    /// The table.
    pub(super) table: &'a Table,
    /// What it is called in messages.
    pub(super) place: &'a str,
    /// What is wrong so far.
    pub(super) problems: &'p mut Vec<String>,
}

impl<'a> Fields<'a, '_> {
    /// A value that must be there.
    pub(super) fn needed<T>(&mut self, key: &str, read: impl Fn(&mut Self, &str) -> Option<T>) -> Option<T> {
        if !self.table.contains_key(key) {
            self.problems.push(format!("{} has no {key}", self.place));
        }
        read(self, key)
    }

    /// A text.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, "a text", |value| value.as_str().map(|text| text.trim().to_owned()))
    }

    /// Texts.
    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let texts = |value: &Value| value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        self.read(key, "a list of texts", texts)
    }

    /// A number.
    pub(super) fn number(&mut self, key: &str) -> Option<f64> {
        self.read(key, "a number", number)
    }

    /// A number, or a day as the days since 1970-01-01.
    pub(super) fn bound(&mut self, key: &str) -> Option<f64> {
        let bound = |value: &Value| number(value).or_else(|| day(value).map(|day| f64::from(day.days)));
        let quoted = self.table.get(key).and_then(Value::as_str).and_then(days_of);
        let hint = quoted.map_or_else(String::new, |days| format!(", without quotes: write {days}"));
        self.read(key, &format!("a number or a date such as 2015-01-01{hint}"), bound)
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.read(key, "true or false", Value::as_bool)
    }

    /// A day.
    pub(super) fn day(&mut self, key: &str) -> Option<Date> {
        self.read(key, "a date such as 2027-03-01, without quotes", day)
    }

    /// The beginning of a day, in UTC.
    pub(super) fn midnight(&mut self, key: &str) -> Option<Timestamp> {
        let day = self.day(key)?;
        Timestamp::from_second(i64::from(day.days) * 24 * 60 * 60).ok()
    }

    /// A word for one of these, in any case.
    pub(super) fn one_of<T: Copy>(&mut self, key: &str, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
        let text = self.text(key)?;
        let found = all.iter().copied().find(|one| word(*one).eq_ignore_ascii_case(&text));
        if found.is_none() {
            let words: Vec<_> = all.iter().map(|one| word(*one)).collect();
            self.problems.push(format!("{key} of {} must be one of {}", self.place, words.join(", ")));
        }
        found
    }

    /// A table.
    pub(super) fn table(&mut self, key: &str) -> Option<&'a Table> {
        self.read(key, "a table such as { attribute = \"Industry\", any_of = [\"Logistics\"] }", Value::as_table)
    }

    fn read<T>(&mut self, key: &str, what: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.table.get(key)?;
        let found = read(value);
        if found.is_none() {
            self.problems.push(format!("{key} of {} must be {what}", self.place));
        }
        found
    }
}

fn number(value: &Value) -> Option<f64> {
    // Whole numbers of this size lose nothing that matters to a belief.
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64))
}

fn day(value: &Value) -> Option<Date> {
    let date = value.as_datetime().filter(|date| date.time.is_none())?.date?;
    let (year, month, day) = (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
    Some(Date::from_civil(civil::Date::new(year.ok()?, month.ok()?, day.ok()?).ok()?))
}
