//! Reads the requests of trainings.

use std::collections::BTreeMap;
use std::time::Duration;

use prost::Message as _;
use sweetspot_core::{ClassWeights, Digest, LabelPolicy, LabelPreset};
use sweetspot_model::{EarlierSegments, TrainingSpec};
use sweetspot_proto::v1;

use super::attribute_names::check_attribute_names;
use super::exclusion_rule::parse_exclusion_rules;
use super::hypothesis::parse_hypotheses;
use super::monotonicity::monotonicity_constraints;
use super::time;
use crate::api::violations::{Violations, truncate_for_message};

/// Maximum time limit of a run.
const MAX_TIME_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a training configuration. If it is absent, the defaults apply.
pub(in crate::api) fn parse_training_config(
    config: Option<v1::TrainingConfig>,
    violations: &mut Violations,
) -> Option<(TrainingSpec, Option<Duration>)> {
    let v1::TrainingConfig {
        seed,
        label_policy,
        time_limit,
        excluded_attributes,
        hypotheses: wire,
        exclusion_rules: wire_rules,
        increasing_attributes,
        decreasing_attributes,
        allowed_attributes,
        assumed_ideal_rate,
        independent_rows,
        // The caller handles them, since it has access to the definition and to the versions.
        ignore_definition: _,
        segments_from: _,
    } = config.unwrap_or_default();
    let label_policy = parse_label_policy(label_policy.unwrap_or_default(), violations);
    check_attribute_names(&excluded_attributes, "config.excluded_attributes", "left out", violations);
    check_attribute_names(&allowed_attributes, "config.allowed_attributes", "allowed", violations);
    let directions =
        monotonicity_constraints(&increasing_attributes, &decreasing_attributes, &excluded_attributes, violations);
    let hypotheses = parse_hypotheses(wire, &excluded_attributes, violations);
    let exclusion_rules = parse_exclusion_rules(wire_rules, "config.exclusion_rules", violations);
    if assumed_ideal_rate.is_some_and(|rate| !(rate > 0.0 && rate < 1.0)) {
        violations.add("INVALID_IDEAL_RATE", "config.assumed_ideal_rate", "a rate must be above 0 and below 1");
    }
    let limit =
        time_limit.map(|wire| time::parse_duration(&wire).filter(|limit| !limit.is_zero() && *limit <= MAX_TIME_LIMIT));
    if limit == Some(None) {
        violations.add(
            "INVALID_TIME_LIMIT",
            "config.time_limit",
            "a time limit must be above zero and at most 24 hours",
        );
    }
    let spec = TrainingSpec {
        label_policy: label_policy?,
        excluded_attributes,
        allowed_attributes,
        directions,
        hypotheses,
        exclusion_rules,
        initial_warnings: Vec::new(),
        // Set when the run is admitted.
        as_of: None,
        assumed_ideal_rate,
        independent_rows,
        earlier_segments: EarlierSegments::default(),
        seed,
    };
    Some((spec, limit.flatten()))
}

fn parse_label_policy(wire: v1::LabelPolicy, problems: &mut Violations) -> Option<LabelPolicy> {
    const REASON: &str = "INVALID_LABEL_POLICY";
    let v1::LabelPolicy { preset, top_share, value_at_least, weights, maturity, base_rate } = wire;
    let preset = problems.parse_enum("config.label_policy.preset", preset)?;
    if weights.is_empty() == (preset == v1::LabelPreset::Custom) {
        let text = "the preset CUSTOM requires weights, and no other preset accepts them";
        problems.add(REASON, "config.label_policy.weights", text);
    }
    let weights = custom_weights(weights, problems);
    let maturity_days = maturity.as_ref().map(time::whole_days);
    if maturity_days == Some(None) {
        problems.add(REASON, "config.label_policy.maturity", "a maturity must be a number of whole days, not negative");
    }
    let preset = match preset {
        v1::LabelPreset::Unspecified | v1::LabelPreset::Ideal => LabelPreset::Ideal,
        v1::LabelPreset::Won => LabelPreset::Won,
        v1::LabelPreset::Retained => LabelPreset::Retained,
        v1::LabelPreset::HighValue => LabelPreset::HighValue,
        v1::LabelPreset::Custom => LabelPreset::Custom(weights),
    };
    let policy = LabelPolicy { preset, top_share, value_at_least, maturity_days: maturity_days.flatten(), base_rate };
    policy.check().map_err(|error| problems.add(REASON, "config.label_policy", error.to_string())).ok()?;
    Some(policy)
}

fn custom_weights(wire: std::collections::HashMap<String, f64>, problems: &mut Violations) -> ClassWeights {
    let mut weights = ClassWeights::default();
    for (class, weight) in wire.into_iter().collect::<BTreeMap<_, _>>() {
        let slot = match class.as_str() {
            "won" => &mut weights.won,
            "lost" => &mut weights.lost,
            "churned" => &mut weights.churned,
            "high_value" => &mut weights.high_value,
            "negative_net" => &mut weights.negative_net,
            _ => {
                let text = format!(
                    "{:?} is not a class: use won, lost, churned, high_value or negative_net",
                    truncate_for_message(&class)
                );
                problems.add("INVALID_LABEL_POLICY", "config.label_policy.weights", text);
                continue;
            }
        };
        *slot = weight;
    }
    weights
}

/// The digest of a request without its id and `validate_only`: a request that only validates is not remembered.
pub(in crate::api) fn request_digest(request: &v1::TrainModelRequest) -> Digest {
    let mut request = v1::TrainModelRequest { request_id: String::new(), validate_only: false, ..request.clone() };
    // Maps are unordered on the wire, but equal requests must have equal digests.
    let policy = request.config.as_mut().and_then(|config| config.label_policy.as_mut());
    let weights: BTreeMap<_, _> = policy.map(|policy| policy.weights.drain().collect()).unwrap_or_default();
    let labels: BTreeMap<String, String> = request.labels.drain().collect();
    let mut bytes = request.encode_to_vec();
    for (key, value) in labels {
        bytes.extend_from_slice(format!("{key:?}={value:?}").as_bytes());
    }
    for (class, weight) in weights {
        bytes.extend_from_slice(class.as_bytes());
        bytes.extend_from_slice(&weight.to_bits().to_be_bytes());
    }
    Digest::new(&bytes)
}
