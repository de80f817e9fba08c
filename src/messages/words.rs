//! The words for parts of a score, in files and in plain JSON.

use sweetspot_proto::v1::{DataSupport, FitTier, PondSide};

/// Returns the letter of a tier.
pub(crate) const fn tier_letter(tier: FitTier) -> &'static str {
    match tier {
        FitTier::A => "A",
        FitTier::B => "B",
        FitTier::C => "C",
        FitTier::D => "D",
        FitTier::Unspecified => "",
    }
}

/// Returns the word for a pond side.
pub(crate) const fn pond_side_word(side: PondSide) -> &'static str {
    match side {
        PondSide::In => "IN",
        PondSide::Out => "OUT",
        PondSide::Unspecified => "",
    }
}

/// Returns the word for the confidence of a score.
pub(crate) const fn data_support_word(support: DataSupport) -> &'static str {
    match support {
        DataSupport::Sufficient => "sufficient",
        DataSupport::Thin => "thin",
        DataSupport::None => "none",
        DataSupport::Unspecified => "",
    }
}
