//! Converts enums of fits and reasons.

use sweetspot_core::{ContributionKind, DataSupport, NoteKind, PondSide, Tier};
use sweetspot_proto::v1;

/// Converts the data support of a score.
pub(in crate::api) const fn wire_data_support(evidence: DataSupport) -> v1::Evidence {
    match evidence {
        DataSupport::Sufficient => v1::Evidence::Sufficient,
        DataSupport::Thin => v1::Evidence::Thin,
        DataSupport::None => v1::Evidence::None,
    }
}

/// Converts the kind of a contribution.
pub(in crate::api) const fn wire_reason_kind(kind: ContributionKind) -> v1::ReasonKind {
    match kind {
        ContributionKind::Attribute => v1::ReasonKind::Attribute,
        ContributionKind::Interaction => v1::ReasonKind::Pair,
        ContributionKind::Hypothesis => v1::ReasonKind::Hypothesis,
    }
}

/// Converts the status of an attribute.
pub(in crate::api) const fn wire_attribute_status(kind: NoteKind) -> v1::AttributeStatus {
    match kind {
        NoteKind::Missing => v1::AttributeStatus::Missing,
        NoteKind::UnseenCategory => v1::AttributeStatus::UnseenCategory,
        NoteKind::OutOfRange => v1::AttributeStatus::OutOfRange,
        NoteKind::UnknownAttribute => v1::AttributeStatus::UnknownAttribute,
        NoteKind::TypeMismatch => v1::AttributeStatus::TypeMismatch,
        NoteKind::Ambiguous => v1::AttributeStatus::Ambiguous,
    }
}

/// Converts a tier.
pub(in crate::api) const fn wire_tier(tier: Tier) -> v1::FitTier {
    match tier {
        Tier::A => v1::FitTier::A,
        Tier::B => v1::FitTier::B,
        Tier::C => v1::FitTier::C,
        Tier::D => v1::FitTier::D,
    }
}

/// Converts a side of the waterline.
pub(in crate::api) const fn wire_pond_side(side: PondSide) -> v1::PondSide {
    match side {
        PondSide::In => v1::PondSide::In,
        PondSide::Out => v1::PondSide::Out,
    }
}

/// Reads a side of the waterline; `None` if unspecified.
pub(in crate::api) const fn parse_pond_side(wire: v1::PondSide) -> Option<PondSide> {
    match wire {
        v1::PondSide::Unspecified => None,
        v1::PondSide::In => Some(PondSide::In),
        v1::PondSide::Out => Some(PondSide::Out),
    }
}

/// Reads a tier; `None` if unspecified.
pub(in crate::api) const fn parse_tier(wire: v1::FitTier) -> Option<Tier> {
    match wire {
        v1::FitTier::Unspecified => None,
        v1::FitTier::A => Some(Tier::A),
        v1::FitTier::B => Some(Tier::B),
        v1::FitTier::C => Some(Tier::C),
        v1::FitTier::D => Some(Tier::D),
    }
}
