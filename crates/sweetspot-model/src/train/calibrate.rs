//! Two-parameter calibration of out-of-fold log-odds: intercept + slope × log-odds (Platt 1999, without its smoothing).
//!
//! A straight line on the log-odds folds into the coefficients, so that a calibrated score is still a plain sum.

use sweetspot_core::RowWeights;
use sweetspot_solver::sigmoid;

use crate::evaluate::log_loss;

/// Lines are found among the rows as they are: a base rate moves what they give, not the lines.
const EVEN: RowWeights = RowWeights::EVEN;

/// A straight line on the log-odds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Calibration {
    /// Added.
    pub intercept: f64,
    /// Multiplied.
    pub slope: f64,
}

/// How sure it is beforehand that the slope is one, as the precision of a normal prior: few customers cannot tell.
const SLOPE_PRECISION: f64 = 10.0;

/// A line must lower the cross-fitted log-loss by this much, in nats, or it is noise.
const WORTH_IT: f64 = 1e-4;

impl Calibration {
    /// No change.
    pub(crate) const NONE: Self = Self { intercept: 0.0, slope: 1.0 };

    /// The base rate for everybody.
    pub(crate) fn flat(labels: &[f64]) -> Self {
        let ideal: f64 = labels.iter().sum();
        Self { intercept: (ideal / (labels.len() as f64 - ideal)).ln(), slope: 0.0 }
    }

    /// The calibrated log-odds.
    pub(crate) fn apply(self, log_odds: f64) -> f64 {
        self.intercept + self.slope * log_odds
    }

    /// The most probable line, by Newton's method; no change where there is none.
    ///
    /// `worth` is what each row counts for, or empty where each counts as one. Then the slope is that of weighted rows, and the
    /// intercept that of the rows as they are: an account with many rows may have another rate.
    pub(crate) fn fit(labels: &[f64], log_odds: &[f64], worth: &[f64]) -> Self {
        let mut line = Self::NONE;
        for _ in 0..50 {
            let (mut g, mut h) = ([0.0, SLOPE_PRECISION * (1.0 - line.slope)], [1e-9, 0.0, SLOPE_PRECISION]);
            for ((y, eta), worth) in labels.iter().zip(log_odds).zip(worth.iter().chain(std::iter::repeat(&1.0))) {
                let p = sigmoid(line.apply(*eta));
                let (residual, curvature) = (worth * (y - p), worth * p * (1.0 - p));
                g = [g[0] + residual, g[1] + residual * eta];
                h = [h[0] + curvature, h[1] + curvature * eta, h[2] + curvature * eta * eta];
            }
            let determinant = h[0] * h[2] - h[1] * h[1];
            let step = [(h[2] * g[0] - h[1] * g[1]) / determinant, (h[0] * g[1] - h[1] * g[0]) / determinant];
            if !step.iter().all(|part| part.is_finite()) {
                return Self::NONE;
            }
            line = Self {
                intercept: line.intercept + step[0].clamp(-1.0, 1.0),
                slope: line.slope + step[1].clamp(-0.5, 0.5),
            };
            if step.iter().all(|part| part.abs() < 1e-10) {
                break;
            }
        }
        // A slope of zero or below would turn reasons round: such a model has nothing to calibrate.
        if line.slope <= 0.0 {
            return Self::NONE;
        }
        if worth.is_empty() { line } else { line.level(labels, log_odds) }
    }

    /// The same slope with the intercept at which the mean probability is the rate of the rows.
    fn level(mut self, labels: &[f64], log_odds: &[f64]) -> Self {
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

/// Log-odds of rows that a fit did not see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unseen<'a> {
    /// 0 or 1.
    pub labels: &'a [f64],
    pub log_odds: &'a [f64],
    /// The fold of each row.
    pub fold_of: &'a [usize],
    /// What each row counts for; empty where each counts as one.
    pub worth: &'a [f64],
}

/// The calibration for out-of-fold log-odds, and these log-odds calibrated by lines that did not see their own fold.
///
/// No change unless it lowers the cross-fitted log-loss.
pub(super) fn calibrate(unseen: Unseen<'_>, folds: usize) -> (Calibration, Vec<f64>) {
    let Unseen { labels, log_odds, fold_of, worth } = unseen;
    let mut cross_fitted = log_odds.to_vec();
    for fold in 0..folds {
        let outside = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(fold_of).filter(|(_, of)| **of != fold).map(|(value, _)| *value).collect()
        };
        let line = Calibration::fit(&outside(labels), &outside(log_odds), &outside(worth));
        for ((value, raw), _) in cross_fitted.iter_mut().zip(log_odds).zip(fold_of).filter(|(_, of)| **of == fold) {
            *value = line.apply(*raw);
        }
    }
    // The figures must be those of the line that is kept: where all rows together have none, there is nothing to cross-fit.
    let line = Calibration::fit(labels, log_odds, worth);
    if line != Calibration::NONE && log_loss(labels, &cross_fitted, EVEN) < log_loss(labels, log_odds, EVEN) - WORTH_IT
    {
        (line, cross_fitted)
    } else {
        (Calibration::NONE, log_odds.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(labels: &[f64], log_odds: &[f64], fold_of: &[usize]) -> (Calibration, Vec<f64>) {
        calibrate(Unseen { labels, log_odds, fold_of, worth: &[] }, 5)
    }

    /// Half of the rows count for a tenth and have twice the log-odds that they should have.
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
    fn what_is_calibrated_stays_and_what_is_not_is_put_right() {
        let (labels, log_odds, folds) = rows(1.0);
        assert_eq!(lines(&labels, &log_odds, &folds), (Calibration::NONE, log_odds));
        let (labels, log_odds, folds) = rows(2.0);
        let (line, _) = lines(&labels, &log_odds, &folds);
        assert!((line.slope - 0.5).abs() < 0.02 && line.intercept.abs() < 0.05, "{line:?}");
    }

    #[test]
    fn a_model_without_use_is_not_turned_round() {
        let (labels, log_odds) = ([1.0, 0.0].repeat(50), [-1.0, 1.0].repeat(50));
        assert_eq!(Calibration::fit(&labels, &log_odds, &[]), Calibration::NONE);
        let four = Calibration::fit(&[1.0, 0.0, 1.0, 0.0], &[-1.0, 1.0, -1.0, 1.0], &[]);
        assert!((0.5..1.0).contains(&four.slope), "so few cannot tell: {four:?}");
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
            let (line, calibrated) = lines(&labels, &log_odds, &folds);
            prop_assert!(line.slope > 0.0 && line.slope.is_finite() && line.intercept.is_finite());
            prop_assert_eq!(calibrated.len(), rows.len());
            if line == Calibration::NONE {
                prop_assert_eq!(calibrated, log_odds);
            } else {
                prop_assert!(log_loss(&labels, &calibrated, EVEN) < log_loss(&labels, &log_odds, EVEN));
            }
        }

        /// No row's own label takes part in its calibrated log-odds.
        #[test]
        fn a_line_does_not_see_its_own_fold(flipped in 0_usize..5) {
            let (mut labels, log_odds, folds) = rows(2.0);
            let (_, before) = lines(&labels, &log_odds, &folds);
            let row = (4000..folds.len()).find(|row| folds[*row] == flipped).unwrap();
            labels[row] = 1.0 - labels[row];
            let (_, after) = lines(&labels, &log_odds, &folds);
            let changed = |row: &usize| before[*row] != after[*row];
            let (own, others): (Vec<usize>, Vec<usize>) = (0..folds.len()).partition(|row| folds[*row] == flipped);
            prop_assert!(!own.iter().any(changed) && others.iter().any(changed));
        }
    }
}
