//! The stored form of attributions and conditions.

use serde::{Deserialize, Serialize};
use sweetspot_core::{Attribution, Condition, Test};

/// The stored form of an attribution.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributionRow {
    author: String,
    stated: String,
    reason: String,
    expires: Option<String>,
}

impl From<&Attribution> for AttributionRow {
    fn from(statement: &Attribution) -> Self {
        let Attribution { author, stated_at: stated, reason, expires } = statement;
        Self {
            author: author.clone(),
            stated: stated.to_string(),
            reason: reason.clone(),
            expires: expires.map(|time| time.to_string()),
        }
    }
}

impl AttributionRow {
    /// Decodes the attribution. Returns `None` if it is invalid.
    pub(super) fn attribution(self) -> Option<Attribution> {
        let Self { author, stated, reason, expires } = self;
        let expires = expires.map(|time| time.parse()).transpose().ok()?;
        Some(Attribution { author, stated_at: stated.parse().ok()?, reason, expires })
    }
}

/// The stored form of a condition on one attribute.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionRow {
    attribute: String,
    test: TestRow,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum TestRow {
    AnyOf(Vec<String>),
    Range { gte: Option<f64>, lt: Option<f64> },
    Present(bool),
    Flag(bool),
}

impl From<&Condition> for ConditionRow {
    fn from(condition: &Condition) -> Self {
        let Condition { attribute, test } = condition;
        let test = match test {
            Test::AnyOf(texts) => TestRow::AnyOf(texts.clone()),
            Test::Range { gte, lt } => TestRow::Range { gte: *gte, lt: *lt },
            Test::Present(present) => TestRow::Present(*present),
            Test::Flag(flag) => TestRow::Flag(*flag),
        };
        Self { attribute: attribute.clone(), test }
    }
}

impl From<ConditionRow> for Condition {
    fn from(row: ConditionRow) -> Self {
        let ConditionRow { attribute, test } = row;
        let test = match test {
            TestRow::AnyOf(texts) => Test::AnyOf(texts),
            TestRow::Range { gte, lt } => Test::Range { gte, lt },
            TestRow::Present(present) => Test::Present(present),
            TestRow::Flag(flag) => Test::Flag(flag),
        };
        Self { attribute, test }
    }
}
