//! Conversion of the label policy to and from its stored form.

use sweetspot_core::{CustomWeights, LabelCard, LabelPolicy, LabelPreset};

use crate::stored;
use crate::stored::label_policy::Preset;

/// Converts the label policy to its stored form.
pub(crate) fn stored_label_policy(policy: &LabelPolicy) -> stored::LabelPolicy {
    let LabelPolicy { preset, top_share, value_at_least, maturity_days, base_rate } = *policy;
    let (preset, weights) = match preset {
        LabelPreset::Ideal => (Preset::Ideal, None),
        LabelPreset::Won => (Preset::Won, None),
        LabelPreset::Retained => (Preset::Retained, None),
        LabelPreset::HighValue => (Preset::HighValue, None),
        LabelPreset::Custom(CustomWeights { negative_net, churned, lost, high_value, won }) => {
            let weights = stored::CustomWeights { negative_net, churned, lost, high_value, won };
            (Preset::Custom, Some(weights))
        }
    };
    stored::LabelPolicy { preset: preset.into(), top_share, value_at_least, maturity_days, weights, base_rate }
}

/// Reads a stored label policy.
pub(super) fn from_stored(stored: &stored::LabelPolicy) -> LabelPolicy {
    let stored::LabelPolicy { preset: _, top_share, value_at_least, maturity_days, weights, base_rate } = *stored;
    let preset = match stored.preset() {
        Preset::Unspecified | Preset::Ideal => LabelPreset::Ideal,
        Preset::Won => LabelPreset::Won,
        Preset::Retained => LabelPreset::Retained,
        Preset::HighValue => LabelPreset::HighValue,
        Preset::Custom => {
            let stored::CustomWeights { negative_net, churned, lost, high_value, won } = weights.unwrap_or_default();
            LabelPreset::Custom(CustomWeights { negative_net, churned, lost, high_value, won })
        }
    };
    LabelPolicy { preset, top_share, value_at_least, maturity_days, base_rate }
}

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
    fn a_label_policy_survives_storage() {
        let weights = CustomWeights { negative_net: -2.0, churned: -1.5, lost: -0.1, high_value: 3.0, won: 1.0 };
        let presets = [LabelPreset::Ideal, LabelPreset::Won, LabelPreset::Retained, LabelPreset::HighValue];
        for preset in presets.into_iter().chain([LabelPreset::Custom(weights)]) {
            let policy = LabelPolicy {
                preset,
                top_share: Some(0.1),
                value_at_least: None,
                maturity_days: Some(90),
                base_rate: Some(0.03),
            };
            assert_eq!(from_stored(&stored_label_policy(&policy)), policy);
            let card = LabelCard { policy: preset.name().to_owned(), ..LabelCard::default() };
            let told = from_label_card(&card).preset.name();
            assert_eq!(told, if preset.name() == "custom" { "ideal" } else { preset.name() });
        }
    }
}
