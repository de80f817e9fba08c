//! Sections, categories and other words: as flags take them, and as they are sent and shown.

use sweetspot_core::{Category, Lean, PondSection, Spiced};
use sweetspot_proto::v1;

/// A section of the Pond Map.
///
/// # Errors
/// Where it is none.
pub(crate) fn section(text: &str) -> Result<PondSection, String> {
    PondSection::from_key(text).ok_or_else(|| among(text, PondSection::ALL.map(PondSection::key)))
}

/// A category of the profile.
///
/// # Errors
/// Where it is none.
pub(crate) fn category(text: &str) -> Result<Category, String> {
    Category::from_key(text).ok_or_else(|| among(text, Category::ALL.map(Category::key)))
}

/// A part of a SPICED diagnosis.
///
/// # Errors
/// Where it is none.
pub(crate) fn spiced(text: &str) -> Result<Spiced, String> {
    Spiced::from_key(text).ok_or_else(|| among(text, Spiced::ALL.map(Spiced::key)))
}

/// Which way a finding speaks.
///
/// # Errors
/// Where it is none.
pub(crate) fn lean(text: &str) -> Result<Lean, String> {
    Lean::from_key(text).ok_or_else(|| among(text, Lean::ALL.map(Lean::key)))
}

fn among<const N: usize>(text: &str, known: [&str; N]) -> String {
    format!("{text:?} is not one of {}", known.join(", "))
}

/// A section as it is sent.
pub(crate) const fn wire_section(section: PondSection) -> v1::PondSection {
    match section {
        PondSection::AccountProfile => v1::PondSection::AccountProfile,
        PondSection::Needs => v1::PondSection::Needs,
        PondSection::UrgencyDrivers => v1::PondSection::UrgencyDrivers,
        PondSection::Beliefs => v1::PondSection::Beliefs,
        PondSection::TippingPoint => v1::PondSection::TippingPoint,
    }
}

/// A category as it is sent.
pub(crate) const fn wire_category(category: Category) -> v1::IcpCategory {
    match category {
        Category::Firmographics => v1::IcpCategory::Firmographics,
        Category::BusinessProblem => v1::IcpCategory::BusinessProblem,
        Category::ImpactPotential => v1::IcpCategory::ImpactPotential,
    }
}

/// A part of a diagnosis as it is sent.
pub(crate) const fn wire_spiced(spiced: Spiced) -> v1::SpicedPart {
    match spiced {
        Spiced::Situation => v1::SpicedPart::Situation,
        Spiced::Pain => v1::SpicedPart::Pain,
        Spiced::Impact => v1::SpicedPart::Impact,
        Spiced::CriticalEvent => v1::SpicedPart::CriticalEvent,
        Spiced::Decision => v1::SpicedPart::Decision,
    }
}

/// A way to speak as it is sent.
pub(crate) const fn wire_lean(lean: Lean) -> v1::FindingLean {
    match lean {
        Lean::Neutral => v1::FindingLean::Unspecified,
        Lean::Positive => v1::FindingLean::Positive,
        Lean::Negative => v1::FindingLean::Negative,
    }
}

/// The word for a section; empty where none is told.
pub(crate) fn section_word(wire: v1::PondSection) -> &'static str {
    PondSection::ALL.into_iter().find(|one| wire_section(*one) == wire).map(PondSection::key).unwrap_or_default()
}

/// The word for a category; empty where none is told.
pub(crate) fn category_word(wire: v1::IcpCategory) -> &'static str {
    Category::ALL.into_iter().find(|one| wire_category(*one) == wire).map(Category::key).unwrap_or_default()
}

/// The word for a part of a diagnosis; empty where none is told.
pub(crate) fn spiced_word(wire: v1::SpicedPart) -> &'static str {
    Spiced::ALL.into_iter().find(|one| wire_spiced(*one) == wire).map(Spiced::key).unwrap_or_default()
}

/// The word for a way to speak.
pub(crate) fn lean_word(wire: v1::FindingLean) -> &'static str {
    Lean::ALL.into_iter().find(|one| wire_lean(*one) == wire).map(Lean::key).unwrap_or_default()
}

/// The word for how much a gate counts.
pub(crate) const fn severity_word(wire: v1::GateSeverity) -> &'static str {
    match wire {
        v1::GateSeverity::Unspecified => "",
        v1::GateSeverity::Out => "OUT",
        v1::GateSeverity::Caution => "CAUTION",
    }
}
