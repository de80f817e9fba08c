//! The enums that the domain and the API share. One table converts them both ways.

use sweetspot_core::{
    AttributeNoteKind, ContributionKind, DataSupport, IcpCategory, MonotonicityConstraint, PondMapSectionKind,
    PondSide, Severity, SpicedPart, Stance, Tier, Verdict,
};
use sweetspot_proto::v1::{self, definition_change, hypothesis_summary};
use sweetspot_report::diff::DifferenceKind;
use sweetspot_report::value::{IcpPart, LossAdvice, SplitBasis};
use sweetspot_store::registry::PromotionKind;

/// An enum of the domain that the API has, too.
pub(crate) trait WireEnum: Copy + Sized {
    /// The enum of the API.
    type Wire: Copy + Default;

    /// Converts to the API.
    fn wire(self) -> Self::Wire;

    /// Converts from the API. `None` if the value is unspecified, unless that has a meaning of its own.
    fn from_wire(wire: Self::Wire) -> Option<Self>;
}

/// Implements [`WireEnum`] for pairs of values; `Unspecified` of the API is `None`.
macro_rules! wire_enum {
    ($domain:ident, $wire:path: $($value:ident = $wire_value:ident),+) => {
        impl WireEnum for $domain {
            type Wire = $wire;

            #[inline]
            fn wire(self) -> Self::Wire {
                match self {
                    $(Self::$value => Self::Wire::$wire_value,)+
                }
            }

            fn from_wire(wire: Self::Wire) -> Option<Self> {
                match wire {
                    $(Self::Wire::$wire_value => Some(Self::$value),)+
                    Self::Wire::Unspecified => None,
                }
            }
        }
    };
    ($domain:ident, $wire:path: $($value:ident),+) => { wire_enum!($domain, $wire: $($value = $value),+); };
}

wire_enum!(Tier, v1::FitTier: A, B, C, D);
wire_enum!(PondSide, v1::PondSide: In, Out);
wire_enum!(DataSupport, v1::DataSupport: Sufficient, Thin, None);
wire_enum!(ContributionKind, v1::ReasonKind: Attribute = Attribute, Interaction = Pair, Hypothesis = Hypothesis);
wire_enum!(PondMapSectionKind, v1::PondSection: AccountProfile, Needs, UrgencyDrivers, Beliefs, TippingPoint);
wire_enum!(IcpCategory, v1::IcpCategory: Firmographics, BusinessProblem, ImpactPotential);
wire_enum!(SpicedPart, v1::SpicedPart: Situation, Pain, Impact, CriticalEvent, Decision);
wire_enum!(Severity, v1::ExclusionSeverity: Out, Caution);
wire_enum!(Verdict, hypothesis_summary::Verdict: Supported, Refuted, NotEnoughData);
wire_enum!(MonotonicityConstraint, v1::Direction: Increasing, Decreasing);
wire_enum!(PromotionKind, v1::PromotionKind: Promoted, RolledBack, Refused);
wire_enum!(DifferenceKind, definition_change::Kind: Added, Removed, Changed);
wire_enum!(IcpPart, v1::ValuePart: ValuableProblem, AbilityToSolve, GrowthPotential, WhoTheyAre);
wire_enum!(LossAdvice, v1::BadFitAdvice: BreakUp, SecondLook, TooYoung, Gone);
wire_enum!(SplitBasis, v1::CohortBasis: YearlySpend, FirstQuarter, Value);

impl WireEnum for Stance {
    type Wire = v1::FindingStance;

    fn wire(self) -> v1::FindingStance {
        match self {
            Self::Neutral => v1::FindingStance::Unspecified,
            Self::Positive => v1::FindingStance::Positive,
            Self::Negative => v1::FindingStance::Negative,
        }
    }

    /// A finding without a stance is neutral.
    fn from_wire(wire: v1::FindingStance) -> Option<Self> {
        Some(match wire {
            v1::FindingStance::Unspecified => Self::Neutral,
            v1::FindingStance::Positive => Self::Positive,
            v1::FindingStance::Negative => Self::Negative,
        })
    }
}

/// Converts the kind of a note. The API has further statuses, which come from no note.
pub(crate) const fn attribute_status(kind: AttributeNoteKind) -> v1::AttributeStatus {
    match kind {
        AttributeNoteKind::Missing => v1::AttributeStatus::Missing,
        AttributeNoteKind::UnseenCategory => v1::AttributeStatus::UnseenCategory,
        AttributeNoteKind::OutOfRange => v1::AttributeStatus::OutOfRange,
        AttributeNoteKind::UnknownAttribute => v1::AttributeStatus::UnknownAttribute,
        AttributeNoteKind::TypeMismatch => v1::AttributeStatus::TypeMismatch,
        AttributeNoteKind::Ambiguous => v1::AttributeStatus::Ambiguous,
    }
}
