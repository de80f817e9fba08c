//! A test on one attribute: of a score filter, an exclusion rule or a hypothesis.

mod check;
mod matcher;

use std::fmt;

pub use check::{Unknown, Vocabulary, unknown_names};
pub use matcher::Matcher;

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

/// A test on one attribute. An account without the attribute passes nothing but `Present(false)`. [`Matcher`] says for whom it
/// holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The attribute's name.
    pub attribute: String,
    /// The test.
    pub test: Test,
}

impl Condition {
    /// Whether it holds for an account with this value, taken as it is. Where the kind of the attribute is known, ask a
    /// [`Matcher`] of that kind.
    #[must_use]
    pub fn holds(&self, value: Option<&ValueRef<'_>>) -> bool {
        Matcher::new(self.clone(), None).holds(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
