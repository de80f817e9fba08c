//! The words for sections, categories and other enums: in flags, in the API, and in output.

use sweetspot_core::{IcpCategory, PondSection, SpicedPart, Stance};
use sweetspot_proto::v1;

/// Parses a section of the Pond Map.
///
/// # Errors
/// Returns an error if the text is not a section.
pub(crate) fn section(text: &str) -> Result<PondSection, String> {
    PondSection::from_key(text).ok_or_else(|| unknown_word(text, PondSection::ALL.map(PondSection::key)))
}

/// Parses a category of the profile.
///
/// # Errors
/// Returns an error if the text is not a category.
pub(crate) fn category(text: &str) -> Result<IcpCategory, String> {
    IcpCategory::from_key(text).ok_or_else(|| unknown_word(text, IcpCategory::ALL.map(IcpCategory::key)))
}

/// Parses a part of a SPICED diagnosis.
///
/// # Errors
/// Returns an error if the text is not a part.
pub(crate) fn spiced(text: &str) -> Result<SpicedPart, String> {
    SpicedPart::from_key(text).ok_or_else(|| unknown_word(text, SpicedPart::ALL.map(SpicedPart::key)))
}

/// Parses the direction of a finding.
///
/// # Errors
/// Returns an error if the text is not a direction.
pub(crate) fn lean(text: &str) -> Result<Stance, String> {
    Stance::from_key(text).ok_or_else(|| unknown_word(text, Stance::ALL.map(Stance::key)))
}

fn unknown_word<const N: usize>(text: &str, known: [&str; N]) -> String {
    format!("{text:?} is not one of {}", known.join(", "))
}

/// Converts a section for the API.
pub(crate) const fn wire_section(section: PondSection) -> v1::PondSection {
    match section {
        PondSection::AccountProfile => v1::PondSection::AccountProfile,
        PondSection::Needs => v1::PondSection::Needs,
        PondSection::UrgencyDrivers => v1::PondSection::UrgencyDrivers,
        PondSection::Beliefs => v1::PondSection::Beliefs,
        PondSection::TippingPoint => v1::PondSection::TippingPoint,
    }
}

/// Converts a category for the API.
pub(crate) const fn wire_category(category: IcpCategory) -> v1::IcpCategory {
    match category {
        IcpCategory::Firmographics => v1::IcpCategory::Firmographics,
        IcpCategory::BusinessProblem => v1::IcpCategory::BusinessProblem,
        IcpCategory::ImpactPotential => v1::IcpCategory::ImpactPotential,
    }
}

/// Converts a part of a SPICED diagnosis for the API.
pub(crate) const fn wire_spiced(spiced: SpicedPart) -> v1::SpicedPart {
    match spiced {
        SpicedPart::Situation => v1::SpicedPart::Situation,
        SpicedPart::Pain => v1::SpicedPart::Pain,
        SpicedPart::Impact => v1::SpicedPart::Impact,
        SpicedPart::CriticalEvent => v1::SpicedPart::CriticalEvent,
        SpicedPart::Decision => v1::SpicedPart::Decision,
    }
}

/// Converts a direction for the API.
pub(crate) const fn wire_lean(lean: Stance) -> v1::FindingLean {
    match lean {
        Stance::Neutral => v1::FindingLean::Unspecified,
        Stance::Positive => v1::FindingLean::Positive,
        Stance::Negative => v1::FindingLean::Negative,
    }
}

/// Returns the word for a section; empty if it is unspecified.
pub(crate) fn section_word(wire: v1::PondSection) -> &'static str {
    PondSection::ALL.into_iter().find(|one| wire_section(*one) == wire).map(PondSection::key).unwrap_or_default()
}

/// Returns the word for a category; empty if it is unspecified.
pub(crate) fn category_word(wire: v1::IcpCategory) -> &'static str {
    IcpCategory::ALL.into_iter().find(|one| wire_category(*one) == wire).map(IcpCategory::key).unwrap_or_default()
}

/// Returns the word for a part of a SPICED diagnosis; empty if it is unspecified.
pub(crate) fn spiced_word(wire: v1::SpicedPart) -> &'static str {
    SpicedPart::ALL.into_iter().find(|one| wire_spiced(*one) == wire).map(SpicedPart::key).unwrap_or_default()
}

/// Returns the word for a direction.
pub(crate) fn lean_word(wire: v1::FindingLean) -> &'static str {
    Stance::ALL.into_iter().find(|one| wire_lean(*one) == wire).map(Stance::key).unwrap_or_default()
}

/// Returns the word for the severity of an exclusion rule.
pub(crate) const fn severity_word(wire: v1::GateSeverity) -> &'static str {
    match wire {
        v1::GateSeverity::Unspecified => "",
        v1::GateSeverity::Out => "OUT",
        v1::GateSeverity::Caution => "CAUTION",
    }
}
