//! Evaluates conditions. Score filters, exclusion rules and hypotheses all use this evaluation, in training and in
//! scoring.

use std::collections::BTreeSet;

use super::{Condition, Test};
use crate::coerce::{self, CoercedValue};
use crate::{AttributeKind, TextFormat, ValueRef, level_key, parse_date, parse_flag, parse_list, parse_number};

/// A condition prepared for many accounts, and the kind as which it reads their values.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    /// The condition as entered.
    pub condition: Condition,
    /// The kind of the attribute; `None` if it is unknown, and values are used as they are.
    kind: Option<AttributeKind>,
    /// The format of the attribute's texts.
    format: TextFormat,
    /// The level keys of the condition's texts.
    keys: BTreeSet<String>,
    /// The condition's texts that are numbers.
    numbers: Vec<f64>,
    /// The condition's texts that are days, as days since 1970-01-01.
    days: Vec<f64>,
    /// The condition's texts that are flags.
    flags: Vec<bool>,
}

impl Matcher {
    /// Prepares a condition on an attribute of this kind.
    #[must_use]
    pub fn new(condition: Condition, kind: Option<AttributeKind>) -> Self {
        let texts: &[String] = if let Test::AnyOf(texts) = &condition.test { texts } else { &[] };
        let keys = texts.iter().map(|text| level_key(text).into_owned()).filter(|key| !key.is_empty()).collect();
        let numbers = texts.iter().filter_map(|text| parse_number(text)).collect();
        let days = texts.iter().filter_map(|text| parse_date(text)).map(|date| f64::from(date.days)).collect();
        let flags = texts.iter().filter_map(|text| parse_flag(text)).collect();
        Self { condition, kind, format: TextFormat::default(), keys, numbers, days, flags }
    }

    /// Returns the matcher with this kind, unless it is `None`.
    #[must_use]
    pub fn with_kind(self, kind: Option<AttributeKind>) -> Self {
        Self { kind: kind.or(self.kind), ..self }
    }

    /// Returns the matcher with this format of the attribute's texts.
    #[must_use]
    pub const fn with_format(mut self, format: TextFormat) -> Self {
        self.format = format;
        self
    }

    /// The name of the condition's attribute.
    #[must_use]
    pub fn attribute(&self) -> &str {
        &self.condition.attribute
    }

    /// The kind as which values are read; `None` if it is unknown.
    #[must_use]
    pub const fn kind(&self) -> Option<AttributeKind> {
        self.kind
    }

    /// The format of the attribute's texts.
    #[must_use]
    pub const fn format(&self) -> TextFormat {
        self.format
    }

    /// Whether a value is present for this condition: not blank, and readable as the attribute's kind.
    #[must_use]
    pub fn is_present(&self, value: &ValueRef<'_>) -> bool {
        coerce::read_typed(value, self.kind, self.format).is_some()
    }

    /// Whether the condition holds for an account with this value. The value is read as a score reads it: a value that
    /// is missing or a type mismatch in a score is missing here, and only `Present(false)` holds for it. A range
    /// applies to dates as days since 1970-01-01.
    #[must_use]
    pub fn holds(&self, value: Option<&ValueRef<'_>>) -> bool {
        let read = value.and_then(|value| coerce::read_typed(value, self.kind, self.format));
        match (&self.condition.test, read) {
            (Test::Present(wanted), read) => read.is_some() == *wanted,
            (_, None) => false,
            (Test::AnyOf(_), Some(read)) => self.is_one_of(&read),
            (Test::Range { gte, lt }, Some(read)) => amount(&read)
                .is_some_and(|amount| gte.is_none_or(|bound| amount >= bound) && lt.is_none_or(|bound| amount < bound)),
            (Test::Flag(wanted), Some(read)) => flag(&read) == Some(*wanted),
        }
    }

    fn is_one_of(&self, read: &CoercedValue<'_>) -> bool {
        let known = |text: &str| self.keys.contains(level_key(text).as_ref());
        match read {
            CoercedValue::Number(number) => self.numbers.contains(number),
            CoercedValue::Days(days) => self.days.contains(days),
            CoercedValue::Flag(flag) => self.flags.contains(flag),
            CoercedValue::List(items) => items.iter().any(|item| known(item)),
            // A text of an attribute of unknown kind can be a list.
            CoercedValue::Text(text) => known(text) || (self.kind.is_none() && parse_list(text).into_iter().any(known)),
        }
    }
}

/// The number that a range applies to: a number, a flag as 0 or 1, or the days of a date.
fn amount(read: &CoercedValue<'_>) -> Option<f64> {
    match read {
        CoercedValue::Number(amount) | CoercedValue::Days(amount) => Some(*amount),
        CoercedValue::Flag(flag) => Some(f64::from(u8::from(*flag))),
        CoercedValue::Text(text) => parse_number(text).or_else(|| parse_date(text).map(|date| f64::from(date.days))),
        CoercedValue::List(_) => None,
    }
}

fn flag(read: &CoercedValue<'_>) -> Option<bool> {
    match read {
        CoercedValue::Flag(flag) => Some(*flag),
        CoercedValue::Number(number) if *number == 0.0 || *number == 1.0 => Some(*number == 1.0),
        CoercedValue::Text(text) => parse_flag(text),
        CoercedValue::Number(_) | CoercedValue::Days(_) | CoercedValue::List(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Date, Value};

    fn matcher(test: Test, kind: Option<AttributeKind>) -> Matcher {
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
    fn tests_read_values_as_they_are_if_the_kind_is_unknown() {
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
    fn a_value_of_another_kind_is_missing() {
        let (since, known, missing) = (range(Some(16_436.0), None), Test::Present(true), Test::Present(false));
        for (kind, test, value, holds) in [
            (AttributeKind::Date, since.clone(), text("20190301"), false),
            (AttributeKind::Date, known.clone(), text("20190301"), false),
            (AttributeKind::Date, missing.clone(), text("20190301"), true),
            (AttributeKind::Date, since, text("2019-03-01"), true),
            (AttributeKind::Date, any_of(&["01.03.2019"]), text("2019-03-01T10:00:00Z"), true),
            (AttributeKind::Number, any_of(&["1,200"]), text("$ 1200"), true),
            (AttributeKind::Number, known.clone(), text("many"), false),
            (AttributeKind::Flag, any_of(&["Ja"]), Value::Number(1.0), true),
            (AttributeKind::Category, any_of(&["SAP"]), text("Jira; SAP"), false),
            (AttributeKind::Category, missing, items(&["SAP"]), true),
            (AttributeKind::List, any_of(&["sap"]), text("Jira; SAP"), true),
            (AttributeKind::List, known, items(&[]), true),
        ] {
            assert_eq!(matcher(test.clone(), Some(kind)).holds(Some(&value.as_ref())), holds, "{test:?} of {value:?}");
        }
    }

    #[test]
    fn a_missing_attribute_passes_only_the_missing_test() {
        for test in [any_of(&["a"]), range(None, Some(1.0)), Test::Flag(false), Test::Present(true)] {
            assert!(!matcher(test, None).holds(None));
        }
        assert!(matcher(Test::Present(false), Some(AttributeKind::List)).holds(None));
    }
}
