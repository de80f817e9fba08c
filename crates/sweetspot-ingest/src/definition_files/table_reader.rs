//! Reads typed values from a TOML table, and records problems with their location.

use jiff::{Timestamp, civil};
use sweetspot_core::suggest::did_you_mean;
use sweetspot_core::{Date, possible_dates};
use toml::{Table, Value};

/// Adds a problem for every unknown key.
pub(super) fn check_keys(table: &Table, known: &[&str], place: &str, problems: &mut Vec<String>) {
    for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
        let hint = did_you_mean(key, known.iter().copied());
        problems.push(format!("unknown key {key:?} in {place}{hint}; known are {}", known.join(", ")));
    }
}

/// A table of a definition file that is being read, its place in messages, and the problems found.
pub(super) struct TableReader<'a, 'p> {
    pub(super) table: &'a Table,
    /// The location of the table in messages.
    pub(super) place: &'a str,
    /// The problems found so far.
    pub(super) problems: &'p mut Vec<String>,
}

impl<'a> TableReader<'a, '_> {
    /// Reads a value that is required.
    pub(super) fn required<T>(&mut self, key: &str, read: impl Fn(&mut Self, &str) -> Option<T>) -> Option<T> {
        if !self.table.contains_key(key) {
            self.problems.push(format!("{} has no {key}", self.place));
        }
        read(self, key)
    }

    /// Reads a text.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, "a text", |value| value.as_str().map(|text| text.trim().to_owned()))
    }

    /// Reads a list of texts.
    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let texts = |value: &Value| value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        self.read(key, "a list of texts", texts)
    }

    /// Reads a number.
    pub(super) fn number(&mut self, key: &str) -> Option<f64> {
        self.read(key, "a number", number)
    }

    /// Reads a number, or a date as the number of days since 1970-01-01.
    pub(super) fn bound(&mut self, key: &str) -> Option<f64> {
        let bound = |value: &Value| number(value).or_else(|| day(value).map(|day| f64::from(day.days)));
        let quoted = self.table.get(key).and_then(Value::as_str).and_then(possible_dates);
        let hint = quoted.map_or_else(String::new, |days| format!(", without quotes: write {days}"));
        self.read(key, &format!("a number or a date such as 2015-01-01{hint}"), bound)
    }

    /// Reads a flag.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.read(key, "true or false", Value::as_bool)
    }

    /// Reads a date.
    pub(super) fn day(&mut self, key: &str) -> Option<Date> {
        self.read(key, "a date such as 2027-03-01, without quotes", day)
    }

    /// Reads a date and returns its start, in UTC.
    pub(super) fn day_start(&mut self, key: &str) -> Option<Timestamp> {
        let day = self.day(key)?;
        Timestamp::from_second(i64::from(day.days) * 24 * 60 * 60).ok()
    }

    /// Reads the word for one of these choices, ignoring case.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
        let text = self.text(key)?;
        let found = all.iter().copied().find(|candidate| word(*candidate).eq_ignore_ascii_case(&text));
        if found.is_none() {
            let words: Vec<_> = all.iter().map(|candidate| word(*candidate)).collect();
            self.problems.push(format!("{key} of {} must be one of {}", self.place, words.join(", ")));
        }
        found
    }

    /// Reads a table.
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
    // Integers that are too large for exact conversion do not matter here.
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64))
}

fn day(value: &Value) -> Option<Date> {
    let date = value.as_datetime().filter(|date| date.time.is_none())?.date?;
    let (year, month, day) = (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
    Some(Date::from_civil(civil::Date::new(year.ok()?, month.ok()?, day.ok()?).ok()?))
}
