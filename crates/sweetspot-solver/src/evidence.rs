//! Whether a term is worth having.

use faer::{Mat, Side};

use super::block::{Block, Form};
use super::problem::TIE_BREAK;
use super::system::System;

/// Terms with more parameters are not asked.
const MOST_PARAMETERS: usize = 400;

/// The logarithm of the Bayes factor of the model with the term against the model without it, for a term with one ridge.
///
/// The Savage-Dickey ratio: prior over posterior density where all of the term's parameters are zero (Dickey 1971, "The
/// weighted likelihood ratio, linear hypotheses on normal location parameters", Ann. Math. Stat. 42:204), the posterior by
/// Laplace's approximation, so that it is positive if and only if the Laplace-approximate evidence is higher with the term.
pub(super) fn of_term(
    system: &System,
    term: usize,
    block: &Block,
    parameters: &[f64],
    strengths: &[f64],
) -> Option<f64> {
    let [penalty] = block.penalties.as_slice() else { return None };
    if penalty.form != Form::Ridge || block.parameters > MOST_PARAMETERS || !block.priors.is_empty() {
        return None;
    }
    let precision = strengths.get(penalty.strength)? + TIE_BREAK;
    let covariance = system.covariances(term).llt(Side::Lower).ok()?;
    let values = Mat::from_fn(parameters.len(), 1, |i, _| parameters.get(i).copied().unwrap_or(0.0));
    let scaled = faer::linalg::solvers::Solve::solve(&covariance, &values);
    let distance: f64 = parameters.iter().enumerate().map(|(i, value)| value * scaled[(i, 0)]).sum();
    let log_determinant: f64 = 2.0 * (0..parameters.len()).map(|i| covariance.L()[(i, i)].ln()).sum::<f64>();
    Some(0.5 * (distance + log_determinant + parameters.len() as f64 * precision.ln()))
}

#[cfg(test)]
mod tests;
