//! The stored form of exclusion rules, as part of a run's spec.

use serde::{Deserialize, Serialize};
use sweetspot_core::{Attribution, Condition, ExclusionRule, PondSection, Severity};

use super::test_row::SpecTestRow;
use super::unreadable;
use crate::store::StoreError;

/// An exclusion rule.
#[derive(Serialize, Deserialize)]
pub(super) struct SpecExclusionRuleRow {
    id: String,
    statement: String,
    attribute: String,
    test: SpecTestRow,
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

impl From<&ExclusionRule> for SpecExclusionRuleRow {
    fn from(gate: &ExclusionRule) -> Self {
        let ExclusionRule { id, statement, when: Condition { attribute, test }, severity, section, attribution: by } =
            gate.clone();
        let Attribution { author, stated_at: stated, reason, expires } = by;
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

impl SpecExclusionRuleRow {
    /// Decodes the exclusion rule.
    pub(super) fn exclusion_rule(self) -> Result<ExclusionRule, StoreError> {
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
        let (when, by) =
            (Condition { attribute, test: test.into() }, Attribution { author, stated_at: stated, reason, expires });
        Ok(ExclusionRule { id, statement, when, severity, section, attribution: by })
    }
}
