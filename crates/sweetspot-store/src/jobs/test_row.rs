//! The stored form of a condition's test, as part of a run's spec.

use serde::{Deserialize, Serialize};
use sweetspot_core::Test;

/// A test.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SpecTestRow {
    AnyOf(Vec<String>),
    Range { gte: Option<f64>, lt: Option<f64> },
    Present(bool),
    Flag(bool),
}

impl From<Test> for SpecTestRow {
    fn from(test: Test) -> Self {
        match test {
            Test::AnyOf(texts) => Self::AnyOf(texts),
            Test::Range { gte, lt } => Self::Range { gte, lt },
            Test::Present(present) => Self::Present(present),
            Test::Flag(flag) => Self::Flag(flag),
        }
    }
}

impl From<SpecTestRow> for Test {
    fn from(row: SpecTestRow) -> Self {
        match row {
            SpecTestRow::AnyOf(texts) => Self::AnyOf(texts),
            SpecTestRow::Range { gte, lt } => Self::Range { gte, lt },
            SpecTestRow::Present(present) => Self::Present(present),
            SpecTestRow::Flag(flag) => Self::Flag(flag),
        }
    }
}
