//! The penalised log-likelihood of a weighted additive logistic regression, its gradient and its curvature.
#![expect(clippy::indexing_slicing, reason = "rows and parameters come from the shape of one problem")]

use super::block::Block;
use super::passes::{map_rows, row_sums, slot_sums, sum_rows};
use crate::design::Design;

/// A ridge on every coefficient that only decides between otherwise equal solutions.
pub(super) const TIE_BREAK: f64 = 1e-3;
/// Least curvature of a row that takes part: a sure prediction still has some.
const LEAST_CURVATURE: f64 = 1e-10;

/// What is to be fitted.
#[derive(Debug)]
pub(super) struct Problem<'a> {
    /// The encoded customers.
    pub design: &'a Design,
    /// One a term of the design.
    pub blocks: &'a [Block],
    /// 0 or 1, one a row.
    pub labels: &'a [f64],
    /// Case weights, one a row; rows of weight zero take no part.
    pub weights: &'a [f64],
    /// Known log-odds to start from, one a row; empty for none.
    pub offset: &'a [f64],
}

/// Parameters, term by term, and what they predict.
#[derive(Clone, Debug)]
pub(super) struct Point {
    /// All parameters.
    pub parameters: Vec<f64>,
    /// Log-odds, one a row.
    pub log_odds: Vec<f64>,
}

impl Problem<'_> {
    /// How many parameters.
    pub(crate) fn parameters(&self) -> usize {
        self.blocks.iter().map(|block| block.parameters).sum()
    }

    /// Each term's share of something that has one entry a parameter.
    pub(crate) fn by_term<'v>(&self, values: &'v [f64]) -> impl Iterator<Item = (&Block, &'v [f64])> {
        let mut rest = values;
        self.blocks.iter().map(move |block| {
            let (own, others) = rest.split_at(block.parameters);
            rest = others;
            (block, own)
        })
    }

    /// The effects of all slots.
    pub(crate) fn effects(&self, parameters: &[f64]) -> Vec<f64> {
        self.by_term(parameters).flat_map(|(block, own)| block.effects(own)).collect()
    }

    /// The point of these parameters.
    pub(crate) fn at(&self, parameters: Vec<f64>) -> Point {
        let mut log_odds = row_sums(self.design, &self.effects(&parameters));
        log_odds.iter_mut().zip(self.offset).for_each(|(eta, offset)| *eta += offset);
        Point { parameters, log_odds }
    }

    /// Σ w (y η − log(1 + e^η)).
    pub(crate) fn log_likelihood(&self, log_odds: &[f64]) -> f64 {
        sum_rows(self.design.rows, |row| {
            let (weight, eta) = (self.weights[row], log_odds[row]);
            if weight == 0.0 { 0.0 } else { weight * (self.labels[row] * eta - softplus(eta)) }
        })
    }

    /// The root of the weighted mean of squares of something that has one entry a row.
    pub(crate) fn root_mean_square(&self, values: &[f64]) -> f64 {
        let (sum, total) = (
            sum_rows(self.design.rows, |row| self.weights[row] * values[row] * values[row]),
            self.weights.iter().sum::<f64>(),
        );
        (sum / total.max(f64::MIN_POSITIVE)).sqrt()
    }

    /// Sums over the rows of each slot, as sums over parameters.
    pub(crate) fn gather(&self, values: &[f64]) -> Vec<f64> {
        self.gather_slots(&slot_sums(self.design, values))
    }

    /// Sums over slots, as sums over parameters.
    pub(crate) fn gather_slots(&self, sums: &[f64]) -> Vec<f64> {
        let mut rest = sums;
        let of = |block: &Block| {
            let (own, others) = rest.split_at(block.slots.len());
            rest = others;
            block.gather(own)
        };
        self.blocks.iter().flat_map(of).collect()
    }

    /// Σ over terms: λ S θ, the tie-break and the beliefs included: minus this is the penalty's part of the gradient.
    pub(crate) fn penalty_gradient(&self, parameters: &[f64], strengths: &[f64]) -> Vec<f64> {
        let of = |(block, own): (&Block, &[f64])| {
            let mut gradient = block.penalty_matrix(strengths, TIE_BREAK).times(own);
            block.priors.iter().for_each(|prior| gradient[prior.parameter] -= prior.precision * prior.mean);
            gradient
        };
        self.by_term(parameters).flat_map(of).collect()
    }

    /// ½ Σ λ θᵀ S θ, the tie-break and the beliefs included.
    pub(crate) fn penalty_sum(&self, parameters: &[f64], strengths: &[f64]) -> f64 {
        let of = |(block, own): (&Block, &[f64])| {
            let sharers = block.sharers();
            let penalised = block.penalties.iter().flat_map(|penalty| &penalty.parameters);
            let tie_break: f64 = penalised.map(|i| sharers[*i] * own[*i] * own[*i]).sum();
            let penalties = block.penalties.iter().map(|penalty| strengths[penalty.strength] * penalty.quadratic(own));
            let beliefs =
                block.priors.iter().map(|prior| prior.precision * (own[prior.parameter] - prior.mean).powi(2));
            0.5 * (TIE_BREAK * tie_break + penalties.sum::<f64>() + beliefs.sum::<f64>())
        };
        self.by_term(parameters).map(of).sum()
    }
}

/// For every row, w (y − p) and w p (1 − p).
#[must_use]
pub fn row_derivatives(labels: &[f64], weights: &[f64], log_odds: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let of = |row: usize| {
        let (p, weight) = (sigmoid(log_odds[row]), weights[row]);
        let curvature = if weight == 0.0 { 0.0 } else { weight * (p * (1.0 - p)).max(LEAST_CURVATURE) };
        (weight * (labels[row] - p), curvature)
    };
    map_rows(log_odds.len(), of).into_iter().unzip()
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

/// The probability of some log-odds, strictly inside (0, 1): beyond ±36 the sigmoid is 0 or 1 in f64, and a fit never is.
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
