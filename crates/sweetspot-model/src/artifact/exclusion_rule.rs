//! The exclusion rules of a model.

use sweetspot_core::{AttributeKind, ExclusionRule};

use crate::stored;
use crate::stored_condition::stored_condition;

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
    /// Summarizes a stored rule; `None` if a field is absent or unknown, in which case the model does not compile.
    pub(super) fn from_stored(stored: &stored::ExclusionRule) -> Option<Self> {
        let rule = stored.clone().try_into().ok()?;
        Some(Self { rule, customers: stored.customers, ideal: stored.ideal })
    }

    /// Converts the rule to its stored form; `kind` is the attribute's kind in the dataset, if the dataset has the
    /// attribute.
    pub(crate) fn to_stored(&self, kind: Option<AttributeKind>) -> stored::ExclusionRule {
        let Self { rule, customers, ideal } = self;
        stored::ExclusionRule {
            when: Some(stored_condition(&rule.when, kind)),
            customers: *customers,
            ideal: *ideal,
            stated_nanos: 0,
            expires_nanos: 0,
            ..rule.clone().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{PondMapSectionKind, Severity};

    use super::*;
    use crate::fixtures::exclusion_rule;

    #[test]
    fn an_exclusion_rule_survives_storage() {
        let kept = exclusion_rule();
        let mut summary = ExclusionRuleSummary::from_stored(&kept).unwrap();
        assert_eq!((summary.rule.severity, summary.rule.when.attribute.as_str()), (Severity::Out, "city"));
        assert_eq!(summary.to_stored(None), kept);
        for section in PondMapSectionKind::ALL {
            summary.rule.section = section;
            assert_eq!(ExclusionRuleSummary::from_stored(&summary.to_stored(None)), Some(summary.clone()));
        }
        assert_eq!(ExclusionRuleSummary::from_stored(&stored::ExclusionRule { when: None, ..kept.clone() }), None);
        assert_eq!(ExclusionRuleSummary::from_stored(&stored::ExclusionRule { severity: 0, ..kept }), None);
    }
}
