//! What fits and reasons are called on the wire.

use sweetspot_core::{ContributionKind, Evidence, NoteKind, PondSide, Tier};
use sweetspot_proto::v1;

/// How much is known.
pub(in crate::api) const fn wire_evidence(evidence: Evidence) -> v1::Evidence {
    match evidence {
        Evidence::Sufficient => v1::Evidence::Sufficient,
        Evidence::Thin => v1::Evidence::Thin,
        Evidence::None => v1::Evidence::None,
    }
}

/// Where a reason comes from.
pub(in crate::api) const fn wire_kind(kind: ContributionKind) -> v1::ReasonKind {
    match kind {
        ContributionKind::Attribute => v1::ReasonKind::Attribute,
        ContributionKind::Pair => v1::ReasonKind::Pair,
        ContributionKind::Hypothesis => v1::ReasonKind::Hypothesis,
    }
}

/// What became of an attribute.
pub(in crate::api) const fn wire_status(kind: NoteKind) -> v1::AttributeStatus {
    match kind {
        NoteKind::Missing => v1::AttributeStatus::Missing,
        NoteKind::UnseenCategory => v1::AttributeStatus::UnseenCategory,
        NoteKind::OutOfRange => v1::AttributeStatus::OutOfRange,
        NoteKind::UnknownAttribute => v1::AttributeStatus::UnknownAttribute,
        NoteKind::TypeMismatch => v1::AttributeStatus::TypeMismatch,
        NoteKind::Ambiguous => v1::AttributeStatus::Ambiguous,
    }
}

/// The tier on the wire.
pub(in crate::api) const fn wire_tier(tier: Tier) -> v1::FitTier {
    match tier {
        Tier::A => v1::FitTier::A,
        Tier::B => v1::FitTier::B,
        Tier::C => v1::FitTier::C,
        Tier::D => v1::FitTier::D,
    }
}

/// The side of the waterline on the wire.
pub(in crate::api) const fn wire_side(side: PondSide) -> v1::PondSide {
    match side {
        PondSide::In => v1::PondSide::In,
        PondSide::Out => v1::PondSide::Out,
    }
}

/// The side that is named, if one is.
pub(in crate::api) const fn side(wire: v1::PondSide) -> Option<PondSide> {
    match wire {
        v1::PondSide::Unspecified => None,
        v1::PondSide::In => Some(PondSide::In),
        v1::PondSide::Out => Some(PondSide::Out),
    }
}

/// The tier that is named, if one is.
pub(in crate::api) const fn tier(wire: v1::FitTier) -> Option<Tier> {
    match wire {
        v1::FitTier::Unspecified => None,
        v1::FitTier::A => Some(Tier::A),
        v1::FitTier::B => Some(Tier::B),
        v1::FitTier::C => Some(Tier::C),
        v1::FitTier::D => Some(Tier::D),
    }
}
