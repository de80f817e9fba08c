//! The estimator: an additive logistic regression with penalties whose strengths are found from the data.
//!
//! Penalised weighted Newton steps, interleaved with Fellner-Schall updates of the strengths (Wood and Fasiolo 2017, "A
//! generalized Fellner-Schall method for smoothing parameter optimization", Biometrics 73:1071, eq. 4).

use linfa::DatasetBase;
use linfa::param_guard::ParamGuard;
use linfa::traits::{Fit, PredictInplace};
use ndarray::Array1;
use thiserror::Error;

use super::block::Block;
use super::directed;
use super::newton::Newton;
use super::passes::row_sums;
use super::problem::Problem;
use super::uncertainty::{Geometry, Uncertainty};
use crate::design::Design;

/// What the estimator is told, unchecked.
#[derive(Clone)]
pub struct AdditiveLogistic<'a>(pub Settings<'a>);

/// What the estimator is told, checked.
#[derive(Clone)]
pub struct Settings<'a> {
    /// One a term of the design.
    pub blocks: &'a [Block],
    /// How many strengths the blocks' penalties have.
    pub strengths: usize,
    /// Known log-odds to start from, one a row; empty for none.
    pub offset: &'a [f64],
    /// Where to start, from an earlier fit of the same shape.
    pub start: Option<Start>,
    /// Most Newton steps.
    pub max_iterations: u32,
    /// How far to go.
    pub precision: Precision,
    /// Asked between steps whether to stop.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// How far a fit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As far as [`Precision::Rough`], at the strengths that it starts from: those of a fit to nearly the same rows.
    Refit,
    /// Far enough to see what is missing.
    Rough,
    /// Far enough to predict customers that took no part.
    Enough,
    /// To the optimum.
    Full,
}

impl Precision {
    /// Converged when the largest gradient component, relative to the sum of case weights, is below this.
    pub(super) const fn gradient(self) -> f64 {
        match self {
            Self::Refit | Self::Rough => 1e-3,
            Self::Enough => 1e-5,
            Self::Full => 1e-7,
        }
    }

    /// Strengths have settled when no penalty's effective parameters change by more, or by more than this part of them.
    pub(super) const fn strengths(self) -> f64 {
        match self {
            Self::Refit | Self::Rough => 0.2,
            Self::Enough => 0.1,
            Self::Full => 0.02,
        }
    }
}

/// A place to start from.
#[derive(Clone, Debug)]
pub struct Start {
    /// Parameters, term by term.
    pub parameters: Vec<f64>,
    /// One strength a penalty.
    pub strengths: Vec<f64>,
}

/// A fitted additive logistic regression.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Parameters, term by term.
    pub parameters: Vec<f64>,
    /// What every slot adds, in log-odds, term by term; the base first.
    pub effects: Vec<f64>,
    /// The penalties' strengths.
    pub strengths: Vec<f64>,
    /// Effective number of parameters of each term.
    pub effective: Vec<f64>,
    /// How much the data speak for each term that has one ridge only: the logarithm of the Bayes factor against a model without
    /// it. Nothing for other terms.
    pub evidence: Vec<Option<f64>>,
    /// How much the data speak against each term's direction, in standard errors; zero where they do not, or there is none.
    pub objections: Vec<f64>,
    /// Newton steps taken.
    pub iterations: u32,
    /// The largest gradient component left, relative to the sum of case weights.
    pub gradient: f64,
    pub(super) geometry: Geometry,
}

impl Fitted {
    /// What is not known of every slot's effect, with `rank` factors; nothing where rounding leaves no covariance.
    #[must_use]
    pub fn uncertainty(&self, design: &Design, rank: usize) -> Option<Uncertainty> {
        self.geometry.uncertainty(design, &self.strengths, rank)
    }
}

/// Why there is no fit.
#[derive(Debug, Error)]
pub enum FitError {
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
    #[error("cancelled")]
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
        let Settings { blocks, offset, .. } = self;
        let problem = Problem { design: dataset.records, blocks, labels: &labels, weights: &weights, offset };
        if blocks.iter().any(|block| block.direction.is_some()) {
            directed::fit(&problem, self)
        } else {
            Newton::new(&problem, self).run()
        }
    }
}

impl PredictInplace<Design, Array1<f64>> for Fitted {
    /// Log-odds, one a row.
    fn predict_inplace(&self, design: &Design, log_odds: &mut Array1<f64>) {
        *log_odds = row_sums(design, &self.effects).into();
    }

    fn default_target(&self, design: &Design) -> Array1<f64> {
        Array1::zeros(design.rows)
    }
}

#[cfg(test)]
mod tests;
