//! Converts evaluations to messages.

use crate::messages::enums::WireEnum as _;
use sweetspot_core::SamplingWeights;
use sweetspot_model::{Decile, Evaluation, EvaluationDetails, LeaveValuesOut, TemporalHoldoutEvaluation, TierMetrics};
use sweetspot_proto::v1;

/// Converts the headline figures of an evaluation.
pub(super) fn evaluation(measured: &Evaluation) -> v1::Evaluation {
    let verdict = measured.verdict();
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
        // Included for a single version, but not in lists.
        leave_values_out: _,
    } = *measured;
    v1::Evaluation {
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
        verdict,
        newest: None,
        deciles: Vec::new(),
        tiers: Vec::new(),
        accounts,
        leave_values_out: None,
    }
}

/// Converts an evaluation with its details.
pub(super) fn evaluation_with_details(measured: &Evaluation, details: EvaluationDetails) -> v1::Evaluation {
    // The parts are stored only for the intervals of a report.
    let EvaluationDetails { temporal_holdout: newest, deciles, tiers, ideal_by_part: _, weights } = details;
    v1::Evaluation {
        newest: newest.as_ref().map(temporal_holdout),
        deciles: wire_deciles(&deciles, weights, weights.rate(measured.positives, measured.rows)),
        tiers: tiers.iter().map(tier_evaluation).collect(),
        leave_values_out: measured.leave_values_out.as_ref().map(leave_values_out),
        ..evaluation(measured)
    }
}

fn leave_values_out(found: &LeaveValuesOut) -> v1::LeaveValuesOut {
    let LeaveValuesOut { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees } = found.clone();
    v1::LeaveValuesOut { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees }
}

fn temporal_holdout(newest: &TemporalHoldoutEvaluation) -> v1::NewestEvaluation {
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
    let from_date = from.to_string();
    v1::NewestEvaluation { from_date, rows, positives, auc, auc_low, auc_high, log_loss, calibration_error }
}

/// Converts deciles; `rate` is the share of ideal customers among all.
fn wire_deciles(deciles: &[Decile], weights: SamplingWeights, rate: f64) -> Vec<v1::DecileEvaluation> {
    let (mut so_far, all) = (0, deciles.iter().map(|decile| decile.ideal).sum::<u64>());
    let wire = |decile: &Decile| {
        let Decile { customers, ideal, mean_probability } = *decile;
        so_far += ideal;
        let ideal_rate = decile.ideal_rate(weights);
        v1::DecileEvaluation {
            customers,
            ideal,
            mean_probability,
            ideal_rate,
            lift: if rate > 0.0 { ideal_rate / rate } else { 1.0 },
            found: so_far as f64 / all.max(1) as f64,
            found_low: None,
            found_high: None,
        }
    };
    deciles.iter().map(wire).collect()
}

fn tier_evaluation(figures: &TierMetrics) -> v1::TierEvaluation {
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
    let tier = tier.wire().into();
    v1::TierEvaluation { tier, customers, ideal, precision, recall, precision_so_far, recall_so_far, value }
}
