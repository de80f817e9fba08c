//! Converts the stored options of a run to the message of a request.

use std::time::Duration;

use sweetspot_core::MonotonicityConstraint;
use sweetspot_model::TrainingSpec;
use sweetspot_proto::v1;
use sweetspot_store::jobs::RunOptions;

use crate::messages::entries::{wire_exclusion_rule, wire_hypothesis};
use crate::messages::training::wire_policy;

/// Converts the options of a run. A request with them, on the same version of the dataset, trains the same model.
pub(in crate::api) fn training_config(options: RunOptions) -> v1::TrainingConfig {
    let RunOptions { spec, time_limit } = options;
    let TrainingSpec {
        label_policy,
        excluded_attributes,
        allowed_attributes,
        directions,
        hypotheses,
        exclusion_rules,
        initial_warnings: _,
        as_of: _,
        assumed_ideal_rate,
        independent_rows,
        earlier_segments,
        seed,
    } = spec;
    let constrained = |constraint: MonotonicityConstraint| {
        directions
            .iter()
            .filter(move |(_, direction)| **direction == constraint)
            .map(|(name, _)| name.clone())
            .collect()
    };
    v1::TrainingConfig {
        seed,
        label_policy: Some(wire_policy(&label_policy)),
        time_limit: time_limit.map(wire_duration),
        excluded_attributes,
        hypotheses: hypotheses.into_iter().map(wire_hypothesis).collect(),
        increasing_attributes: constrained(MonotonicityConstraint::Increasing),
        decreasing_attributes: constrained(MonotonicityConstraint::Decreasing),
        allowed_attributes,
        exclusion_rules: exclusion_rules.into_iter().map(wire_exclusion_rule).collect(),
        assumed_ideal_rate,
        // The entries of the definition that applied are listed above.
        ignore_definition: true,
        independent_rows,
        segments_from: Some(earlier_segments.version),
    }
}

fn wire_duration(duration: Duration) -> prost_types::Duration {
    let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    // Less than a billion.
    let nanos = i32::try_from(duration.subsec_nanos()).unwrap_or_default();
    prost_types::Duration { seconds, nanos }
}
