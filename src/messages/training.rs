//! Converts the options of trainings to messages.

use std::collections::HashMap;

use prost_types::Duration;
use sweetspot_core::{ClassWeights, LabelPolicy, LabelPreset};
use sweetspot_proto::v1::{self, LabelPreset as WirePreset};

const SECONDS_PER_DAY: i64 = 86_400;

/// Converts a label policy.
pub(crate) fn wire_policy(policy: &LabelPolicy) -> v1::LabelPolicy {
    let LabelPolicy { preset, top_share, value_at_least, maturity_days, base_rate } = *policy;
    let mut weights = HashMap::new();
    let preset = match preset {
        LabelPreset::Ideal => WirePreset::Ideal,
        LabelPreset::Won => WirePreset::Won,
        LabelPreset::Retained => WirePreset::Retained,
        LabelPreset::HighValue => WirePreset::HighValue,
        LabelPreset::Custom(custom) => {
            weights = wire_weights(&custom);
            WirePreset::Custom
        }
    };
    let maturity = maturity_days.map(|days| Duration { seconds: i64::from(days) * SECONDS_PER_DAY, nanos: 0 });
    v1::LabelPolicy { preset: preset.into(), top_share, value_at_least, weights, maturity, base_rate }
}

fn wire_weights(custom: &ClassWeights) -> HashMap<String, f64> {
    let ClassWeights { negative_net, churned, lost, high_value, won } = *custom;
    let named = [
        ("negative_net", negative_net),
        ("churned", churned),
        ("lost", lost),
        ("high_value", high_value),
        ("won", won),
    ];
    named.into_iter().filter(|(_, weight)| *weight != 0.0).map(|(class, weight)| (class.to_owned(), weight)).collect()
}

/// Converts a label policy that the service has checked.
pub(crate) fn label_policy(wire: &v1::LabelPolicy) -> LabelPolicy {
    let preset = match wire.preset() {
        WirePreset::Unspecified | WirePreset::Ideal => LabelPreset::Ideal,
        WirePreset::Won => LabelPreset::Won,
        WirePreset::Retained => LabelPreset::Retained,
        WirePreset::HighValue => LabelPreset::HighValue,
        WirePreset::Custom => {
            let weight = |class: &str| wire.weights.get(class).copied().unwrap_or_default();
            LabelPreset::Custom(ClassWeights {
                negative_net: weight("negative_net"),
                churned: weight("churned"),
                lost: weight("lost"),
                high_value: weight("high_value"),
                won: weight("won"),
            })
        }
    };
    let v1::LabelPolicy { preset: _, top_share, value_at_least, weights: _, maturity, base_rate } = wire;
    let maturity_days = maturity.as_ref().and_then(|maturity| u32::try_from(maturity.seconds / SECONDS_PER_DAY).ok());
    let (top_share, value_at_least, base_rate) = (*top_share, *value_at_least, *base_rate);
    LabelPolicy { preset, top_share, value_at_least, maturity_days, base_rate }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nonzero_weights_are_sent() {
        let custom = ClassWeights { won: 1.0, churned: -2.0, ..ClassWeights::default() };
        let policy =
            LabelPolicy { preset: LabelPreset::Custom(custom), maturity_days: Some(2), ..LabelPolicy::default() };
        let wire = wire_policy(&policy);
        assert_eq!(wire.preset(), WirePreset::Custom);
        assert_eq!(wire.weights, HashMap::from([("won".to_owned(), 1.0), ("churned".to_owned(), -2.0)]));
        assert_eq!(wire.maturity.as_ref().unwrap().seconds, 2 * SECONDS_PER_DAY);
        assert_eq!(label_policy(&wire), policy);
    }
}
