//! Evaluation on customers that the fit did not see.

use linfa::traits::PredictInplace as _;
use ndarray::Array1;
use rayon::prelude::*;

use super::calibrate::{Calibration, calibrate};
use super::estimator::{Fitted, Start};
use super::folds::folds;
use super::objective::probability;
use super::sample::Sample;
use super::{Progress, TrainError, fit};
use crate::model::Evaluation;
use crate::model::evaluate;

/// Folds where there are customers enough; with fewer, more folds leave each fit more to learn from.
const FOLDS: usize = 5;
const FOLDS_OF_FEW: usize = 10;
const FEW: usize = 200;

/// What the evaluation found.
#[derive(Debug)]
pub(super) struct Tested {
    /// The figures.
    pub evaluation: Evaluation,
    /// How many folds.
    pub folds: usize,
    /// Folded into the coefficients.
    pub calibration: Calibration,
    /// Calibrated out-of-fold probabilities, one a row of the sample.
    pub probabilities: Vec<f64>,
}

/// Fits once a fold, each fit finding its own strengths, and predicts what it did not see.
pub(super) fn evaluate(
    sample: &Sample,
    fitted: &Fitted,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Tested, TrainError> {
    let fewest = sample.card.ideal.min(sample.card.not_ideal) as usize;
    let wanted = if sample.rows.len() < FEW { FOLDS_OF_FEW } else { FOLDS };
    let count = wanted.min(fewest);
    let groups: Vec<Option<&str>> = sample.groups.iter().map(Option::as_deref).collect();
    let fold_of = folds(&sample.labels, &groups, count, seed);
    let predict = |fold: usize| -> Result<Array1<f64>, TrainError> {
        let weights: Vec<f64> =
            sample.weights.iter().zip(&fold_of).map(|(weight, of)| if *of == fold { 0.0 } else { *weight }).collect();
        // The full fit is only where the search starts: it has one optimum.
        let start = Start { parameters: fitted.parameters.clone(), strengths: fitted.strengths.clone() };
        let fitted = fit(sample, &weights, Some(start), progress)?;
        let mut log_odds = fitted.default_target(&sample.design);
        fitted.predict_inplace(&sample.design, &mut log_odds);
        Ok(log_odds)
    };
    let predictions: Vec<Array1<f64>> = (0..count).into_par_iter().map(predict).collect::<Result<_, _>>()?;
    let unseen =
        |(row, fold): (usize, &usize)| predictions.get(*fold).and_then(|all| all.get(row)).copied().unwrap_or(0.0);
    let log_odds: Vec<f64> = fold_of.iter().enumerate().map(unseen).collect();
    let (calibration, calibrated) = calibrate(&sample.labels, &log_odds, &fold_of, count);
    let probabilities: Vec<f64> = calibrated.iter().map(|eta| probability(*eta)).collect();
    let evaluation = figures(sample, &calibrated, &probabilities);
    Ok(Tested { evaluation, folds: count, calibration, probabilities })
}

fn figures(sample: &Sample, log_odds: &[f64], probabilities: &[f64]) -> Evaluation {
    let labels = &sample.labels;
    let auc = evaluate::auc(labels, log_odds);
    Evaluation {
        rows: sample.rows.len() as u64,
        positives: sample.card.ideal,
        auc: auc.area,
        auc_low: auc.low,
        auc_high: auc.high,
        log_loss: evaluate::log_loss(labels, log_odds),
        brier: evaluate::brier(labels, probabilities),
        calibration_error: evaluate::calibration_error(labels, probabilities),
        lift_at_top_decile: evaluate::lift(labels, log_odds, 0.1),
        value_captured_at_top_quintile: evaluate::value_captured(&sample.values, log_odds, 0.2),
    }
}
