//! Conversion of structs of the domain to and from messages.

use sweetspot_core::{Approval, LabelPreset, Test, guess_category};

use crate::condition::Test as StoredTest;
use crate::label_policy::Preset;
use crate::{Attribution, FieldError, LabelPolicy, Range, StoredAsMessage, StoredField, Texts, Time};

/// Converts a struct to a message whose fields have the same names, and back. Fields after `+` are only in the message,
/// and zero after the conversion.
#[macro_export]
macro_rules! stored_message {
    ($value:path as $message:path: $($field:ident),+ $(; + $($extra:ident),+)?) => {
        impl From<$value> for $message {
            fn from(value: $value) -> Self {
                let $value { $($field),+ } = value;
                Self {
                    $($field: $crate::StoredField::into_stored($field),)+
                    $($($extra: Default::default(),)+)?
                }
            }
        }

        impl TryFrom<$message> for $value {
            type Error = $crate::FieldError;

            fn try_from(stored: $message) -> Result<Self, $crate::FieldError> {
                let $message { $($field,)+ $($($extra: _,)+)? } = stored;
                Ok(Self { $($field: $crate::StoredField::from_stored($field, stringify!($field))?),+ })
            }
        }

        impl $crate::StoredAsMessage for $value {
            type Message = $message;
        }
    };
}

stored_message!(sweetspot_core::Condition as crate::Condition: attribute, test; + kind);
stored_message!(
    sweetspot_core::Hypothesis as crate::Hypothesis:
    id, statement, author, when, odds_ratio, confidence_customers, expires;
    + slot, customers_say, customers_by_slot
);
stored_message!(sweetspot_core::HypothesisEntry as crate::HypothesisEntry: hypothesis, stated_at, reason);
stored_message!(sweetspot_core::Attribution as crate::Attribution: author, stated_at, reason, expires);
stored_message!(
    sweetspot_core::Finding as crate::Finding:
    id, text, question, account_id, segment_id, section, spiced, category, stance, attribution
);
stored_message!(
    sweetspot_core::Comment as crate::Comment: id, about, text, author, time, is_removal, resolution
);
stored_message!(sweetspot_core::CommentResolution as crate::Resolution: author, time, reason);
stored_message!(sweetspot_core::PersonApproval as crate::PersonApproval: actor, time);
stored_message!(
    sweetspot_core::Definition as crate::Definition:
    hypotheses, exclusion_rules, findings, comments, categories, sections, approval, review_date,
    allow_self_approval, committee, round;
    + format_version
);
stored_message!(
    sweetspot_core::ApprovedDefinitionVersion as crate::ApprovedVersion: number, version, actor, time, approvals;
    + format_version, definition
);
stored_message!(
    sweetspot_core::ClassWeights as crate::CustomWeights: negative_net, churned, lost, high_value, won
);

impl StoredField for Test {
    type Stored = Option<StoredTest>;

    fn into_stored(self) -> Self::Stored {
        Some(match self {
            Self::AnyOf(values) => StoredTest::AnyOf(Texts { values }),
            Self::Range { gte, lt } => StoredTest::Range(Range { gte, lt }),
            Self::Present(present) => StoredTest::Present(present),
            Self::Flag(flag) => StoredTest::Flag(flag),
        })
    }

    fn from_stored(stored: Self::Stored, name: &'static str) -> Result<Self, FieldError> {
        Ok(match stored.ok_or(FieldError(name))? {
            StoredTest::AnyOf(Texts { values }) => Self::AnyOf(values),
            StoredTest::Range(Range { gte, lt }) => Self::Range { gte, lt },
            StoredTest::Present(present) => Self::Present(present),
            StoredTest::Flag(flag) => Self::Flag(flag),
        })
    }
}

impl StoredAsMessage for sweetspot_core::ExclusionRule {
    type Message = crate::ExclusionRule;
}

impl From<sweetspot_core::ExclusionRule> for crate::ExclusionRule {
    fn from(rule: sweetspot_core::ExclusionRule) -> Self {
        let sweetspot_core::ExclusionRule { id, statement, when, severity, section, attribution } = rule;
        let Attribution { author, stated_at, reason, expires } = attribution.into();
        let stated = stated_at.unwrap_or_default();
        Self {
            id,
            statement,
            when: when.into_stored(),
            severity: severity.into_stored(),
            section: section.into_stored(),
            author,
            stated: stated.seconds,
            reason,
            expires: expires.map(|time| time.seconds),
            customers: 0,
            ideal: 0,
            stated_nanos: stated.nanos,
            expires_nanos: expires.map_or(0, |time| time.nanos),
        }
    }
}

impl TryFrom<crate::ExclusionRule> for sweetspot_core::ExclusionRule {
    type Error = FieldError;

    fn try_from(stored: crate::ExclusionRule) -> Result<Self, FieldError> {
        let crate::ExclusionRule {
            id,
            statement,
            when,
            severity,
            section,
            author,
            stated,
            reason,
            expires,
            customers: _,
            ideal: _,
            stated_nanos,
            expires_nanos,
        } = stored;
        let when = sweetspot_core::Condition::from_stored(when, "condition")?;
        let section = match section {
            0 => guess_category(&when.attribute).1,
            number => StoredField::from_stored(number, "section")?,
        };
        let stated_at = Some(Time { seconds: stated, nanos: stated_nanos });
        let expires = expires.map(|seconds| Time { seconds, nanos: expires_nanos });
        let attribution = Attribution { author, stated_at, reason, expires }.try_into()?;
        let severity = StoredField::from_stored(severity, "severity")?;
        Ok(Self { id, statement, when, severity, section, attribution })
    }
}

impl StoredField for Approval {
    type Stored = Option<crate::Approval>;

    fn into_stored(self) -> Self::Stored {
        let (actor, time, number) = match self {
            Self::Draft => return None,
            Self::InReview { actor, time } => (actor, time, None),
            Self::Approved { actor, time, number } => (actor, time, Some(number)),
        };
        Some(crate::Approval { actor, time: time.into_stored(), number })
    }

    fn from_stored(stored: Self::Stored, _name: &'static str) -> Result<Self, FieldError> {
        let Some(crate::Approval { actor, time, number }) = stored else { return Ok(Self::Draft) };
        let time = StoredField::from_stored(time, "time")?;
        Ok(match number {
            None => Self::InReview { actor, time },
            Some(number) => Self::Approved { actor, time, number },
        })
    }
}

/// Absent in what was stored before there were committees.
impl StoredField for sweetspot_core::ApprovalCommittee {
    type Stored = Option<crate::Committee>;

    fn into_stored(self) -> Self::Stored {
        let Self { approvers, required_approvals } = self;
        Some(crate::Committee { approvers, required_approvals })
    }

    fn from_stored(stored: Self::Stored, _name: &'static str) -> Result<Self, FieldError> {
        let Some(crate::Committee { approvers, required_approvals }) = stored else { return Ok(Self::default()) };
        Ok(Self { approvers, required_approvals: required_approvals.max(1) })
    }
}

/// Absent in what was stored before there were committees.
impl StoredField for sweetspot_core::ReviewRound {
    type Stored = Option<crate::ReviewRound>;

    fn into_stored(self) -> Self::Stored {
        let Self { version, approvals } = self;
        Some(crate::ReviewRound { version, approvals: approvals.into_stored() })
    }

    fn from_stored(stored: Self::Stored, name: &'static str) -> Result<Self, FieldError> {
        let Some(crate::ReviewRound { version, approvals }) = stored else { return Ok(Self::default()) };
        Ok(Self { version, approvals: Vec::from_stored(approvals, name)? })
    }
}

impl StoredField for Option<sweetspot_core::CommentResolution> {
    type Stored = Option<crate::Resolution>;

    fn into_stored(self) -> Self::Stored {
        self.map(crate::Resolution::from)
    }

    fn from_stored(stored: Self::Stored, _name: &'static str) -> Result<Self, FieldError> {
        stored.map(sweetspot_core::CommentResolution::try_from).transpose()
    }
}

impl StoredAsMessage for sweetspot_core::LabelPolicy {
    type Message = LabelPolicy;
}

impl From<sweetspot_core::LabelPolicy> for LabelPolicy {
    fn from(policy: sweetspot_core::LabelPolicy) -> Self {
        let sweetspot_core::LabelPolicy { preset, top_share, value_at_least, maturity_days, base_rate } = policy;
        let (preset, weights) = match preset {
            LabelPreset::Ideal => (Preset::Ideal, None),
            LabelPreset::Won => (Preset::Won, None),
            LabelPreset::Retained => (Preset::Retained, None),
            LabelPreset::HighValue => (Preset::HighValue, None),
            LabelPreset::Custom(weights) => (Preset::Custom, weights.into_stored()),
        };
        Self { preset: preset.into(), top_share, value_at_least, maturity_days, weights, base_rate }
    }
}

impl TryFrom<LabelPolicy> for sweetspot_core::LabelPolicy {
    type Error = FieldError;

    fn try_from(stored: LabelPolicy) -> Result<Self, FieldError> {
        let LabelPolicy { preset, top_share, value_at_least, maturity_days, weights, base_rate } = stored;
        let preset = match Preset::try_from(preset).unwrap_or_default() {
            Preset::Unspecified => return Err(FieldError("preset")),
            Preset::Ideal => LabelPreset::Ideal,
            Preset::Won => LabelPreset::Won,
            Preset::Retained => LabelPreset::Retained,
            Preset::HighValue => LabelPreset::HighValue,
            Preset::Custom => LabelPreset::Custom(StoredField::from_stored(weights, "weights")?),
        };
        Ok(Self { preset, top_share, value_at_least, maturity_days, base_rate })
    }
}

#[cfg(test)]
mod tests;
