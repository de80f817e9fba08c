//! Converts sections, categories and other enums of a definition from and to messages.

use sweetspot_core::{IcpCategory, PondSection, Severity, SpicedPart, Stance};
use sweetspot_proto::v1;

/// Reads a section; `None` if unspecified.
pub(in crate::api) const fn parse_section(wire: v1::PondSection) -> Option<PondSection> {
    match wire {
        v1::PondSection::Unspecified => None,
        v1::PondSection::AccountProfile => Some(PondSection::AccountProfile),
        v1::PondSection::Needs => Some(PondSection::Needs),
        v1::PondSection::UrgencyDrivers => Some(PondSection::UrgencyDrivers),
        v1::PondSection::Beliefs => Some(PondSection::Beliefs),
        v1::PondSection::TippingPoint => Some(PondSection::TippingPoint),
    }
}

/// Converts a section.
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

/// Reads a category; `None` if unspecified.
pub(in crate::api) const fn parse_category(wire: v1::IcpCategory) -> Option<IcpCategory> {
    match wire {
        v1::IcpCategory::Unspecified => None,
        v1::IcpCategory::Firmographics => Some(IcpCategory::Firmographics),
        v1::IcpCategory::BusinessProblem => Some(IcpCategory::BusinessProblem),
        v1::IcpCategory::ImpactPotential => Some(IcpCategory::ImpactPotential),
    }
}

/// Converts a category.
pub(in crate::api) const fn wire_category(category: Option<IcpCategory>) -> v1::IcpCategory {
    match category {
        None => v1::IcpCategory::Unspecified,
        Some(IcpCategory::Firmographics) => v1::IcpCategory::Firmographics,
        Some(IcpCategory::BusinessProblem) => v1::IcpCategory::BusinessProblem,
        Some(IcpCategory::ImpactPotential) => v1::IcpCategory::ImpactPotential,
    }
}

/// Reads a part of a SPICED diagnosis; `None` if unspecified.
pub(in crate::api) const fn parse_spiced(wire: v1::SpicedPart) -> Option<SpicedPart> {
    match wire {
        v1::SpicedPart::Unspecified => None,
        v1::SpicedPart::Situation => Some(SpicedPart::Situation),
        v1::SpicedPart::Pain => Some(SpicedPart::Pain),
        v1::SpicedPart::Impact => Some(SpicedPart::Impact),
        v1::SpicedPart::CriticalEvent => Some(SpicedPart::CriticalEvent),
        v1::SpicedPart::Decision => Some(SpicedPart::Decision),
    }
}

/// Converts a part of a SPICED diagnosis.
pub(in crate::api) const fn wire_spiced(spiced: Option<SpicedPart>) -> v1::SpicedPart {
    match spiced {
        None => v1::SpicedPart::Unspecified,
        Some(SpicedPart::Situation) => v1::SpicedPart::Situation,
        Some(SpicedPart::Pain) => v1::SpicedPart::Pain,
        Some(SpicedPart::Impact) => v1::SpicedPart::Impact,
        Some(SpicedPart::CriticalEvent) => v1::SpicedPart::CriticalEvent,
        Some(SpicedPart::Decision) => v1::SpicedPart::Decision,
    }
}

/// Reads the stance of a finding.
pub(in crate::api) const fn parse_stance(wire: v1::FindingLean) -> Stance {
    match wire {
        v1::FindingLean::Unspecified => Stance::Neutral,
        v1::FindingLean::Positive => Stance::Positive,
        v1::FindingLean::Negative => Stance::Negative,
    }
}

/// Converts the stance of a finding.
pub(in crate::api) const fn wire_stance(lean: Stance) -> v1::FindingLean {
    match lean {
        Stance::Neutral => v1::FindingLean::Unspecified,
        Stance::Positive => v1::FindingLean::Positive,
        Stance::Negative => v1::FindingLean::Negative,
    }
}

/// Reads the severity of an exclusion rule; `None` if unspecified.
pub(in crate::api) const fn parse_severity(wire: v1::GateSeverity) -> Option<Severity> {
    match wire {
        v1::GateSeverity::Unspecified => None,
        v1::GateSeverity::Out => Some(Severity::Out),
        v1::GateSeverity::Caution => Some(Severity::Caution),
    }
}

/// Converts the severity of an exclusion rule.
pub(in crate::api) const fn wire_severity(severity: Severity) -> v1::GateSeverity {
    match severity {
        Severity::Out => v1::GateSeverity::Out,
        Severity::Caution => v1::GateSeverity::Caution,
    }
}
