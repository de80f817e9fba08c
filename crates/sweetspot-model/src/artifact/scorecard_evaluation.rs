//! The scorecard's section on the evaluation.

use serde_json::{Value, json};
use sweetspot_core::SamplingWeights;

use super::{Evaluation, EvaluationDetails, LeaveValuesOut, TemporalHoldoutEvaluation};
use crate::evaluate::{Decile, TierMetrics};
use crate::stored;

/// The evaluation and its details as JSON, for rows with these weights.
pub(super) fn evaluation_json(stored: &stored::Evaluation, weights: SamplingWeights) -> Value {
    let evaluation = Evaluation::from_stored(Some(stored));
    let verdict = evaluation.verdict();
    let EvaluationDetails { temporal_holdout: newest, deciles, tiers, ideal_by_part: parts, weights } =
        EvaluationDetails::from_stored(Some(stored), weights);
    let Evaluation {
        rows,
        positives,
        auc,
        auc_low,
        auc_high,
        log_loss,
        brier,
        calibration_error,
        lift_at_top_decile,
        value_captured_at_top_quintile,
        accounts,
        leave_values_out,
    } = evaluation;
    json!({
        "rows": rows,
        "accounts": accounts,
        "positives": positives,
        "auc": auc,
        "auc_low": auc_low,
        "auc_high": auc_high,
        "log_loss": log_loss,
        "brier": brier,
        "calibration_error": calibration_error,
        "lift_at_top_decile": lift_at_top_decile,
        "value_captured_at_top_quintile": value_captured_at_top_quintile,
        "verdict": verdict,
        "newest": newest.as_ref().map(temporal_holdout_json),
        "deciles": deciles.iter().map(|decile| decile_json(decile, weights)).collect::<Vec<_>>(),
        "tiers": tiers.iter().map(tier_json).collect::<Vec<_>>(),
        "parts": parts,
        "leave_values_out": leave_values_out.as_ref().map(leave_values_out_json),
    })
}

fn leave_values_out_json(found: &LeaveValuesOut) -> Value {
    let LeaveValuesOut { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees } = found;
    json!({
        "attribute": attribute,
        "rows": rows,
        "auc": auc,
        "auc_low": auc_low,
        "auc_high": auc_high,
        "auc_with_values": auc_with_values,
        "disagrees": disagrees,
    })
}

fn temporal_holdout_json(newest: &TemporalHoldoutEvaluation) -> Value {
    let TemporalHoldoutEvaluation {
        first_day: from,
        rows,
        positives,
        auc,
        auc_low,
        auc_high,
        log_loss,
        calibration_error,
    } = *newest;
    json!({
        "from_date": from.to_string(),
        "rows": rows,
        "positives": positives,
        "auc": auc,
        "auc_low": auc_low,
        "auc_high": auc_high,
        "log_loss": log_loss,
        "calibration_error": calibration_error,
    })
}

fn decile_json(decile: &Decile, weights: SamplingWeights) -> Value {
    let Decile { customers, ideal, mean_probability } = *decile;
    json!({
        "customers": customers,
        "ideal": ideal,
        "mean_probability": mean_probability,
        "ideal_rate": decile.ideal_rate(weights),
    })
}

fn tier_json(figures: &TierMetrics) -> Value {
    let TierMetrics {
        tier,
        customers,
        ideal,
        precision,
        recall,
        cumulative_precision: precision_so_far,
        cumulative_recall: recall_so_far,
        value,
    } = *figures;
    json!({
        "tier": tier.letter(),
        "customers": customers,
        "ideal": ideal,
        "precision": precision,
        "recall": recall,
        "precision_so_far": precision_so_far,
        "recall_so_far": recall_so_far,
        "value": value,
    })
}
