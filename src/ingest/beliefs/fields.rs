//! Values of a TOML table by their kinds; whatever is wrong is noted with its place.

use jiff::civil;
use toml::{Table, Value};

use crate::domain::Date;
use crate::ingest::suggest::did_you_mean;

/// Notes every key that is not known.
pub(in crate::ingest) fn check_keys(table: &Table, known: &[&str], place: &str, problems: &mut Vec<String>) {
    for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
        let hint = did_you_mean(key, known.iter().copied());
        problems.push(format!("unknown key {key:?} in {place}{hint}; known are {}", known.join(", ")));
    }
}

/// A table under reading.
pub(in crate::ingest) struct Fields<'a, 'p> {
    /// The table.
    pub(in crate::ingest) table: &'a Table,
    /// What it is called in messages.
    pub(in crate::ingest) place: &'a str,
    /// What is wrong so far.
    pub(in crate::ingest) problems: &'p mut Vec<String>,
}

impl<'a> Fields<'a, '_> {
    /// A value that must be there.
    pub(in crate::ingest) fn needed<T>(&mut self, key: &str, read: impl Fn(&mut Self, &str) -> Option<T>) -> Option<T> {
        if !self.table.contains_key(key) {
            self.problems.push(format!("{} has no {key}", self.place));
        }
        read(self, key)
    }

    /// A text.
    pub(in crate::ingest) fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, "a text", |value| value.as_str().map(|text| text.trim().to_owned()))
    }

    /// Texts.
    pub(in crate::ingest) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let texts = |value: &Value| value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        self.read(key, "a list of texts", texts)
    }

    /// A number.
    pub(in crate::ingest) fn number(&mut self, key: &str) -> Option<f64> {
        self.read(key, "a number", number)
    }

    /// A number, or a day as the days since 1970-01-01.
    pub(in crate::ingest) fn bound(&mut self, key: &str) -> Option<f64> {
        let bound = |value: &Value| number(value).or_else(|| day(value).map(|day| f64::from(day.days)));
        self.read(key, "a number or a day such as 2015-01-01", bound)
    }

    /// Yes or no.
    pub(in crate::ingest) fn flag(&mut self, key: &str) -> Option<bool> {
        self.read(key, "true or false", Value::as_bool)
    }

    /// A day.
    pub(in crate::ingest) fn day(&mut self, key: &str) -> Option<Date> {
        self.read(key, "a day such as 2027-03-01, without quotes", day)
    }

    /// A table.
    pub(in crate::ingest) fn table(&mut self, key: &str) -> Option<&'a Table> {
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
