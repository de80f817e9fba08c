//! Conversion of exclusion rules to and from their stored form.

use jiff::Timestamp;
use sweetspot_core::{AttributeKind, Attribution, ExclusionRule, PondSection, Severity, guess_category};

use crate::condition;
use crate::stored::{self, gate};

/// An exclusion rule of a version, with the number of customers that it matches.
#[derive(Clone, Debug, PartialEq)]
pub struct ExclusionRuleSummary {
    /// The rule. Its times are rounded to whole seconds.
    pub rule: ExclusionRule,
    /// The number of labeled training customers that match its condition.
    pub customers: u64,
    /// The number of ideal customers among them.
    pub ideal: u64,
}

impl ExclusionRuleSummary {
    /// Summarizes a stored rule; `None` if its condition is absent or its severity is unknown, in which case the model
    /// does not compile.
    pub(super) fn from_stored(stored: &stored::Gate) -> Option<Self> {
        let when = condition::matcher_from_stored(stored.when.as_ref())?.condition;
        let by = Attribution {
            author: stored.author.clone(),
            stated_at: Timestamp::from_second(stored.stated).unwrap_or_default(),
            reason: stored.reason.clone(),
            expires: stored.expires.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        };
        let (section, severity) =
            (section_from_stored(stored.section(), &when.attribute), severity_from_stored(stored.severity())?);
        let gate = ExclusionRule {
            id: stored.id.clone(),
            statement: stored.statement.clone(),
            when,
            severity,
            section,
            attribution: by,
        };
        Some(Self { rule: gate, customers: stored.customers, ideal: stored.ideal })
    }

    /// Converts the rule to its stored form; `kind` is the attribute's kind in the dataset, if the dataset has the
    /// attribute.
    pub(crate) fn to_stored(&self, kind: Option<AttributeKind>) -> stored::Gate {
        let ExclusionRule { id, statement, when, severity, section, attribution: by } = self.rule.clone();
        let Attribution { author, stated_at: stated, reason, expires } = by;
        stored::Gate {
            id,
            statement,
            when: Some(condition::stored_condition(&when, kind)),
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

/// The severity of a stored rule, if it is known.
pub(crate) const fn severity_from_stored(stored: gate::Severity) -> Option<Severity> {
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

fn section_from_stored(stored: gate::Section, attribute: &str) -> PondSection {
    match stored {
        gate::Section::Unspecified => guess_category(attribute).1,
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
    use crate::fixtures::gate;

    #[test]
    fn an_exclusion_rule_survives_storage() {
        let kept = gate();
        let mut summary = ExclusionRuleSummary::from_stored(&kept).unwrap();
        assert_eq!((summary.rule.severity, summary.rule.when.attribute.as_str()), (Severity::Out, "city"));
        assert_eq!(summary.to_stored(None), kept);
        for section in PondSection::ALL {
            summary.rule.section = section;
            assert_eq!(ExclusionRuleSummary::from_stored(&summary.to_stored(None)), Some(summary.clone()));
        }
        assert_eq!(ExclusionRuleSummary::from_stored(&stored::Gate { when: None, ..kept.clone() }), None);
        assert_eq!(ExclusionRuleSummary::from_stored(&stored::Gate { severity: 0, ..kept }), None);
    }
}
