//! Converts counterfactuals and the value of information to messages.

use sweetspot_core::Tier;
use sweetspot_model::{AttributeChange, Counterfactual, ValueOfInformation};
use sweetspot_proto::v1;

use super::attribute_value::wire_value;
use crate::messages::enums::WireEnum;

/// Converts a counterfactual with the tier that it leads to.
pub(in crate::api) fn wire_next_step(step: Counterfactual, tier: Option<Tier>) -> v1::NextStep {
    let Counterfactual { changes, fit } = step;
    let tier = tier.map(WireEnum::wire).unwrap_or_default();
    let change = |AttributeChange { attribute, old_label: from, new_label: to, value, customers }| {
        v1::AttributeChange { attribute, from, to, value: Some(wire_value(value)), customers }
    };
    v1::NextStep { changes: changes.into_iter().map(change).collect(), probability: fit.probability, tier: tier.into() }
}

/// Converts the value of information, with the next better tier.
pub(in crate::api) fn wire_worth_learning(value: ValueOfInformation, tier: Option<Tier>) -> v1::WorthLearning {
    let ValueOfInformation {
        attribute,
        expected_change,
        goal_share: lifts,
        mean_gain: average,
        customers,
        similar_by: given,
    } = value;
    let (given_attribute, given_value) = given.unwrap_or_default();
    let lift_share = tier.map(|_| lifts);
    let tier = tier.map(WireEnum::wire).unwrap_or_default();
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
