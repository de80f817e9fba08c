//! One account with its attribute values.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{Timestamp, civil};

/// A calendar day, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Days since 1970-01-01; negative before it.
    pub days: i32,
}

impl Date {
    /// Converts a calendar date.
    #[must_use]
    pub fn from_civil(date: civil::Date) -> Self {
        let span = civil::date(1970, 1, 1).duration_until(date);
        // A civil date is within ±9999 years, so its day number always fits.
        let days = i32::try_from(span.as_hours() / 24).unwrap_or(i32::MAX);
        Self { days }
    }

    /// The day of a timestamp, in UTC.
    #[must_use]
    pub fn from_timestamp(time: Timestamp) -> Self {
        // Timestamps are within the years -9999 to 9999, so their days always fit.
        Self { days: i32::try_from(time.as_second().div_euclid(24 * 60 * 60)).unwrap_or(i32::MAX) }
    }

    /// The calendar date, if it is within the years -9999 to 9999.
    #[must_use]
    pub fn to_civil(self) -> Option<civil::Date> {
        let span = jiff::Span::new().try_days(self.days).ok()?;
        civil::date(1970, 1, 1).checked_add(span).ok()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_civil() {
            Some(date) => write!(f, "{date}"),
            None => write!(f, "day {}", self.days),
        }
    }
}

/// The value of one attribute. A missing attribute has no `Value`.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite number.
    Number(f64),
    /// A category, or any other kind that is still text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Several categories at once, such as installed technologies.
    List(Vec<String>),
    /// A calendar day.
    Date(Date),
}

impl Value {
    /// Borrows the value.
    #[must_use]
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Number(number) => ValueRef::Number(*number),
            Self::Text(text) => ValueRef::Text(text),
            Self::Flag(flag) => ValueRef::Flag(*flag),
            Self::List(items) => ValueRef::List(items.iter().map(String::as_str).collect()),
            Self::Date(date) => ValueRef::Date(*date),
        }
    }
}

/// A borrowed [`Value`].
#[derive(Clone, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// A finite number.
    Number(f64),
    /// A category, or any other kind that is still text.
    Text(&'a str),
    /// Yes or no.
    Flag(bool),
    /// Several categories at once.
    List(Vec<&'a str>),
    /// A calendar day.
    Date(Date),
}

/// A company, and its attributes that are known before the sale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// The caller's key of the account.
    pub id: String,
    /// Attribute values by name. A missing name is a missing value.
    pub attributes: BTreeMap<String, Value>,
}
