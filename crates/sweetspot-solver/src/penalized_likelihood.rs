//! The penalized log-likelihood of a weighted additive logistic regression, its gradient and its curvature.
#![expect(clippy::indexing_slicing, reason = "row and parameter indices are within the shape of one problem")]

use super::design_sums::{row_sums, slot_sums, sum_and_fill_rows, sum_rows};
use super::term_block::TermBlock;
use crate::design::Design;

/// The precision of a ridge on every penalized coefficient that only decides between otherwise equal solutions.
pub(super) const TIE_BREAK: f64 = 1e-3;
/// The minimum of p (1 − p) for a row with a positive weight.
const MIN_CURVATURE: f64 = 1e-10;

/// The fitting problem.
#[derive(Debug)]
pub(super) struct Problem<'a> {
    /// The encoded customers.
    pub design: &'a Design,
    /// One block for each term of the design.
    pub blocks: &'a [TermBlock],
    /// The labels, 0 or 1, one per row.
    pub labels: &'a [f64],
    /// Case weights, one per row; a row with weight zero is ignored.
    pub weights: &'a [f64],
    /// Known log-odds to start from, one per row; empty if there are none.
    pub offset: &'a [f64],
}

/// A point of the search: the parameters, term by term, and the log-odds that they predict.
#[derive(Clone, Debug)]
pub(super) struct Iterate {
    /// The parameters of all terms.
    pub parameters: Vec<f64>,
    /// Log-odds, one per row.
    pub log_odds: Vec<f64>,
    /// The likelihood of these log-odds.
    pub likelihood: Likelihood,
}

/// The log-likelihood and its derivatives, from one pass over the rows: all of them need e^−|η|.
#[derive(Clone, Debug)]
pub(super) struct Likelihood {
    /// Σ w (y η − log(1 + e^η)).
    pub value: f64,
    /// w (y − p), one per row.
    pub residuals: Vec<f64>,
    /// w p (1 − p), one per row.
    pub curvatures: Vec<f64>,
}

impl Likelihood {
    fn new(labels: &[f64], weights: &[f64], log_odds: &[f64]) -> Self {
        let (mut residuals, mut curvatures) = (vec![0.0; log_odds.len()], vec![0.0; log_odds.len()]);
        let value = sum_and_fill_rows(&mut residuals, &mut curvatures, |row| {
            let (label, weight, eta) = (labels[row], weights[row], log_odds[row]);
            let e = (-eta.abs()).exp();
            let p = if eta >= 0.0 { 1.0 } else { e } / (1.0 + e);
            let residual = weight * (label - p);
            if weight == 0.0 {
                return (residual, 0.0, 0.0);
            }
            let curvature = weight * (p * (1.0 - p)).max(MIN_CURVATURE);
            (residual, curvature, weight * (label * eta - (eta.max(0.0) + e.ln_1p())))
        });
        Self { value, residuals, curvatures }
    }
}

impl Problem<'_> {
    /// The number of parameters.
    pub(crate) fn parameters(&self) -> usize {
        self.blocks.iter().map(|block| block.parameters).sum()
    }

    /// Splits values with one entry per parameter by term.
    pub(crate) fn split_by_term<'v>(&self, values: &'v [f64]) -> impl Iterator<Item = (&TermBlock, &'v [f64])> {
        let mut rest = values;
        self.blocks.iter().map(move |block| {
            let (own, others) = rest.split_at(block.parameters);
            rest = others;
            (block, own)
        })
    }

    /// The effects of all slots, in log-odds.
    pub(crate) fn effects(&self, parameters: &[f64]) -> Vec<f64> {
        self.split_by_term(parameters).flat_map(|(block, own)| block.effects(own)).collect()
    }

    /// The point at these parameters.
    pub(crate) fn evaluate(&self, parameters: Vec<f64>) -> Iterate {
        let mut log_odds = row_sums(self.design, &self.effects(&parameters));
        log_odds.iter_mut().zip(self.offset).for_each(|(eta, offset)| *eta += offset);
        self.iterate(parameters, log_odds)
    }

    /// The point at these parameters, with these log-odds.
    pub(crate) fn iterate(&self, parameters: Vec<f64>, log_odds: Vec<f64>) -> Iterate {
        let likelihood = Likelihood::new(self.labels, self.weights, &log_odds);
        Iterate { parameters, log_odds, likelihood }
    }

    /// The square root of the weighted mean of the squared values, one per row.
    pub(crate) fn root_mean_square(&self, values: &[f64]) -> f64 {
        let (sum, total) = (
            sum_rows(self.design.rows, |row| self.weights[row] * values[row] * values[row]),
            self.weights.iter().sum::<f64>(),
        );
        (sum / total.max(f64::MIN_POSITIVE)).sqrt()
    }

    /// Sums values, one per row, over the rows of each slot, and then over the slots of each parameter.
    pub(crate) fn gather(&self, values: &[f64]) -> Vec<f64> {
        self.gather_slots(&slot_sums(self.design, values))
    }

    /// Sums values, one per slot, over the slots of each parameter.
    pub(crate) fn gather_slots(&self, sums: &[f64]) -> Vec<f64> {
        let mut rest = sums;
        let initial_values = |block: &TermBlock| {
            let (own, others) = rest.split_at(block.slots.len());
            rest = others;
            block.gather(own)
        };
        self.blocks.iter().flat_map(initial_values).collect()
    }

    /// Σ over terms: λ S θ, including the tie-break and the priors. Its negative is the penalty's part of the gradient.
    pub(crate) fn penalty_gradient(&self, parameters: &[f64], smoothing: &[f64]) -> Vec<f64> {
        let block_gradient = |(block, own): (&TermBlock, &[f64])| {
            let mut gradient = block.penalty_matrix(smoothing, TIE_BREAK).times(own);
            block.priors.iter().for_each(|prior| gradient[prior.parameter] -= prior.precision * prior.mean);
            gradient
        };
        self.split_by_term(parameters).flat_map(block_gradient).collect()
    }

    /// ½ Σ λ θᵀ S θ, including the tie-break and the priors.
    pub(crate) fn penalty_sum(&self, parameters: &[f64], smoothing: &[f64]) -> f64 {
        let block_penalty = |(block, own): (&TermBlock, &[f64])| {
            let sharers = block.multiplicity();
            let penalized = block.penalties.iter().flat_map(|penalty| &penalty.parameters);
            let tie_break: f64 = penalized.map(|i| sharers[*i] * own[*i] * own[*i]).sum();
            let penalties = block.penalties.iter().map(|penalty| smoothing[penalty.smoothing] * penalty.quadratic(own));
            let prior_penalties =
                block.priors.iter().map(|prior| prior.precision * (own[prior.parameter] - prior.mean).powi(2));
            0.5 * (TIE_BREAK * tie_break + penalties.sum::<f64>() + prior_penalties.sum::<f64>())
        };
        self.split_by_term(parameters).map(block_penalty).sum()
    }
}

/// For each row, w (y − p) and w p (1 − p).
#[must_use]
pub fn row_derivatives(labels: &[f64], weights: &[f64], log_odds: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let Likelihood { residuals, curvatures, .. } = Likelihood::new(labels, weights, log_odds);
    (residuals, curvatures)
}

/// 1 / (1 + e^−x), without overflow.
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// The probability for these log-odds, strictly between 0 and 1. Beyond ±36 the sigmoid is 0 or 1 in f64, but a fit is
/// never certain.
#[must_use]
pub fn probability(log_odds: f64) -> f64 {
    sigmoid(log_odds).clamp(1e-15, 1.0 - 1e-15)
}

/// log(1 + e^x), without overflow.
#[must_use]
pub fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests;
