//! Sections, categories and other words of a definition, from the wire and back.

use sweetspot_core::{Category, Lean, PondSection, Severity, Spiced};
use sweetspot_proto::v1;

/// A section; nothing where none is told.
pub(in crate::api) const fn section(wire: v1::PondSection) -> Option<PondSection> {
    match wire {
        v1::PondSection::Unspecified => None,
        v1::PondSection::AccountProfile => Some(PondSection::AccountProfile),
        v1::PondSection::Needs => Some(PondSection::Needs),
        v1::PondSection::UrgencyDrivers => Some(PondSection::UrgencyDrivers),
        v1::PondSection::Beliefs => Some(PondSection::Beliefs),
        v1::PondSection::TippingPoint => Some(PondSection::TippingPoint),
    }
}

/// A section as it is answered.
pub(in crate::api) const fn wire_section(section: Option<PondSection>) -> v1::PondSection {
    match section {
        None => v1::PondSection::Unspecified,
        Some(PondSection::AccountProfile) => v1::PondSection::AccountProfile,
        Some(PondSection::Needs) => v1::PondSection::Needs,
        Some(PondSection::UrgencyDrivers) => v1::PondSection::UrgencyDrivers,
        Some(PondSection::Beliefs) => v1::PondSection::Beliefs,
        Some(PondSection::TippingPoint) => v1::PondSection::TippingPoint,
    }
}

/// A category; nothing where none is told.
pub(in crate::api) const fn category(wire: v1::IcpCategory) -> Option<Category> {
    match wire {
        v1::IcpCategory::Unspecified => None,
        v1::IcpCategory::Firmographics => Some(Category::Firmographics),
        v1::IcpCategory::BusinessProblem => Some(Category::BusinessProblem),
        v1::IcpCategory::ImpactPotential => Some(Category::ImpactPotential),
    }
}

/// A category as it is answered.
pub(in crate::api) const fn wire_category(category: Option<Category>) -> v1::IcpCategory {
    match category {
        None => v1::IcpCategory::Unspecified,
        Some(Category::Firmographics) => v1::IcpCategory::Firmographics,
        Some(Category::BusinessProblem) => v1::IcpCategory::BusinessProblem,
        Some(Category::ImpactPotential) => v1::IcpCategory::ImpactPotential,
    }
}

/// A part of a SPICED diagnosis; nothing where none is told.
pub(in crate::api) const fn spiced(wire: v1::SpicedPart) -> Option<Spiced> {
    match wire {
        v1::SpicedPart::Unspecified => None,
        v1::SpicedPart::Situation => Some(Spiced::Situation),
        v1::SpicedPart::Pain => Some(Spiced::Pain),
        v1::SpicedPart::Impact => Some(Spiced::Impact),
        v1::SpicedPart::CriticalEvent => Some(Spiced::CriticalEvent),
        v1::SpicedPart::Decision => Some(Spiced::Decision),
    }
}

/// A part of a SPICED diagnosis as it is answered.
pub(in crate::api) const fn wire_spiced(spiced: Option<Spiced>) -> v1::SpicedPart {
    match spiced {
        None => v1::SpicedPart::Unspecified,
        Some(Spiced::Situation) => v1::SpicedPart::Situation,
        Some(Spiced::Pain) => v1::SpicedPart::Pain,
        Some(Spiced::Impact) => v1::SpicedPart::Impact,
        Some(Spiced::CriticalEvent) => v1::SpicedPart::CriticalEvent,
        Some(Spiced::Decision) => v1::SpicedPart::Decision,
    }
}

/// Which way a finding speaks.
pub(in crate::api) const fn lean(wire: v1::FindingLean) -> Lean {
    match wire {
        v1::FindingLean::Unspecified => Lean::Neutral,
        v1::FindingLean::Positive => Lean::Positive,
        v1::FindingLean::Negative => Lean::Negative,
    }
}

/// Which way a finding speaks, as it is answered.
pub(in crate::api) const fn wire_lean(lean: Lean) -> v1::FindingLean {
    match lean {
        Lean::Neutral => v1::FindingLean::Unspecified,
        Lean::Positive => v1::FindingLean::Positive,
        Lean::Negative => v1::FindingLean::Negative,
    }
}

/// How much a gate counts; nothing where that is not told.
pub(in crate::api) const fn severity(wire: v1::GateSeverity) -> Option<Severity> {
    match wire {
        v1::GateSeverity::Unspecified => None,
        v1::GateSeverity::Out => Some(Severity::Out),
        v1::GateSeverity::Caution => Some(Severity::Caution),
    }
}

/// How much a gate counts, as it is answered.
pub(in crate::api) const fn wire_severity(severity: Severity) -> v1::GateSeverity {
    match severity {
        Severity::Out => v1::GateSeverity::Out,
        Severity::Caution => v1::GateSeverity::Caution,
    }
}
