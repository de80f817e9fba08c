//! How a gate of a run is kept, as a part of its spec.

use serde::{Deserialize, Serialize};
use sweetspot_core::{Condition, Gate, PondSection, Severity, Statement};

use super::test_row::TestRow;
use super::unreadable;
use crate::store::StoreError;

/// A gate.
#[derive(Serialize, Deserialize)]
pub(super) struct GateRow {
    id: String,
    statement: String,
    attribute: String,
    test: TestRow,
    severity: SeverityRow,
    section: SectionRow,
    author: String,
    stated: String,
    reason: String,
    expires: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SeverityRow {
    Out,
    Caution,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SectionRow {
    AccountProfile,
    Needs,
    UrgencyDrivers,
    Beliefs,
    TippingPoint,
}

impl From<&Gate> for GateRow {
    fn from(gate: &Gate) -> Self {
        let Gate { id, statement, when: Condition { attribute, test }, severity, section, by } = gate.clone();
        let Statement { author, stated, reason, expires } = by;
        let severity = match severity {
            Severity::Out => SeverityRow::Out,
            Severity::Caution => SeverityRow::Caution,
        };
        let section = match section {
            PondSection::AccountProfile => SectionRow::AccountProfile,
            PondSection::Needs => SectionRow::Needs,
            PondSection::UrgencyDrivers => SectionRow::UrgencyDrivers,
            PondSection::Beliefs => SectionRow::Beliefs,
            PondSection::TippingPoint => SectionRow::TippingPoint,
        };
        let (stated, expires) = (stated.to_string(), expires.map(|time| time.to_string()));
        Self { id, statement, attribute, test: test.into(), severity, section, author, stated, reason, expires }
    }
}

impl GateRow {
    /// The gate.
    pub(super) fn gate(self) -> Result<Gate, StoreError> {
        let Self { id, statement, attribute, test, severity, section, author, stated, reason, expires } = self;
        let severity = match severity {
            SeverityRow::Out => Severity::Out,
            SeverityRow::Caution => Severity::Caution,
        };
        let section = match section {
            SectionRow::AccountProfile => PondSection::AccountProfile,
            SectionRow::Needs => PondSection::Needs,
            SectionRow::UrgencyDrivers => PondSection::UrgencyDrivers,
            SectionRow::Beliefs => PondSection::Beliefs,
            SectionRow::TippingPoint => PondSection::TippingPoint,
        };
        let stated = stated.parse().map_err(unreadable)?;
        let expires = expires.as_deref().map(str::parse).transpose().map_err(unreadable)?;
        let (when, by) = (Condition { attribute, test: test.into() }, Statement { author, stated, reason, expires });
        Ok(Gate { id, statement, when, severity, section, by })
    }
}
