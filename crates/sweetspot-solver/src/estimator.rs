//! The estimator: an additive logistic regression with penalties whose smoothing parameters are estimated from the
//! data.
//!
//! Penalized weighted Newton steps alternate with Fellner-Schall updates of the smoothing parameters (Wood and Fasiolo
//! 2017, "A generalized Fellner-Schall method for smoothing parameter optimization", Biometrics 73:1071, eq. 4).

use linfa::DatasetBase;
use linfa::param_guard::ParamGuard;
use linfa::traits::{Fit, PredictInplace};
use ndarray::Array1;
use thiserror::Error;

use super::design_sums::row_sums;
use super::monotone;
use super::newton::Newton;
use super::penalized_likelihood::Problem;
use super::term_block::TermBlock;
use super::uncertainty::{EffectUncertainty, LaplaceInputs};
use crate::design::Design;

/// The estimator with unchecked settings.
#[derive(Clone)]
pub struct AdditiveLogistic<'a>(pub SolverSettings<'a>);

/// The checked settings of the estimator.
#[derive(Clone)]
pub struct SolverSettings<'a> {
    /// One block for each term of the design.
    pub blocks: &'a [TermBlock],
    /// The number of smoothing parameters of the blocks' penalties.
    pub smoothing_count: usize,
    /// Known log-odds to start from, one per row; empty if there are none.
    pub offset: &'a [f64],
    /// Case weights, one per row; empty if each is one. Datasets of linfa hold weights of 32 bits, which cannot count
    /// millions of equal rows.
    pub case_weights: &'a [f64],
    /// The point to start from, from an earlier fit of the same shape; the base rate if `None`.
    pub warm_start: Option<WarmStart>,
    /// The maximum number of Newton steps, above zero.
    pub max_iterations: u32,
    /// The accuracy of the fit.
    pub tolerance: Tolerance,
    /// Called before each step; the fit stops with [`FitError::Cancelled`] if it returns true.
    pub is_cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// The accuracy of a fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// As [`Tolerance::Draft`], with the smoothing parameters of the warm start, which come from a fit to nearly the
    /// same rows.
    Refit,
    /// Accurate enough to find missing terms.
    Draft,
    /// Accurate enough to predict customers that were left out.
    CrossValidation,
    /// The optimum.
    Final,
}

impl Tolerance {
    /// The fit has converged when the largest gradient component, relative to the sum of case weights, is below this.
    pub(super) const fn gradient(self) -> f64 {
        match self {
            Self::Refit | Self::Draft => 1e-3,
            Self::CrossValidation => 1e-5,
            Self::Final => 1e-7,
        }
    }

    /// The smoothing parameters have converged when the effective parameters of each penalty change by less than this,
    /// absolutely or relatively.
    pub(super) const fn smoothing(self) -> f64 {
        match self {
            Self::Refit | Self::Draft => 0.2,
            Self::CrossValidation => 0.1,
            Self::Final => 0.02,
        }
    }
}

/// A point to start from.
#[derive(Clone, Debug)]
pub struct WarmStart {
    /// Parameters, term by term.
    pub parameters: Vec<f64>,
    /// The smoothing parameters.
    pub smoothing: Vec<f64>,
}

/// A fitted additive logistic regression.
#[derive(Clone, Debug)]
pub struct FittedLogistic {
    /// Parameters, term by term.
    pub parameters: Vec<f64>,
    /// The effect of each slot, in log-odds, term by term; the base first.
    pub effects: Vec<f64>,
    /// The smoothing parameters.
    pub smoothing: Vec<f64>,
    /// The effective number of parameters of each term.
    pub effective_parameters: Vec<f64>,
    /// The log Bayes factor of each term, in nats, against the model without it; `None` for terms other than a single
    /// ridge.
    pub log_bayes_factors: Vec<Option<f64>>,
    /// The evidence against each term's monotonicity constraint, in standard errors; zero if there is no evidence
    /// or no constraint.
    pub monotonicity_score_z: Vec<f64>,
    /// The number of Newton steps.
    pub iterations: u32,
    /// The largest remaining gradient component, relative to the sum of case weights.
    pub gradient: f64,
    /// What [`Self::uncertainty`] needs.
    pub(super) laplace_inputs: LaplaceInputs,
}

impl FittedLogistic {
    /// The uncertainty of each slot's effect, with `rank` factors; `None` if rounding leaves no positive definite
    /// covariance. `row_counts` is the number of customers that each row of the design stands for.
    #[must_use]
    pub fn uncertainty(&self, design: &Design, row_counts: &[f64], rank: usize) -> Option<EffectUncertainty> {
        self.laplace_inputs.uncertainty(design, row_counts, &self.smoothing, rank)
    }
}

/// An error of a fit.
#[derive(Debug, Error)]
pub enum FitError {
    /// A setting is out of range.
    #[error("{0}")]
    Parameter(&'static str),
    /// The fit has not converged within the maximum number of steps, or no step is possible.
    #[error("not converged after {iterations} steps, gradient {gradient:.1e}")]
    NotConverged {
        /// The number of steps.
        iterations: u32,
        /// The largest remaining gradient component, relative to the sum of case weights.
        gradient: f64,
    },
    /// `is_cancelled` returned true.
    #[error("cancelled")]
    Cancelled,
    /// An error of linfa.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

impl<'a> ParamGuard for AdditiveLogistic<'a> {
    type Checked = SolverSettings<'a>;
    type Error = FitError;

    fn check_ref(&self) -> Result<&SolverSettings<'a>, FitError> {
        if self.0.max_iterations == 0 {
            return Err(FitError::Parameter("max_iterations must be above zero"));
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<SolverSettings<'a>, FitError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl Fit<&Design, Array1<f64>, FitError> for SolverSettings<'_> {
    type Object = FittedLogistic;

    /// Targets are 0 or 1. The weights of the dataset are not used.
    fn fit(&self, dataset: &DatasetBase<&Design, Array1<f64>>) -> Result<FittedLogistic, FitError> {
        let labels = dataset.targets.to_vec();
        let SolverSettings { blocks, offset, case_weights, .. } = self;
        let ones = if case_weights.is_empty() { vec![1.0; labels.len()] } else { Vec::new() };
        let weights = if case_weights.is_empty() { &ones } else { *case_weights };
        let problem = Problem { design: dataset.records, blocks, labels: &labels, weights, offset };
        if blocks.iter().any(|block| block.monotonicity.is_some()) {
            monotone::fit(&problem, self)
        } else {
            Newton::new(&problem, self).run()
        }
    }
}

impl PredictInplace<Design, Array1<f64>> for FittedLogistic {
    /// Log-odds, one per row.
    fn predict_inplace(&self, design: &Design, log_odds: &mut Array1<f64>) {
        *log_odds = row_sums(design, &self.effects).into();
    }

    fn default_target(&self, design: &Design) -> Array1<f64> {
        Array1::zeros(design.rows)
    }
}

#[cfg(test)]
mod tests;
