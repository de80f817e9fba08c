//! Tests on one attribute, for score filters, exclusion rules and hypotheses.

mod issues;
mod matcher;

use std::fmt;

pub use issues::{ConditionIssue, Vocabulary, condition_issues};
pub use matcher::Matcher;

use super::ValueRef;

/// A test on the value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The text, or one item of the list, is one of these.
    AnyOf(Vec<String>),
    /// The number is at least `gte` and below `lt`; a missing bound does not apply.
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

/// Formats the test for display next to the attribute's name: `Fintech or Retail`, `50 or more`, `missing`, `yes`.
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

/// A test on one attribute. An account without the attribute passes only `Present(false)`. [`Matcher`] evaluates
/// conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The attribute's name.
    pub attribute: String,
    /// The test.
    pub test: Test,
}

impl Condition {
    /// Whether the condition holds for an account with this value, used as it is. If the kind of the attribute is
    /// known, use a [`Matcher`] of that kind.
    #[must_use]
    pub fn holds(&self, value: Option<&ValueRef<'_>>) -> bool {
        Matcher::new(self.clone(), None).holds(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_display_in_plain_words() {
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
}
