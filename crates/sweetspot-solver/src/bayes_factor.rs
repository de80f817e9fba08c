//! The evidence for a term.

use faer::{Mat, Side};

use super::approximate_information::ApproximateInformation;
use super::penalized_likelihood::TIE_BREAK;
use super::term_block::{PenaltyForm, TermBlock};

/// Terms with more parameters have no Bayes factor.
const MAX_PARAMETERS: usize = 400;

/// The log Bayes factor of the model with the term against the model without it. `None` unless the term has one ridge
/// and no priors.
///
/// The Savage-Dickey ratio: the prior density over the posterior density where all of the term's parameters are zero
/// (Dickey 1971, "The weighted likelihood ratio, linear hypotheses on normal location parameters", Ann. Math. Stat.
/// 42:204). The posterior is Laplace's approximation, so the result is positive if and only if the Laplace-approximate
/// evidence is higher with the term.
pub(super) fn log_bayes_factor(
    information: &ApproximateInformation,
    term: usize,
    block: &TermBlock,
    parameters: &[f64],
    smoothing: &[f64],
) -> Option<f64> {
    let [penalty] = block.penalties.as_slice() else { return None };
    if penalty.form != PenaltyForm::Ridge || block.parameters > MAX_PARAMETERS || !block.priors.is_empty() {
        return None;
    }
    let precision = smoothing.get(penalty.smoothing)? + TIE_BREAK;
    let covariance = information.covariances(term).llt(Side::Lower).ok()?;
    let values = Mat::from_fn(parameters.len(), 1, |i, _| parameters.get(i).copied().unwrap_or(0.0));
    let scaled = faer::linalg::solvers::Solve::solve(&covariance, &values);
    let distance: f64 = parameters.iter().enumerate().map(|(i, value)| value * scaled[(i, 0)]).sum();
    let log_determinant: f64 = 2.0 * (0..parameters.len()).map(|i| covariance.L()[(i, i)].ln()).sum::<f64>();
    Some(0.5 * (distance + log_determinant + parameters.len() as f64 * precision.ln()))
}

#[cfg(test)]
mod tests;
