//! The label policy of a model without a stored one.

use sweetspot_core::{LabelCard, LabelPolicy, LabelPreset};

/// The part of the policy that a label card contains: its preset and its threshold for high value.
pub(super) fn from_label_card(card: &LabelCard) -> LabelPolicy {
    let preset = match card.policy.as_str() {
        "won" => LabelPreset::Won,
        "retained" => LabelPreset::Retained,
        "high_value" => LabelPreset::HighValue,
        _ => LabelPreset::Ideal,
    };
    let (value_at_least, base_rate) = (card.value_threshold, card.base_rate);
    LabelPolicy { preset, value_at_least, base_rate, ..LabelPolicy::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_card_contains_the_preset_by_name() {
        for preset in [LabelPreset::Ideal, LabelPreset::Won, LabelPreset::Retained, LabelPreset::HighValue] {
            let card = LabelCard { policy: preset.name().to_owned(), ..LabelCard::default() };
            assert_eq!(from_label_card(&card).preset, preset);
        }
        let custom = LabelCard { policy: "custom".to_owned(), ..LabelCard::default() };
        assert_eq!(from_label_card(&custom).preset, LabelPreset::Ideal);
    }
}
