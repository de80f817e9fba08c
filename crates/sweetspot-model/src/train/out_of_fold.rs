//! Evaluation on customers that the fit did not see.

use rayon::prelude::*;
use sweetspot_core::RowWeights;
use sweetspot_solver::probability;

use super::calibrate::{Calibration, Unseen, calibrate};
use super::fit::fit;
use super::fitted::FittedModel;
use super::folds::folds;
use super::groups::Groups;
use super::sample::Sample;
use super::{Progress, TrainError};
use crate::artifact::{Evaluation, NewestEvaluation};
use crate::evaluate;

/// Folds where there are customers enough; with fewer, more folds leave each fit more to learn from.
const FOLDS: usize = 5;
const FOLDS_OF_FEW: usize = 10;
const FEW: usize = 200;
/// Customers that are judged at least: of very many, folds are judged one by one until there are so many.
const JUDGED: usize = 10_000;

/// What the evaluation found.
#[derive(Debug)]
pub(super) struct Tested {
    /// The figures.
    pub evaluation: Evaluation,
    /// How many folds were judged.
    pub folds: usize,
    /// Folded into the coefficients, of log-odds at the rate of the rows.
    pub calibration: Calibration,
    /// The customers judged, as rows of the sample; what follows has one entry each.
    pub rows: Vec<usize>,
    /// The fold that each is in, from 0.
    pub fold_of: Vec<usize>,
    /// 0 or 1.
    pub labels: Vec<f64>,
    /// Log-odds before calibration, by a fit that did not see the customer.
    pub log_odds: Vec<f64>,
    /// Log-odds as they are judged: calibrated by lines that did not see the customer either, and corrected to the base rate.
    pub calibrated: Vec<f64>,
    /// The same as probabilities.
    pub probabilities: Vec<f64>,
    /// On the newest customers, where they can be told apart.
    pub newest: Option<NewestEvaluation>,
}

impl Tested {
    /// Where customers are too few to judge by: nothing is known, and nothing is corrected.
    pub(super) fn not_at_all() -> Self {
        Self {
            evaluation: Evaluation::default(),
            folds: 0,
            calibration: Calibration::NONE,
            rows: Vec::new(),
            fold_of: Vec::new(),
            labels: Vec::new(),
            log_odds: Vec::new(),
            calibrated: Vec::new(),
            probabilities: Vec::new(),
            newest: None,
        }
    }
}

/// Fits once a fold, each fit finding its own strengths and pairs, and predicts what it did not see.
pub(super) fn evaluate(
    sample: &Sample,
    model: &FittedModel,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Tested, TrainError> {
    let fewest = sample.card.ideal.min(sample.card.not_ideal) as usize;
    let wanted = if sample.rows.len() < FEW { FOLDS_OF_FEW } else { FOLDS };
    let count = wanted.min(fewest);
    let fold_of = folds(&sample.labels, &sample.groups, count, seed);
    let judged = (JUDGED * count).div_ceil(sample.rows.len()).clamp(1, count);
    let predict = |fold: usize| predictions_without(sample, model, |row| fold_of.get(row) == Some(&fold), progress);
    let predictions: Vec<Vec<f64>> = (0..judged).into_par_iter().map(predict).collect::<Result<_, _>>()?;
    let rows: Vec<usize> =
        (0..sample.rows.len()).filter(|row| fold_of.get(*row).is_some_and(|of| *of < judged)).collect();
    let of_rows = |values: &[f64]| rows.iter().filter_map(|row| values.get(*row).copied()).collect::<Vec<f64>>();
    let fold_of: Vec<usize> = rows.iter().filter_map(|row| fold_of.get(*row).copied()).collect();
    let unseen = |(row, fold): (&usize, &usize)| predictions.get(*fold)?.get(*row).copied();
    let log_odds: Vec<f64> = rows.iter().zip(&fold_of).filter_map(unseen).collect();
    let (labels, worth) = (of_rows(&sample.labels), of_rows(&sample.worth));
    let unseen = Unseen { labels: &labels, log_odds: &log_odds, fold_of: &fold_of, worth: &worth };
    let (line, mut calibrated) = calibrate(unseen, judged);
    let weights = sample.row_weights;
    if !weights.is_even() {
        for log_odds in &mut calibrated {
            *log_odds += weights.offset();
        }
    }
    let ranked = figures(sample, &rows, &labels, &calibrated, &fold_of);
    let customers = rows.iter().map(|row| sample.worth(*row)).sum();
    let (calibration, evaluation, calibrated) = useful_or_flat(&labels, weights, customers, (line, ranked, calibrated));
    let probabilities = calibrated.iter().map(|eta| probability(*eta)).collect();
    Ok(Tested {
        evaluation,
        folds: judged,
        calibration,
        rows,
        fold_of,
        labels,
        log_odds,
        calibrated,
        probabilities,
        newest: None,
    })
}

/// The log-odds of all rows by a fit that did not see some of them.
pub(super) fn predictions_without(
    sample: &Sample,
    model: &FittedModel,
    unseen: impl Fn(usize) -> bool,
    progress: &dyn Progress,
) -> Result<Vec<f64>, TrainError> {
    let weights: Vec<f64> =
        sample.weights.iter().enumerate().map(|(row, weight)| if unseen(row) { 0.0 } else { *weight }).collect();
    // The full fit is only where the search starts.
    Ok(fit(sample, &weights, Some(model), progress)?.predict(sample))
}

/// A model that ranks no better than chance and predicts no better than the base rate is replaced by the base rate, so that
/// nobody is sent after noise. Its ranking stays in the figures: that is what was tried. So few customers as [`FEW`] cannot
/// tell that there is nothing; rows of one account count for what they are worth.
fn useful_or_flat(
    labels: &[f64],
    weights: RowWeights,
    customers: f64,
    (line, ranked, calibrated): (Calibration, Evaluation, Vec<f64>),
) -> (Calibration, Evaluation, Vec<f64>) {
    let flat = Calibration::flat(labels);
    let base_rate = vec![flat.intercept + weights.offset(); labels.len()];
    let log_loss = evaluate::log_loss(labels, &base_rate, weights);
    if customers < FEW as f64 || ranked.has_signal() || ranked.log_loss < log_loss {
        return (line, ranked, calibrated);
    }
    let probabilities: Vec<f64> = base_rate.iter().map(|eta| probability(*eta)).collect();
    let brier = evaluate::brier(labels, &probabilities, weights);
    let calibration_error = evaluate::calibration_error(labels, &probabilities, weights);
    (flat, Evaluation { log_loss, brier, calibration_error, ..ranked }, base_rate)
}

fn figures(sample: &Sample, rows: &[usize], labels: &[f64], log_odds: &[f64], fold_of: &[usize]) -> Evaluation {
    let worth: Vec<f64> = rows.iter().filter_map(|row| sample.worth.get(*row).copied()).collect();
    let auc = evaluate::auc_by_fold(labels, log_odds, &worth, fold_of);
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
        accounts: Groups::accounts(&sample.groups, rows),
        leave_values_out: None,
    }
}
