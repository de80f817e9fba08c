//! Gates as they are kept, and back.

use jiff::Timestamp;
use sweetspot_core::{Gate, Kind, PondSection, Severity, Statement, guess};

use crate::condition;
use crate::stored::{self, gate};

/// A gate of a version, and whom it holds for.
#[derive(Clone, Debug, PartialEq)]
pub struct GateSummary {
    /// The rule. Its times are whole seconds.
    pub gate: Gate,
    /// Labelled training customers for whom its condition holds.
    pub customers: u64,
    /// How many of them are ideal.
    pub ideal: u64,
}

impl GateSummary {
    /// The summary of a kept gate; nothing where it has no condition or an unknown severity, with which no model compiles.
    pub(super) fn of(stored: &stored::Gate) -> Option<Self> {
        let when = condition::from_stored(stored.when.as_ref())?.condition;
        let by = Statement {
            author: stored.author.clone(),
            stated: Timestamp::from_second(stored.stated).unwrap_or_default(),
            reason: stored.reason.clone(),
            expires: stored.expires.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        };
        let (section, severity) = (section(stored.section(), &when.attribute), severity(stored.severity())?);
        let gate = Gate { id: stored.id.clone(), statement: stored.statement.clone(), when, severity, section, by };
        Some(Self { gate, customers: stored.customers, ideal: stored.ideal })
    }

    /// As it is kept; `kind` is that of the attribute in the dataset, if it has it.
    pub(crate) fn to_stored(&self, kind: Option<Kind>) -> stored::Gate {
        let Gate { id, statement, when, severity, section, by } = self.gate.clone();
        let Statement { author, stated, reason, expires } = by;
        stored::Gate {
            id,
            statement,
            when: Some(condition::to_stored(&when, kind)),
            severity: stored_severity(severity).into(),
            section: stored_section(section).into(),
            author,
            stated: stated.as_second(),
            reason,
            expires: expires.map(Timestamp::as_second),
            customers: self.customers,
            ideal: self.ideal,
        }
    }
}

const fn stored_severity(severity: Severity) -> gate::Severity {
    match severity {
        Severity::Out => gate::Severity::Out,
        Severity::Caution => gate::Severity::Caution,
    }
}

/// The severity of a kept gate, if it is known.
pub(crate) const fn severity(stored: gate::Severity) -> Option<Severity> {
    match stored {
        gate::Severity::Unspecified => None,
        gate::Severity::Out => Some(Severity::Out),
        gate::Severity::Caution => Some(Severity::Caution),
    }
}

const fn stored_section(section: PondSection) -> gate::Section {
    match section {
        PondSection::AccountProfile => gate::Section::AccountProfile,
        PondSection::Needs => gate::Section::Needs,
        PondSection::UrgencyDrivers => gate::Section::UrgencyDrivers,
        PondSection::Beliefs => gate::Section::Beliefs,
        PondSection::TippingPoint => gate::Section::TippingPoint,
    }
}

fn section(stored: gate::Section, attribute: &str) -> PondSection {
    match stored {
        gate::Section::Unspecified => guess(attribute).1,
        gate::Section::AccountProfile => PondSection::AccountProfile,
        gate::Section::Needs => PondSection::Needs,
        gate::Section::UrgencyDrivers => PondSection::UrgencyDrivers,
        gate::Section::Beliefs => PondSection::Beliefs,
        gate::Section::TippingPoint => PondSection::TippingPoint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::gate;

    #[test]
    fn a_gate_survives_being_kept() {
        let kept = gate();
        let mut summary = GateSummary::of(&kept).unwrap();
        assert_eq!((summary.gate.severity, summary.gate.when.attribute.as_str()), (Severity::Out, "city"));
        assert_eq!(summary.to_stored(None), kept);
        for section in PondSection::ALL {
            summary.gate.section = section;
            assert_eq!(GateSummary::of(&summary.to_stored(None)), Some(summary.clone()));
        }
        assert_eq!(GateSummary::of(&stored::Gate { when: None, ..kept.clone() }), None);
        assert_eq!(GateSummary::of(&stored::Gate { severity: 0, ..kept }), None);
    }
}
