//! How a hypothesis of a run is kept, as a part of its spec.

use serde::{Deserialize, Serialize};

use super::unreadable;
use crate::domain::{Condition, Hypothesis, Test};
use crate::store::StoreError;

/// A hypothesis.
#[derive(Serialize, Deserialize)]
pub(super) struct HypothesisRow {
    id: String,
    statement: String,
    attribute: String,
    test: TestRow,
    odds_ratio: f64,
    confidence_customers: f64,
    author: String,
    expires: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TestRow {
    AnyOf(Vec<String>),
    Range { gte: Option<f64>, lt: Option<f64> },
    Present(bool),
    Flag(bool),
}

impl From<&Hypothesis> for HypothesisRow {
    fn from(hypothesis: &Hypothesis) -> Self {
        let Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires } = hypothesis.clone();
        let Condition { attribute, test } = when;
        let test = match test {
            Test::AnyOf(texts) => TestRow::AnyOf(texts),
            Test::Range { gte, lt } => TestRow::Range { gte, lt },
            Test::Present(present) => TestRow::Present(present),
            Test::Flag(flag) => TestRow::Flag(flag),
        };
        let expires = expires.map(|time| time.to_string());
        Self { id, statement, attribute, test, odds_ratio, confidence_customers, author, expires }
    }
}

impl HypothesisRow {
    /// The hypothesis.
    pub(super) fn hypothesis(self) -> Result<Hypothesis, StoreError> {
        let Self { id, statement, attribute, test, odds_ratio, confidence_customers, author, expires } = self;
        let test = match test {
            TestRow::AnyOf(texts) => Test::AnyOf(texts),
            TestRow::Range { gte, lt } => Test::Range { gte, lt },
            TestRow::Present(present) => Test::Present(present),
            TestRow::Flag(flag) => Test::Flag(flag),
        };
        let expires = expires.as_deref().map(str::parse).transpose().map_err(unreadable)?;
        let when = Condition { attribute, test };
        Ok(Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires })
    }
}
