//! For whom a condition holds. The one answer for score filters, exclusion rules and hypotheses, in training and in scoring.

use std::collections::BTreeSet;

use super::{Condition, Test};
use crate::reading::{self, Read};
use crate::{Kind, TextFormat, ValueRef, level_key, parse_date, parse_flag, parse_list, parse_number};

/// A condition ready to be asked of many accounts, and the kind as which it reads their values.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    /// The condition as a person gave it.
    pub condition: Condition,
    /// The kind of the attribute; nothing where nothing knows it, and values are taken as they are.
    kind: Option<Kind>,
    /// How texts of the attribute are written.
    format: TextFormat,
    /// The keys of its texts.
    keys: BTreeSet<String>,
    /// Its texts that are numbers.
    numbers: Vec<f64>,
    /// Its texts that are days, counted from 1970-01-01.
    days: Vec<f64>,
    /// Its texts that are flags.
    flags: Vec<bool>,
}

impl Matcher {
    /// A condition on an attribute of this kind.
    #[must_use]
    pub fn new(condition: Condition, kind: Option<Kind>) -> Self {
        let texts: &[String] = if let Test::AnyOf(texts) = &condition.test { texts } else { &[] };
        let keys = texts.iter().map(|text| level_key(text).into_owned()).filter(|key| !key.is_empty()).collect();
        let numbers = texts.iter().filter_map(|text| parse_number(text)).collect();
        let days = texts.iter().filter_map(|text| parse_date(text)).map(|date| f64::from(date.days)).collect();
        let flags = texts.iter().filter_map(|text| parse_flag(text)).collect();
        Self { condition, kind, format: TextFormat::default(), keys, numbers, days, flags }
    }

    /// The same, of an attribute whose kind has become known.
    #[must_use]
    pub fn of_kind(self, kind: Option<Kind>) -> Self {
        Self { kind: kind.or(self.kind), ..self }
    }

    /// The same, of an attribute whose texts are written in this format.
    #[must_use]
    pub const fn with_format(mut self, format: TextFormat) -> Self {
        self.format = format;
        self
    }

    /// The attribute that it asks for.
    #[must_use]
    pub fn attribute(&self) -> &str {
        &self.condition.attribute
    }

    /// The kind as which it reads values.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// How texts of the attribute are written.
    #[must_use]
    pub const fn format(&self) -> TextFormat {
        self.format
    }

    /// Whether a value is there for this condition: not blank, and readable as the attribute's kind.
    #[must_use]
    pub fn is_present(&self, value: &ValueRef<'_>) -> bool {
        reading::read(value, self.kind, self.format).is_some()
    }

    /// Whether it holds for an account with this value. The value is read as the score reads it: what the score calls missing or
    /// a type mismatch is missing here, and nothing but `Present(false)` holds for it. Of dates, a range asks for the days since
    /// 1970-01-01.
    #[must_use]
    pub fn holds(&self, value: Option<&ValueRef<'_>>) -> bool {
        let read = value.and_then(|value| reading::read(value, self.kind, self.format));
        match (&self.condition.test, read) {
            (Test::Present(wanted), read) => read.is_some() == *wanted,
            (_, None) => false,
            (Test::AnyOf(_), Some(read)) => self.is_one_of(&read),
            (Test::Range { gte, lt }, Some(read)) => amount(&read)
                .is_some_and(|amount| gte.is_none_or(|bound| amount >= bound) && lt.is_none_or(|bound| amount < bound)),
            (Test::Flag(wanted), Some(read)) => flag(&read) == Some(*wanted),
        }
    }

    fn is_one_of(&self, read: &Read<'_>) -> bool {
        let known = |text: &str| self.keys.contains(level_key(text).as_ref());
        match read {
            Read::Number(number) => self.numbers.contains(number),
            Read::Days(days) => self.days.contains(days),
            Read::Flag(flag) => self.flags.contains(flag),
            Read::List(items) => items.iter().any(|item| known(item)),
            // A text of an attribute that nothing knows may be a list.
            Read::Text(text) => known(text) || (self.kind.is_none() && parse_list(text).into_iter().any(known)),
        }
    }
}

/// What a range is asked of: a number, or the days of a date.
fn amount(read: &Read<'_>) -> Option<f64> {
    match read {
        Read::Number(amount) | Read::Days(amount) => Some(*amount),
        Read::Flag(flag) => Some(f64::from(u8::from(*flag))),
        Read::Text(text) => parse_number(text).or_else(|| parse_date(text).map(|date| f64::from(date.days))),
        Read::List(_) => None,
    }
}

fn flag(read: &Read<'_>) -> Option<bool> {
    match read {
        Read::Flag(flag) => Some(*flag),
        Read::Number(number) if *number == 0.0 || *number == 1.0 => Some(*number == 1.0),
        Read::Text(text) => parse_flag(text),
        Read::Number(_) | Read::Days(_) | Read::List(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Date, Value};

    fn matcher(test: Test, kind: Option<Kind>) -> Matcher {
        Matcher::new(Condition { attribute: "a".to_owned(), test }, kind)
    }

    fn any_of(texts: &[&str]) -> Test {
        Test::AnyOf(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    fn range(gte: Option<f64>, lt: Option<f64>) -> Test {
        Test::Range { gte, lt }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn items(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn each_test_reads_values_as_they_are_where_nothing_knows_the_attribute() {
        for (test, value, holds) in [
            (any_of(&["Zürich", "Bern"]), text(" ZU\u{308}RICH "), true),
            (any_of(&["zürich"]), text("Basel"), false),
            (any_of(&["SAP"]), items(&["Jira", "sap"]), true),
            (any_of(&["SAP"]), text("Jira; sap"), true),
            (any_of(&["SAP"]), items(&[]), false),
            (any_of(&[""]), text(""), false),
            (any_of(&["90210"]), Value::Number(90210.0), true),
            (any_of(&["1970-01-12"]), Value::Date(Date { days: 11 }), true),
            (any_of(&["yes"]), Value::Flag(true), true),
            (range(Some(50.0), Some(51.0)), Value::Number(50.0), true),
            (range(None, Some(50.0)), Value::Number(50.0), false),
            (range(Some(1000.0), None), text("$ 1,200"), true),
            (range(Some(1000.0), None), text("many"), false),
            (range(Some(10.0), None), Value::Date(Date { days: 11 }), true),
            (range(None, Some(10.0)), text("1970-01-05"), true),
            (Test::Flag(true), text("YES"), true),
            (Test::Flag(false), Value::Number(0.0), true),
            (Test::Flag(false), text("perhaps"), false),
            (Test::Present(true), items(&[]), true),
            (Test::Present(false), text(" "), true),
        ] {
            assert_eq!(matcher(test.clone(), None).holds(Some(&value.as_ref())), holds, "{test:?} of {value:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_as_the_attributes_kind_is_missing() {
        let (since, known, missing) = (range(Some(16_436.0), None), Test::Present(true), Test::Present(false));
        for (kind, test, value, holds) in [
            (Kind::Date, since.clone(), text("20190301"), false),
            (Kind::Date, known.clone(), text("20190301"), false),
            (Kind::Date, missing.clone(), text("20190301"), true),
            (Kind::Date, since, text("2019-03-01"), true),
            (Kind::Date, any_of(&["01.03.2019"]), text("2019-03-01T10:00:00Z"), true),
            (Kind::Number, any_of(&["1,200"]), text("$ 1200"), true),
            (Kind::Number, known.clone(), text("many"), false),
            (Kind::Flag, any_of(&["Ja"]), Value::Number(1.0), true),
            (Kind::Category, any_of(&["SAP"]), text("Jira; SAP"), false),
            (Kind::Category, missing, items(&["SAP"]), true),
            (Kind::List, any_of(&["sap"]), text("Jira; SAP"), true),
            (Kind::List, known, items(&[]), true),
        ] {
            assert_eq!(matcher(test.clone(), Some(kind)).holds(Some(&value.as_ref())), holds, "{test:?} of {value:?}");
        }
    }

    #[test]
    fn an_account_without_the_attribute_passes_one_test_alone() {
        for test in [any_of(&["a"]), range(None, Some(1.0)), Test::Flag(false), Test::Present(true)] {
            assert!(!matcher(test, None).holds(None));
        }
        assert!(matcher(Test::Present(false), Some(Kind::List)).holds(None));
    }
}
