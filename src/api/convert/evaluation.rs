//! Evaluations as they are answered.

use sweetspot_core::RowWeights;
use sweetspot_model::{Evaluation, EvaluationDetails, LeaveValuesOut, NewestEvaluation, Tenth, TierFigures};
use sweetspot_proto::v1;

use super::fit::wire_tier;

/// The headline of an evaluation.
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
        // It comes with a single version, not with a list.
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
        tenths: Vec::new(),
        tiers: Vec::new(),
        accounts,
        leave_values_out: None,
    }
}

/// An evaluation with its details.
pub(super) fn whole_evaluation(measured: &Evaluation, details: EvaluationDetails) -> v1::Evaluation {
    // Parts are kept for the intervals of a report.
    let EvaluationDetails { newest, tenths, tiers, parts: _, weights } = details;
    v1::Evaluation {
        newest: newest.as_ref().map(newest_evaluation),
        tenths: wire_tenths(&tenths, weights, weights.rate(measured.positives, measured.rows)),
        tiers: tiers.iter().map(tier).collect(),
        leave_values_out: measured.leave_values_out.as_ref().map(leave_values_out),
        ..evaluation(measured)
    }
}

fn leave_values_out(found: &LeaveValuesOut) -> v1::LeaveValuesOut {
    let LeaveValuesOut { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees } = found.clone();
    v1::LeaveValuesOut { attribute, rows, auc, auc_low, auc_high, auc_with_values, disagrees }
}

fn newest_evaluation(newest: &NewestEvaluation) -> v1::NewestEvaluation {
    let NewestEvaluation { from, rows, positives, auc, auc_low, auc_high, log_loss, calibration_error } = *newest;
    let from_date = from.to_string();
    v1::NewestEvaluation { from_date, rows, positives, auc, auc_low, auc_high, log_loss, calibration_error }
}

/// `rate` is that of ideal customers among all.
fn wire_tenths(tenths: &[Tenth], weights: RowWeights, rate: f64) -> Vec<v1::TenthEvaluation> {
    let (mut so_far, all) = (0, tenths.iter().map(|tenth| tenth.ideal).sum::<u64>());
    let wire = |tenth: &Tenth| {
        let Tenth { customers, ideal, mean_probability } = *tenth;
        so_far += ideal;
        let ideal_rate = tenth.ideal_rate(weights);
        v1::TenthEvaluation {
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
    tenths.iter().map(wire).collect()
}

fn tier(figures: &TierFigures) -> v1::TierEvaluation {
    let TierFigures { tier, customers, ideal, precision, recall, precision_so_far, recall_so_far, value } = *figures;
    let tier = wire_tier(tier).into();
    v1::TierEvaluation { tier, customers, ideal, precision, recall, precision_so_far, recall_so_far, value }
}
