//! What could become of an account, on the wire.

use sweetspot_core::Tier;
use sweetspot_model::{Change, NextStep, WorthLearning};
use sweetspot_proto::v1;

use super::fit::wire_tier;
use super::value::wire_value;

/// A next step, and the tier that it leads to.
pub(in crate::api) fn wire_next_step(step: NextStep, tier: Option<Tier>) -> v1::NextStep {
    let NextStep { changes, fit } = step;
    let tier = tier.map_or(v1::FitTier::Unspecified, wire_tier);
    let change = |Change { attribute, from, to, value, customers }| v1::AttributeChange {
        attribute,
        from,
        to,
        value: Some(wire_value(value)),
        customers,
    };
    v1::NextStep { changes: changes.into_iter().map(change).collect(), probability: fit.probability, tier: tier.into() }
}

/// What is worth learning, and the next better tier.
pub(in crate::api) fn wire_worth_learning(worth: WorthLearning, tier: Option<Tier>) -> v1::WorthLearning {
    let WorthLearning { attribute, expected_change, lifts, average, customers, given } = worth;
    let (given_attribute, given_value) = given.unwrap_or_default();
    let lift_share = tier.map(|_| lifts);
    let tier = tier.map_or(v1::FitTier::Unspecified, wire_tier);
    v1::WorthLearning {
        attribute,
        expected_change,
        lift_share,
        tier: tier.into(),
        customers,
        given_attribute,
        given_value,
        average_log_odds: average,
    }
}
