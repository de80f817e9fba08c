//! A value read as one kind, whatever kind it was written as.

use std::borrow::Cow;

use crate::domain::{ValueRef, parse_date, parse_flag, parse_list, parse_number};

/// A number, or a text or flag that stands for one.
pub(crate) fn number(value: &ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Number(number) => Some(*number).filter(|number| number.is_finite()),
        ValueRef::Text(text) => parse_number(text),
        ValueRef::Flag(flag) => Some(f64::from(u8::from(*flag))),
        ValueRef::List(_) | ValueRef::Date(_) => None,
    }
}

/// The days of a date, counted from 1970-01-01, or of a text that is one.
pub(crate) fn date(value: &ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Date(date) => Some(f64::from(date.days)),
        ValueRef::Text(text) => parse_date(text).map(|date| f64::from(date.days)),
        ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::List(_) => None,
    }
}

/// A flag, or a text or a number, 0 or 1, that stands for one.
pub(crate) fn flag(value: &ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Flag(flag) => Some(*flag),
        ValueRef::Text(text) => parse_flag(text),
        ValueRef::Number(number) if *number == 0.0 || *number == 1.0 => Some(*number == 1.0),
        ValueRef::Number(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
    }
}

/// One text, whatever is written.
pub(crate) fn category<'a>(value: &ValueRef<'a>) -> Option<Cow<'a, str>> {
    match value {
        ValueRef::Text(text) => Some(Cow::Borrowed(*text)),
        ValueRef::Number(number) => Some(number.to_string().into()),
        ValueRef::Flag(flag) => Some(flag.to_string().into()),
        ValueRef::Date(date) => Some(date.to_string().into()),
        ValueRef::List(_) => None,
    }
}

/// Several texts, also those that one text spells.
pub(crate) fn list<'a>(value: &ValueRef<'a>) -> Option<Vec<&'a str>> {
    match value {
        ValueRef::List(items) => Some(items.clone()),
        ValueRef::Text(text) => Some(parse_list(text)),
        ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::Date(_) => None,
    }
}
