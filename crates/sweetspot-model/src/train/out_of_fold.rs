//! Out-of-fold evaluation: on customers that the fit did not see.

use rayon::prelude::*;
use sweetspot_core::SamplingWeights;
use sweetspot_solver::probability;

use super::calibrate::{Calibration, OutOfFoldPredictions, calibrate};
use super::fit::fit;
use super::fitted_model::FittedModel;
use super::folds::{EvaluationFolds, SMALL_SAMPLE};
use super::groups::RowGroups;
use super::training_sample::Sample;
use super::{Progress, TrainError};
use crate::artifact::{Evaluation, TemporalHoldoutEvaluation};
use crate::evaluate;

/// The result of the evaluation.
#[derive(Debug)]
pub(super) struct OutOfFoldEvaluation {
    /// The metrics.
    pub evaluation: Evaluation,
    /// The number of evaluated folds.
    pub fold_count: usize,
    /// The line to fold into the coefficients, for log-odds at the rate of the rows.
    pub calibration: Calibration,
    /// The evaluated customers, as rows of the sample, which occur once for each of their customers; the fields below have
    /// one entry for each.
    pub rows: Vec<usize>,
    /// The fold of each row, from 0.
    pub row_folds: Vec<usize>,
    /// The label of each row, 0 or 1.
    pub labels: Vec<f64>,
    /// The log-odds before calibration, by a fit that did not see the customer.
    pub log_odds: Vec<f64>,
    /// The log-odds as evaluated: calibrated by lines that did not see the customer either, and corrected to the base
    /// rate.
    pub calibrated_log_odds: Vec<f64>,
    /// `calibrated_log_odds` as probabilities.
    pub probabilities: Vec<f64>,
    /// The evaluation on the newest customers, if they can be separated from the others.
    pub temporal_holdout: Option<TemporalHoldoutEvaluation>,
}

impl OutOfFoldEvaluation {
    /// The result if there are too few customers to evaluate: no metrics, and no calibration.
    pub(super) fn empty() -> Self {
        Self {
            evaluation: Evaluation::default(),
            fold_count: 0,
            calibration: Calibration::IDENTITY,
            rows: Vec::new(),
            row_folds: Vec::new(),
            labels: Vec::new(),
            log_odds: Vec::new(),
            calibrated_log_odds: Vec::new(),
            probabilities: Vec::new(),
            temporal_holdout: None,
        }
    }
}

/// Fits once per fold, with its own smoothing parameters and interactions, and predicts the rows of the fold.
pub(super) fn evaluate_folds(
    sample: &Sample,
    model: &FittedModel,
    seed: u64,
    progress: &dyn Progress,
) -> Result<OutOfFoldEvaluation, TrainError> {
    let EvaluationFolds { rows, row_folds: fold_of, evaluated: evaluated_folds } = EvaluationFolds::new(sample, seed);
    let predict = |fold: usize| {
        let mut held_out = vec![0; sample.rows.len()];
        for (row, _) in rows.iter().zip(&fold_of).filter(|(_, row_fold)| **row_fold == fold) {
            held_out.get_mut(*row).into_iter().for_each(|count| *count += 1);
        }
        predict_unseen(sample, model, |row| held_out.get(row).copied().unwrap_or(0), progress)
    };
    let predictions: Vec<Vec<f64>> = (0..evaluated_folds).into_par_iter().map(predict).collect::<Result<_, _>>()?;
    let of_rows = |values: &[f64]| rows.iter().filter_map(|row| values.get(*row).copied()).collect::<Vec<f64>>();
    let unseen = |(row, fold): (&usize, &usize)| predictions.get(*fold)?.get(*row).copied();
    let log_odds: Vec<f64> = rows.iter().zip(&fold_of).filter_map(unseen).collect();
    let (labels, repeat_weights) = (of_rows(&sample.labels), of_rows(&sample.repeat_weights));
    let unseen =
        OutOfFoldPredictions { labels: &labels, log_odds: &log_odds, row_folds: &fold_of, weights: &repeat_weights };
    let (line, mut calibrated) = calibrate(unseen, evaluated_folds);
    let weights = sample.row_weights;
    if !weights.is_even() {
        for log_odds in &mut calibrated {
            *log_odds += weights.offset();
        }
    }
    let ranked = evaluation_metrics(sample, &rows, &labels, &calibrated, &fold_of);
    let customers = rows.iter().map(|row| sample.repeat_weight(*row)).sum();
    let (calibration, evaluation, calibrated) =
        replace_if_useless(&labels, weights, customers, (line, ranked, calibrated));
    let probabilities = calibrated.iter().map(|eta| probability(*eta)).collect();
    Ok(OutOfFoldEvaluation {
        evaluation,
        fold_count: evaluated_folds,
        calibration,
        rows,
        row_folds: fold_of,
        labels,
        log_odds,
        calibrated_log_odds: calibrated,
        probabilities,
        temporal_holdout: None,
    })
}

/// The log-odds of all rows by a fit that did not see some of their customers; `unseen` is the number of these customers
/// of a row.
pub(super) fn predict_unseen(
    sample: &Sample,
    model: &FittedModel,
    unseen: impl Fn(usize) -> u64,
    progress: &dyn Progress,
) -> Result<Vec<f64>, TrainError> {
    let included = |(row, unit): (usize, &f64)| unit * sample.counts.get(row).saturating_sub(unseen(row)) as f64;
    let weights: Vec<f64> = sample.unit_weights.iter().enumerate().map(included).collect();
    // The full fit is only the starting point.
    Ok(fit(sample, &weights, Some(model), progress)?.predict(sample))
}

/// Replaces a model that ranks no better than chance and predicts no better than the base rate by the base rate, so
/// that decisions do not rest on noise. The ranking metrics remain those of the replaced model. With fewer than
/// [`SMALL_SAMPLE`] customers, weighted if several rows are of one account, the absence of a signal cannot be
/// established.
fn replace_if_useless(
    labels: &[f64],
    weights: SamplingWeights,
    customers: f64,
    (line, ranked, calibrated): (Calibration, Evaluation, Vec<f64>),
) -> (Calibration, Evaluation, Vec<f64>) {
    let flat = Calibration::base_rate_only(labels);
    let base_rate = vec![flat.intercept + weights.offset(); labels.len()];
    let log_loss = evaluate::log_loss(labels, &base_rate, weights);
    if customers < SMALL_SAMPLE as f64 || ranked.has_signal() || ranked.log_loss < log_loss {
        return (line, ranked, calibrated);
    }
    let probabilities: Vec<f64> = base_rate.iter().map(|eta| probability(*eta)).collect();
    let brier = evaluate::brier(labels, &probabilities, weights);
    let calibration_error = evaluate::calibration_error(labels, &probabilities, weights);
    (flat, Evaluation { log_loss, brier, calibration_error, ..ranked }, base_rate)
}

fn evaluation_metrics(
    sample: &Sample,
    rows: &[usize],
    labels: &[f64],
    log_odds: &[f64],
    fold_of: &[usize],
) -> Evaluation {
    let row_weights: Vec<f64> = rows.iter().filter_map(|row| sample.repeat_weights.get(*row).copied()).collect();
    let auc = evaluate::auc_by_fold(labels, log_odds, &row_weights, fold_of);
    let probabilities: Vec<f64> = log_odds.iter().map(|eta| probability(*eta)).collect();
    let values: Vec<Option<f64>> = rows.iter().filter_map(|row| sample.values.get(*row).copied()).collect();
    let weights = sample.row_weights;
    Evaluation {
        rows: rows.len() as u64,
        positives: labels.iter().filter(|label| **label > 0.5).count() as u64,
        auc: auc.area,
        auc_low: auc.low,
        auc_high: auc.high,
        log_loss: evaluate::log_loss(labels, log_odds, weights),
        brier: evaluate::brier(labels, &probabilities, weights),
        calibration_error: evaluate::calibration_error(labels, &probabilities, weights),
        lift_at_top_decile: evaluate::lift(labels, log_odds, 0.1, weights),
        value_captured_at_top_quintile: evaluate::value_captured(&values, labels, log_odds, 0.2, weights),
        accounts: RowGroups::account_count(&sample.groups, rows),
        leave_values_out: None,
    }
}
