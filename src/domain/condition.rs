//! A test on one attribute.

use std::fmt;

use super::ValueRef;

/// What is asked of the attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The text, or one item of the list, is one of these.
    AnyOf(Vec<String>),
    /// The number is at least `gte` and below `lt`, where given.
    Range {
        /// Lower bound, inclusive.
        gte: Option<f64>,
        /// Upper bound, exclusive.
        lt: Option<f64>,
    },
    /// The attribute is known (`true`) or missing (`false`).
    Present(bool),
    /// The flag has this value.
    Flag(bool),
}

/// As a person reads it beside the attribute's name: `Fintech or Retail`, `50 or more`, `missing`, `yes`.
impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyOf(texts) => f.write_str(&texts.join(" or ")),
            Self::Range { gte: Some(gte), lt: Some(lt) } => write!(f, "{gte} to below {lt}"),
            Self::Range { gte: Some(gte), lt: None } => write!(f, "{gte} or more"),
            Self::Range { gte: None, lt: Some(lt) } => write!(f, "below {lt}"),
            Self::Range { gte: None, lt: None } => f.write_str("any number"),
            Self::Present(true) => f.write_str("known"),
            Self::Present(false) => f.write_str("missing"),
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
        }
    }
}

/// A test on one attribute. An account without the attribute passes nothing but `Present(false)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The attribute's name.
    pub attribute: String,
    /// The test.
    pub test: Test,
}

impl Condition {
    /// Whether an account with this value of the attribute passes. A text stands for a number or a flag where the test needs one.
    #[must_use]
    pub fn holds(&self, value: Option<&ValueRef<'_>>) -> bool {
        match (&self.test, value) {
            (Test::Present(wanted), value) => value.is_some() == *wanted,
            (_, None) => false,
            (Test::AnyOf(texts), Some(value)) => match value {
                ValueRef::Text(text) => texts.iter().any(|one| one == text),
                ValueRef::List(items) => items.iter().any(|item| texts.iter().any(|one| one == item)),
                ValueRef::Number(_) | ValueRef::Flag(_) | ValueRef::Date(_) => false,
            },
            (Test::Range { gte, lt }, Some(value)) => number(value)
                .is_some_and(|number| gte.is_none_or(|bound| number >= bound) && lt.is_none_or(|bound| number < bound)),
            (Test::Flag(wanted), Some(value)) => flag(value) == Some(*wanted),
        }
    }
}

fn number(value: &ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Number(number) => Some(*number),
        ValueRef::Text(text) => super::parse_number(text),
        ValueRef::Flag(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
    }
}

fn flag(value: &ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Flag(flag) => Some(*flag),
        ValueRef::Text(text) => super::parse_flag(text),
        ValueRef::Number(_) | ValueRef::List(_) | ValueRef::Date(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Account, Value};

    fn account() -> Account {
        let list = Value::List(vec!["SAP".into(), "Slack".into()]);
        let attributes = [
            ("employees", Value::Number(50.0)),
            ("revenue", Value::Text("1,200".into())),
            ("stack", list),
            ("b2b", Value::Text("yes".into())),
        ];
        Account { id: "a".into(), attributes: attributes.map(|(name, value)| (name.to_owned(), value)).into() }
    }

    #[test]
    fn tests_read_as_a_person_says_them() {
        let range = |gte, lt| Test::Range { gte, lt };
        for (test, text) in [
            (Test::AnyOf(vec!["SAP".into(), "Oracle".into()]), "SAP or Oracle"),
            (range(Some(50.0), Some(200.5)), "50 to below 200.5"),
            (range(Some(50.0), None), "50 or more"),
            (range(None, Some(50.0)), "below 50"),
            (Test::Present(true), "known"),
            (Test::Present(false), "missing"),
            (Test::Flag(false), "no"),
        ] {
            assert_eq!(test.to_string(), text);
        }
    }

    #[test]
    fn each_test_and_the_missing_attribute() {
        let range = |gte, lt| Test::Range { gte, lt };
        for (attribute, test, holds) in [
            ("employees", range(Some(50.0), Some(51.0)), true),
            ("employees", range(None, Some(50.0)), false),
            ("revenue", range(Some(1000.0), None), true),
            ("stack", Test::AnyOf(vec!["SAP".into()]), true),
            ("stack", Test::AnyOf(vec!["Oracle".into()]), false),
            ("b2b", Test::Flag(true), true),
            ("b2b", Test::Present(false), false),
            ("city", Test::Present(false), true),
            ("city", Test::AnyOf(vec![String::new()]), false),
            ("city", Test::Flag(false), false),
        ] {
            let condition = Condition { attribute: attribute.into(), test };
            let account = account();
            let value = account.attributes.get(&condition.attribute).map(Value::as_ref);
            assert_eq!(condition.holds(value.as_ref()), holds, "{condition:?}");
        }
    }
}
