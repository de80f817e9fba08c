//! A version as JSON.

use prost_types::Timestamp;
use serde_json::{Value, json};
use sweetspot_proto::v1::model_version::State;
use sweetspot_proto::v1::{
    AttributeSummary, Direction, Evaluation, LabelCard, LeaveValuesOut, ModelVersion, NewestEvaluation, PairSummary,
    Promotion, PromotionKind, PromotionTiers, TenthEvaluation, TierEvaluation,
};

use super::gate_text::gate_json;
use super::hypothesis_json::hypothesis_json;
use super::scoring::tier as tier_letter;
use super::segment_text::{segment_json, value_json};

/// Returns a version with all its details.
pub(crate) fn version_json(version: &ModelVersion) -> Value {
    json!({
        "name": version.name,
        "state": state_word(version),
        "aliases": version.aliases,
        "created": version.create_time.as_ref().map(time_text),
        "training_run": version.training_run,
        "artifact_sha256": version.artifact_sha256,
        "schema_sha256": version.schema_sha256,
        "data_sha256": version.data_sha256,
        "dataset_version": version.dataset_version,
        "seed": version.seed,
        "trainer_version": version.trainer_version,
        "evaluation": version.evaluation.as_ref().map(evaluation_json),
        "learned_from": version.learned_from,
        "label_card": version.label_card.as_ref().map(card_json),
        "attributes": version.attributes.iter().map(attribute_json).collect::<Vec<_>>(),
        "hypotheses": version.hypotheses.iter().map(hypothesis_json).collect::<Vec<_>>(),
        "gates": version.gates.iter().map(gate_json).collect::<Vec<_>>(),
        "segments": version.segments.iter().map(segment_json).collect::<Vec<_>>(),
        "values": version.values.as_ref().map(value_json),
        "pairs": version.pairs.iter().map(interaction_json).collect::<Vec<_>>(),
        "warnings": version.warnings,
    })
}

/// Returns the word for the state.
pub(crate) fn state_word(version: &ModelVersion) -> &'static str {
    match version.state() {
        State::Unspecified => "unknown",
        State::Training => "training",
        State::Ready => "ready",
        State::Rejected => "rejected",
        State::Deleted => "deleted",
    }
}

fn evaluation_json(evaluation: &Evaluation) -> Value {
    json!({
        "rows": evaluation.rows,
        "accounts": evaluation.accounts,
        "positives": evaluation.positives,
        "auc": evaluation.auc,
        "auc_low": evaluation.auc_low,
        "auc_high": evaluation.auc_high,
        "log_loss": evaluation.log_loss,
        "brier": evaluation.brier,
        "calibration_error": evaluation.calibration_error,
        "lift_at_top_decile": evaluation.lift_at_top_decile,
        "value_captured_at_top_quintile": evaluation.value_captured_at_top_quintile,
        "verdict": evaluation.verdict,
        "newest": evaluation.newest.as_ref().map(holdout_json),
        "tenths": evaluation.tenths.iter().map(decile_json).collect::<Vec<_>>(),
        "tiers": evaluation.tiers.iter().map(tier_json).collect::<Vec<_>>(),
        "leave_values_out": evaluation.leave_values_out.as_ref().map(leave_values_out_json),
    })
}

fn leave_values_out_json(found: &LeaveValuesOut) -> Value {
    json!({
        "attribute": found.attribute,
        "rows": found.rows,
        "auc": found.auc,
        "auc_low": found.auc_low,
        "auc_high": found.auc_high,
        "auc_with_values": found.auc_with_values,
        "disagrees": found.disagrees,
    })
}

fn holdout_json(newest: &NewestEvaluation) -> Value {
    json!({
        "from_date": newest.from_date,
        "rows": newest.rows,
        "positives": newest.positives,
        "auc": newest.auc,
        "auc_low": newest.auc_low,
        "auc_high": newest.auc_high,
        "log_loss": newest.log_loss,
        "calibration_error": newest.calibration_error,
    })
}

fn decile_json(tenth: &TenthEvaluation) -> Value {
    json!({
        "customers": tenth.customers,
        "ideal": tenth.ideal,
        "mean_probability": tenth.mean_probability,
        "ideal_rate": tenth.ideal_rate,
        "lift": tenth.lift,
    })
}

fn tier_json(tier: &TierEvaluation) -> Value {
    json!({
        "tier": tier_letter(tier.tier()),
        "customers": tier.customers,
        "ideal": tier.ideal,
        "precision": tier.precision,
        "recall": tier.recall,
        "precision_so_far": tier.precision_so_far,
        "recall_so_far": tier.recall_so_far,
    })
}

fn card_json(card: &LabelCard) -> Value {
    let mut told = json!({
        "policy": card.policy,
        "rule": card.rule,
        "ideal": card.ideal,
        "not_ideal": card.not_ideal,
        "excluded": card.excluded,
        "value_threshold": card.value_threshold,
        "currency": card.currency_code,
        "notes": card.notes,
    });
    if let (Value::Object(members), Some(rate)) = (&mut told, card.base_rate) {
        members.insert("base_rate".to_owned(), rate.into());
    }
    told
}

/// Returns an attribute of a version.
pub(crate) fn attribute_json(attribute: &AttributeSummary) -> Value {
    json!({
        "attribute": attribute.attribute,
        "kind": attribute.kind,
        "slots": attribute.slots,
        "missing_share": attribute.missing_share,
        "spread": attribute.spread,
        "whole_spread": attribute.whole_spread,
        "effective_parameters": attribute.effective_parameters,
        "direction": monotonicity_word(attribute),
    })
}

/// Returns the word for the monotonicity constraint, or `None` without one.
fn monotonicity_word(attribute: &AttributeSummary) -> Option<&'static str> {
    match attribute.direction() {
        Direction::Unspecified => None,
        Direction::Increasing => Some("increasing"),
        Direction::Decreasing => Some("decreasing"),
    }
}

fn interaction_json(pair: &PairSummary) -> Value {
    json!({
        "first": pair.first,
        "second": pair.second,
        "spread": pair.spread,
        "effective_parameters": pair.effective_parameters,
        "evidence": pair.evidence,
        "second_look": pair.second_look,
    })
}

/// Returns an entry of the history.
pub(crate) fn promotion_json(promotion: &Promotion) -> Value {
    json!({
        "model": promotion.model,
        "alias": promotion.alias,
        "from_version": promotion.from_version,
        "to_version": promotion.to_version,
        "actor": promotion.actor,
        "reason": promotion.reason,
        "time": promotion.time.as_ref().map(time_text),
        "what": match promotion.kind() {
            PromotionKind::Unspecified | PromotionKind::Promoted => "promoted",
            PromotionKind::RolledBack => "rolled_back",
            PromotionKind::Refused => "refused",
        },
        "overrides": promotion.overrides.iter().map(|one| json!({ "check": one.check, "reason": one.reason })).collect::<Vec<_>>(),
        "failed_checks": promotion.failed_checks,
        "tiers": match promotion.tiers() {
            PromotionTiers::Unspecified => None,
            PromotionTiers::Reset => Some("reset"),
            PromotionTiers::Kept => Some("kept"),
        },
    })
}

/// Formats a time to the second, in UTC.
pub(crate) fn time_text(time: &Timestamp) -> String {
    jiff::Timestamp::from_second(time.seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_in_utc_seconds() {
        assert_eq!(time_text(&Timestamp { seconds: 86_400, nanos: 5 }), "1970-01-02T00:00:00Z");
        assert_eq!(time_text(&Timestamp { seconds: i64::MAX, nanos: 0 }), "");
    }

    #[test]
    fn unknown_values_are_null() {
        let value = version_json(&ModelVersion::default());
        assert!(value["evaluation"].is_null() && value["created"].is_null());
        assert_eq!(value["state"], "unknown");
    }
}
