//! The estimator: an additive logistic regression with penalties whose strengths are found from the data.
//!
//! Penalised weighted Newton steps, interleaved with Fellner-Schall updates of the strengths (Wood and Fasiolo 2017, "A
//! generalized Fellner-Schall method for smoothing parameter optimization", Biometrics 73:1071, eq. 4).

use linfa::DatasetBase;
use linfa::param_guard::ParamGuard;
use linfa::traits::{Fit, PredictInplace};
use ndarray::Array1;
use thiserror::Error;

use super::newton::Newton;
use super::objective::Problem;
use super::penalty::Penalty;
use crate::model::design::Design;

/// What the estimator is told, unchecked.
#[derive(Clone)]
pub(super) struct AdditiveLogistic<'a>(pub Settings<'a>);

/// What the estimator is told, checked.
#[derive(Clone)]
pub(super) struct Settings<'a> {
    /// The penalties, on parameters counted without the intercept.
    pub penalties: Vec<Penalty>,
    /// Where to start, from an earlier fit of the same shape.
    pub start: Option<Start>,
    /// Most Newton steps.
    pub max_iterations: u32,
    /// Converged when the largest gradient component, relative to the sum of case weights, is below this.
    pub tolerance: f64,
    /// Asked between steps whether to stop.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// A place to start from.
#[derive(Clone, Debug)]
pub(super) struct Start {
    /// Intercept and coefficients.
    pub parameters: Vec<f64>,
    /// One strength a penalty.
    pub strengths: Vec<f64>,
}

/// A fitted additive logistic regression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fitted {
    /// Intercept, then one coefficient a slot.
    pub parameters: Vec<f64>,
    /// One a penalty.
    pub strengths: Vec<f64>,
    /// Effective number of parameters behind each parameter, in `[0, 1]`, the intercept's first.
    pub effective: Vec<f64>,
    /// Newton steps taken.
    pub iterations: u32,
    /// The largest gradient component left, relative to the sum of case weights.
    pub gradient: f64,
}

/// Why there is no fit.
#[derive(Debug, Error)]
pub(super) enum FitError {
    /// A parameter of the estimator is out of its range.
    #[error("{0}")]
    Parameter(&'static str),
    /// Not settled within the allowed steps, or no step is possible.
    #[error("not converged after {iterations} steps, gradient {gradient:.1e}")]
    NotConverged {
        /// Steps taken.
        iterations: u32,
        /// Gradient left.
        gradient: f64,
    },
    /// Told to stop.
    #[error("told to stop")]
    Stopped,
    /// An error of linfa's own.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

impl<'a> ParamGuard for AdditiveLogistic<'a> {
    type Checked = Settings<'a>;
    type Error = FitError;

    fn check_ref(&self) -> Result<&Settings<'a>, FitError> {
        if self.0.max_iterations == 0 {
            return Err(FitError::Parameter("max_iterations must be above zero"));
        }
        if !(self.0.tolerance > 0.0 && self.0.tolerance.is_finite()) {
            return Err(FitError::Parameter("tolerance must be above zero"));
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<Settings<'a>, FitError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl Fit<&Design, Array1<f64>, FitError> for Settings<'_> {
    type Object = Fitted;

    /// Targets are 0 or 1; the dataset's weights are case weights, all 1 where there are none.
    fn fit(&self, dataset: &DatasetBase<&Design, Array1<f64>>) -> Result<Fitted, FitError> {
        let labels = dataset.targets.to_vec();
        let weights = match dataset.weights() {
            Some(weights) => weights.iter().map(|weight| f64::from(*weight)).collect(),
            None => vec![1.0; labels.len()],
        };
        let problem = Problem { design: dataset.records, labels: &labels, weights: &weights };
        Newton::new(&problem, self).run()
    }
}

impl PredictInplace<Design, Array1<f64>> for Fitted {
    /// Log-odds, one a row.
    fn predict_inplace(&self, design: &Design, log_odds: &mut Array1<f64>) {
        let problem = Problem { design, labels: &[], weights: &[] };
        *log_odds = problem.at(self.parameters.clone()).log_odds.into();
    }

    fn default_target(&self, design: &Design) -> Array1<f64> {
        Array1::zeros(design.rows)
    }
}

#[cfg(test)]
mod tests {
    use linfa_logistic::LogisticRegression;
    use ndarray::Array2;
    use rand::{Rng as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::model::design::{Codes, TermCodes};
    use crate::model::train::objective::{TIE_BREAK, sigmoid};
    use crate::model::train::penalty::Form;

    const SLOTS: [usize; 3] = [4, 3, 6];

    fn design(rows: usize, seed: u64) -> (Design, Array1<f64>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let codes: Vec<Vec<u32>> =
            SLOTS.iter().map(|slots| (0..rows).map(|_| rng.random_range(0..*slots as u32)).collect()).collect();
        let labels = (0..rows)
            .map(|row| {
                let log_odds = f64::from(codes[0][row]) * 0.7 - 1.5 + if codes[1][row] == 2 { 1.0 } else { 0.0 };
                f64::from(u8::from(rng.random_bool(sigmoid(log_odds))))
            })
            .collect();
        let terms = codes.into_iter().zip(SLOTS).map(|(codes, slots)| TermCodes { slots, codes: Codes::One(codes) });
        (Design { rows, terms: terms.collect() }, labels)
    }

    fn settings(penalties: Vec<Penalty>) -> Settings<'static> {
        Settings { penalties, start: None, max_iterations: 100, tolerance: 1e-9, stop: &|| false }
    }

    /// One ridge over everything, whose strength linfa's plain logistic regression is then told.
    #[test]
    fn agrees_with_linfa_logistic_on_the_one_hot_matrix() {
        let (design, labels) = design(500, 1);
        let width = SLOTS.iter().sum();
        let ridge = Penalty { form: Form::Ridge, ranges: vec![0..width] };
        let dataset = DatasetBase::new(&design, labels.clone());
        let fitted = AdditiveLogistic(settings(vec![ridge])).fit(&dataset).unwrap();
        let mut one_hot = Array2::zeros((design.rows, width));
        for (term, offset) in design.terms.iter().zip(design.offsets()) {
            for row in 0..design.rows {
                one_hot[(row, offset + term.codes.row(row)[0] as usize)] = 1.0;
            }
        }
        // linfa takes the label that is written as true for positive only if it is told apart by type.
        let classes = labels.mapv(|label| label > 0.5);
        let oracle = LogisticRegression::default()
            .alpha(fitted.strengths[0] + TIE_BREAK)
            .max_iterations(10_000)
            .gradient_tolerance(1e-9)
            .fit(&DatasetBase::new(one_hot.clone(), classes))
            .unwrap();
        let expected = oracle.predict_probabilities(&one_hot);
        let positive = if oracle.labels().pos.class { 1.0 } else { -1.0 };
        let mut log_odds = fitted.default_target(&design);
        fitted.predict_inplace(&design, &mut log_odds);
        for (found, expected) in log_odds.iter().zip(&expected) {
            assert!((sigmoid(positive * found) - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn a_case_weight_of_two_is_a_row_twice() {
        let (design, labels) = design(200, 2);
        let ridge = |range| Penalty { form: Form::Ridge, ranges: vec![range] };
        let penalties = || vec![ridge(0..4), ridge(4..7), Penalty { form: Form::RandomWalk, ranges: vec![7..13] }];
        let weights: Array1<f32> = (0..200).map(|row| if row < 50 { 2.0 } else { 1.0 }).collect();
        let weighted = DatasetBase::new(&design, labels.clone()).with_weights(weights);
        let weighted = AdditiveLogistic(settings(penalties())).fit(&weighted).unwrap();
        let twice = |row: &usize| if *row < 50 { vec![*row; 2] } else { vec![*row] };
        let rows: Vec<usize> = (0..200).flat_map(|row| twice(&row)).collect();
        let terms = design.terms.iter().map(|term| TermCodes {
            slots: term.slots,
            codes: Codes::One(rows.iter().map(|row| term.codes.row(*row)[0]).collect()),
        });
        let doubled = Design { rows: rows.len(), terms: terms.collect() };
        let dataset = DatasetBase::new(&doubled, rows.iter().map(|row| labels[*row]).collect::<Array1<f64>>());
        let doubled = AdditiveLogistic(settings(penalties())).fit(&dataset).unwrap();
        for (a, b) in weighted.parameters.iter().zip(&doubled.parameters) {
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }

    #[test]
    fn wrong_settings_and_lost_patience_are_told() {
        let (design, labels) = design(100, 3);
        let dataset = DatasetBase::new(&design, labels);
        let none = Settings { max_iterations: 0, ..settings(vec![]) };
        assert!(matches!(AdditiveLogistic(none).fit(&dataset), Err(FitError::Parameter(_))));
        let tolerance = Settings { tolerance: f64::NAN, ..settings(vec![]) };
        assert!(matches!(AdditiveLogistic(tolerance).check(), Err(FitError::Parameter(_))));
        let once = Settings { max_iterations: 1, ..settings(vec![]) };
        assert!(matches!(AdditiveLogistic(once).fit(&dataset), Err(FitError::NotConverged { iterations: 1, .. })));
        let stopped = Settings { stop: &|| true, ..settings(vec![]) };
        assert!(matches!(AdditiveLogistic(stopped).fit(&dataset), Err(FitError::Stopped)));
    }
}
