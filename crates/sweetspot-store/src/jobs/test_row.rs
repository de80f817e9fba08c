//! How the test of a condition is kept, as a part of a run's spec.

use serde::{Deserialize, Serialize};
use sweetspot_core::Test;

/// A test.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TestRow {
    AnyOf(Vec<String>),
    Range { gte: Option<f64>, lt: Option<f64> },
    Present(bool),
    Flag(bool),
}

impl From<Test> for TestRow {
    fn from(test: Test) -> Self {
        match test {
            Test::AnyOf(texts) => Self::AnyOf(texts),
            Test::Range { gte, lt } => Self::Range { gte, lt },
            Test::Present(present) => Self::Present(present),
            Test::Flag(flag) => Self::Flag(flag),
        }
    }
}

impl From<TestRow> for Test {
    fn from(row: TestRow) -> Self {
        match row {
            TestRow::AnyOf(texts) => Self::AnyOf(texts),
            TestRow::Range { gte, lt } => Self::Range { gte, lt },
            TestRow::Present(present) => Self::Present(present),
            TestRow::Flag(flag) => Self::Flag(flag),
        }
    }
}
