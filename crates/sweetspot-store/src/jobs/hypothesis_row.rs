//! The stored form of hypotheses, as part of a run's spec.

use serde::{Deserialize, Serialize};
use sweetspot_core::{Condition, Hypothesis};

use super::test_row::SpecTestRow;
use super::unreadable;
use crate::store::StoreError;

/// A hypothesis.
#[derive(Serialize, Deserialize)]
pub(super) struct SpecHypothesisRow {
    id: String,
    statement: String,
    attribute: String,
    test: SpecTestRow,
    odds_ratio: f64,
    confidence_customers: f64,
    author: String,
    expires: Option<String>,
}

impl From<&Hypothesis> for SpecHypothesisRow {
    fn from(hypothesis: &Hypothesis) -> Self {
        let Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires } = hypothesis.clone();
        let Condition { attribute, test } = when;
        let test = test.into();
        let expires = expires.map(|time| time.to_string());
        Self { id, statement, attribute, test, odds_ratio, confidence_customers, author, expires }
    }
}

impl SpecHypothesisRow {
    /// Decodes the hypothesis.
    pub(super) fn hypothesis(self) -> Result<Hypothesis, StoreError> {
        let Self { id, statement, attribute, test, odds_ratio, confidence_customers, author, expires } = self;
        let test = test.into();
        let expires = expires.as_deref().map(str::parse).transpose().map_err(unreadable)?;
        let when = Condition { attribute, test };
        Ok(Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires })
    }
}
