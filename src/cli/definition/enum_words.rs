//! The words for sections, categories and other enums: in flags, in the API, and in output.

use sweetspot_core::{IcpCategory, PondMapSectionKind, SpicedPart, Stance};

use crate::messages::enums::WireEnum;

/// Parses a section of the Pond Map.
///
/// # Errors
/// Returns an error if the text is not a section.
pub(crate) fn section(text: &str) -> Result<PondMapSectionKind, String> {
    PondMapSectionKind::from_key(text)
        .ok_or_else(|| unknown_word(text, PondMapSectionKind::ALL.map(PondMapSectionKind::key)))
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
pub(crate) fn stance(text: &str) -> Result<Stance, String> {
    Stance::from_key(text).ok_or_else(|| unknown_word(text, Stance::ALL.map(Stance::key)))
}

fn unknown_word<const N: usize>(text: &str, known: [&str; N]) -> String {
    format!("{text:?} is not one of {}", known.join(", "))
}

/// Returns the word of an enum of the API; empty if it is unspecified.
pub(crate) fn word<E: WireEnum>(wire: E::Wire, key: fn(E) -> &'static str) -> &'static str {
    E::from_wire(wire).map_or("", key)
}
