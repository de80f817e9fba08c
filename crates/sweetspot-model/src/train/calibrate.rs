//! Two-parameter calibration of out-of-fold log-odds: intercept + slope × log-odds (Platt 1999, without its smoothing).
//!
//! A line on the log-odds can be folded into the coefficients, so a calibrated score is still a plain sum.

use sweetspot_core::SamplingWeights;
use sweetspot_solver::sigmoid;

use crate::evaluate::log_loss;

/// Lines are fitted to the rows without weights: a base rate changes the calibrated probabilities, not the lines.
const EVEN_WEIGHTS: SamplingWeights = SamplingWeights::EVEN;

/// A line on the log-odds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Calibration {
    /// Added to the log-odds.
    pub intercept: f64,
    /// The factor of the log-odds.
    pub slope: f64,
}

/// The precision of the normal prior of the slope, whose mean is one. It limits what few customers can change.
const SLOPE_PRECISION: f64 = 10.0;

/// The minimum gain in cross-fitted log-loss, in nats, for a line to be used.
const MIN_LOG_LOSS_GAIN: f64 = 1e-4;

impl Calibration {
    /// The line that changes nothing.
    pub(crate) const IDENTITY: Self = Self { intercept: 0.0, slope: 1.0 };

    /// The line that predicts the base rate for every account.
    pub(crate) fn base_rate_only(labels: &[f64]) -> Self {
        let ideal: f64 = labels.iter().sum();
        Self { intercept: (ideal / (labels.len() as f64 - ideal)).ln(), slope: 0.0 }
    }

    /// Returns the calibrated log-odds.
    pub(crate) fn apply(self, log_odds: f64) -> f64 {
        self.intercept + self.slope * log_odds
    }

    /// The most probable line, by Newton's method; [`Self::IDENTITY`] if there is none.
    ///
    /// `weights` has the weight of each row, or is empty if each row has weight one. With weights, the slope is that of
    /// the weighted rows and the intercept that of the unweighted rows: accounts with many rows may have another rate.
    pub(crate) fn fit(labels: &[f64], log_odds: &[f64], weights: &[f64]) -> Self {
        let mut line = Self::IDENTITY;
        for _ in 0..50 {
            let (mut g, mut h) = ([0.0, SLOPE_PRECISION * (1.0 - line.slope)], [1e-9, 0.0, SLOPE_PRECISION]);
            for ((y, eta), weights) in labels.iter().zip(log_odds).zip(weights.iter().chain(std::iter::repeat(&1.0))) {
                let p = sigmoid(line.apply(*eta));
                let (residual, curvature) = (weights * (y - p), weights * p * (1.0 - p));
                g = [g[0] + residual, g[1] + residual * eta];
                h = [h[0] + curvature, h[1] + curvature * eta, h[2] + curvature * eta * eta];
            }
            let determinant = h[0] * h[2] - h[1] * h[1];
            let step = [(h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant];
            if !step.iter().all(|part| part.is_finite()) {
                return Self::IDENTITY;
            }
            line = Self {
                intercept: line.intercept + step[0].clamp(-1.0, 1.0),
                slope: line.slope + step[1].clamp(-0.5, 0.5),
            };
            if step.iter().all(|part| part.abs() < 1e-10) {
                break;
            }
        }
        // A slope of zero or below would reverse the reasons: such a model cannot be calibrated.
        if line.slope <= 0.0 {
            return Self::IDENTITY;
        }
        if weights.is_empty() { line } else { line.match_mean(labels, log_odds) }
    }

    /// The same slope with the intercept for which the mean probability equals the rate of the rows.
    fn match_mean(mut self, labels: &[f64], log_odds: &[f64]) -> Self {
        for _ in 0..50 {
            let (mut g, mut h) = (0.0, 1e-9);
            for (y, eta) in labels.iter().zip(log_odds) {
                let p = sigmoid(self.apply(*eta));
                (g, h) = (g + y - p, h + p * (1.0 - p));
            }
            let step = (g / h).clamp(-2.0, 2.0);
            self.intercept += step;
            if step.abs() < 1e-10 {
                break;
            }
        }
        self
    }
}

/// Log-odds of rows predicted out of fold.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutOfFoldPredictions<'a> {
    /// The label of each row, 0 or 1.
    pub labels: &'a [f64],
    pub log_odds: &'a [f64],
    /// The fold of each row.
    pub row_folds: &'a [usize],
    /// The weight of each row; empty if each row has weight one.
    pub weights: &'a [f64],
}

/// The calibration for out-of-fold log-odds, and these log-odds calibrated by lines that did not see their own fold.
///
/// Returns the identity unless calibration lowers the cross-fitted log-loss.
pub(super) fn calibrate(unseen: OutOfFoldPredictions<'_>, folds: usize) -> (Calibration, Vec<f64>) {
    let OutOfFoldPredictions { labels, log_odds, row_folds: fold_of, weights: worth } = unseen;
    let mut cross_fitted = log_odds.to_vec();
    for fold in 0..folds {
        let outside = |values: &[f64]| -> Vec<f64> {
            values
                .iter()
                .zip(fold_of)
                .filter(|(_, fold_of_row)| **fold_of_row != fold)
                .map(|(value, _)| *value)
                .collect()
        };
        let line = Calibration::fit(&outside(labels), &outside(log_odds), &outside(worth));
        for ((value, raw), _) in
            cross_fitted.iter_mut().zip(log_odds).zip(fold_of).filter(|(_, fold_of_row)| **fold_of_row == fold)
        {
            *value = line.apply(*raw);
        }
    }
    // The metrics must be those of the stored line: if all rows together have no line, there is nothing to cross-fit.
    let line = Calibration::fit(labels, log_odds, worth);
    if line != Calibration::IDENTITY
        && log_loss(labels, &cross_fitted, EVEN_WEIGHTS) < log_loss(labels, log_odds, EVEN_WEIGHTS) - MIN_LOG_LOSS_GAIN
    {
        (line, cross_fitted)
    } else {
        (Calibration::IDENTITY, log_odds.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calibrate_unweighted(labels: &[f64], log_odds: &[f64], fold_of: &[usize]) -> (Calibration, Vec<f64>) {
        calibrate(OutOfFoldPredictions { labels, log_odds, row_folds: fold_of, weights: &[] }, 5)
    }

    /// Half of the rows have weight one tenth and twice the correct log-odds.
    #[test]
    fn the_slope_is_that_of_weighted_rows_and_the_intercept_that_of_all() {
        let (labels, log_odds, _) = rows(1.0);
        let (more, twice, _) = rows(2.0);
        let labels: Vec<f64> = labels.into_iter().chain(more.iter().map(|label| label.max(0.25).round())).collect();
        let log_odds: Vec<f64> = log_odds.into_iter().chain(twice).collect();
        let worth: Vec<f64> = (0..labels.len()).map(|row| if row < labels.len() / 2 { 1.0 } else { 0.1 }).collect();
        let weighted = Calibration::fit(&labels, &log_odds, &worth);
        let plain = Calibration::fit(&labels, &log_odds, &[]);
        assert!(plain.slope < 0.75 && weighted.slope > 0.8, "{plain:?} {weighted:?}");
        let mean = log_odds.iter().map(|eta| sigmoid(weighted.apply(*eta))).sum::<f64>() / labels.len() as f64;
        assert!((mean - labels.iter().sum::<f64>() / labels.len() as f64).abs() < 1e-9, "{mean}");
        assert_eq!(Calibration::fit(&labels, &log_odds, &vec![1.0; labels.len()]).slope, plain.slope);
    }

    /// Labels whose rate is exactly that of the log-odds divided by `factor`.
    fn rows(factor: f64) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
        let (mut labels, mut log_odds, mut folds) = (vec![], vec![], vec![]);
        for step in -20..=20 {
            let eta = f64::from(step) / 10.0;
            for i in 0..200 {
                labels.push(f64::from(u8::from(f64::from(i) < 200.0 * sigmoid(eta))));
                log_odds.push(eta * factor);
                folds.push(i as usize % 5);
            }
        }
        (labels, log_odds, folds)
    }

    #[test]
    fn calibration_corrects_only_miscalibrated_predictions() {
        let (labels, log_odds, folds) = rows(1.0);
        assert_eq!(calibrate_unweighted(&labels, &log_odds, &folds), (Calibration::IDENTITY, log_odds));
        let (labels, log_odds, folds) = rows(2.0);
        let (line, _) = calibrate_unweighted(&labels, &log_odds, &folds);
        assert!((line.slope - 0.5).abs() < 0.02 && line.intercept.abs() < 0.05, "{line:?}");
    }

    #[test]
    fn a_useless_model_is_not_inverted() {
        let (labels, log_odds) = ([1.0, 0.0].repeat(50), [-1.0, 1.0].repeat(50));
        assert_eq!(Calibration::fit(&labels, &log_odds, &[]), Calibration::IDENTITY);
        let four = Calibration::fit(&[1.0, 0.0, 1.0, 0.0], &[-1.0, 1.0, -1.0, 1.0], &[]);
        assert!((0.5..1.0).contains(&four.slope), "four rows barely change the slope: {four:?}");
        assert_eq!(Calibration::fit(&[1.0; 4], &[0.0; 4], &[]).slope, 1.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn calibration_is_worth_it_or_changes_nothing(
            rows in prop::collection::vec((any::<bool>(), -40..40_i8), 10..80),
        ) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let log_odds: Vec<f64> = rows.iter().map(|(_, eta)| f64::from(*eta) / 10.0).collect();
            let folds: Vec<usize> = (0..rows.len()).map(|row| row % 5).collect();
            let (line, calibrated) = calibrate_unweighted(&labels, &log_odds, &folds);
            prop_assert!(line.slope > 0.0 && line.slope.is_finite() && line.intercept.is_finite());
            prop_assert_eq!(calibrated.len(), rows.len());
            if line == Calibration::IDENTITY {
                prop_assert_eq!(calibrated, log_odds);
            } else {
                prop_assert!(log_loss(&labels, &calibrated, EVEN_WEIGHTS) < log_loss(&labels, &log_odds, EVEN_WEIGHTS));
            }
        }

        /// The calibrated log-odds of a row do not depend on its own label.
        #[test]
        fn a_line_does_not_see_its_own_fold(flipped in 0_usize..5) {
            let (mut labels, log_odds, folds) = rows(2.0);
            let (_, before) = calibrate_unweighted(&labels, &log_odds, &folds);
            let row = (4000..folds.len()).find(|row| folds[*row] == flipped).unwrap();
            labels[row] = 1.0 - labels[row];
            let (_, after) = calibrate_unweighted(&labels, &log_odds, &folds);
            let changed = |row: &usize| before[*row] != after[*row];
            let (own, others): (Vec<usize>, Vec<usize>) = (0..folds.len()).partition(|row| folds[*row] == flipped);
            prop_assert!(!own.iter().any(changed) && others.iter().any(changed));
        }
    }
}
