//! The penalised log-likelihood at a point, its gradient and its curvature.
#![expect(clippy::indexing_slicing, reason = "codes lie below their term's slots, and all sums are made to that size")]

use faer::Mat;
use rayon::prelude::*;

use super::penalty::Penalty;
use crate::model::design::{Codes, Design};

/// A ridge on every coefficient that only decides between otherwise equal solutions.
pub(super) const TIE_BREAK: f64 = 1e-3;

/// A weighted logistic regression on a design, before any penalty.
#[derive(Debug)]
pub(super) struct Problem<'a> {
    /// The encoded customers.
    pub design: &'a Design,
    /// 0 or 1, one a row.
    pub labels: &'a [f64],
    /// Case weights, one a row; rows of weight zero take no part.
    pub weights: &'a [f64],
}

/// The intercept, then the coefficients of all slots; and what they predict.
#[derive(Clone, Debug)]
pub(super) struct Point {
    /// All parameters.
    pub parameters: Vec<f64>,
    /// Log-odds, one a row.
    pub log_odds: Vec<f64>,
}

/// Gradient and negative Hessian of the log-likelihood.
#[derive(Debug)]
pub(super) struct Curvature {
    /// One entry a parameter.
    pub gradient: Vec<f64>,
    /// Lower triangle filled.
    pub information: Mat<f64>,
}

impl Problem<'_> {
    /// How many parameters, the intercept included.
    pub(crate) fn parameters(&self) -> usize {
        1 + self.design.terms.iter().map(|term| term.slots).sum::<usize>()
    }

    /// The point of these parameters.
    pub(crate) fn at(&self, parameters: Vec<f64>) -> Point {
        let (intercept, beta) = parameters.split_first().map_or((0.0, &[][..]), |(first, rest)| (*first, rest));
        let mut log_odds = vec![intercept; self.design.rows];
        let mut start = 0;
        for term in &self.design.terms {
            let beta = beta.get(start..start + term.slots).unwrap_or_default();
            add_term(&term.codes, beta, &mut log_odds);
            start += term.slots;
        }
        Point { parameters, log_odds }
    }

    /// Σ w (y η − log(1 + e^η)).
    pub(crate) fn log_likelihood(&self, point: &Point) -> f64 {
        let rows = point.log_odds.iter().zip(self.labels).zip(self.weights);
        rows.map(|((eta, y), w)| w * (y * eta - softplus(*eta))).sum()
    }

    /// Gradient and information, each block of the information by one task, its rows in order: the same bits whatever the
    /// number of threads.
    pub(crate) fn curvature(&self, point: &Point) -> Curvature {
        let (residual, weight): (Vec<f64>, Vec<f64>) = point
            .log_odds
            .iter()
            .zip(self.labels)
            .zip(self.weights)
            .map(|((eta, y), w)| {
                let p = sigmoid(*eta);
                (w * (y - p), w * (p * (1.0 - p)).max(1e-10))
            })
            .unzip();
        let terms = &self.design.terms;
        let offsets = self.design.offsets();
        let mut information = Mat::zeros(self.parameters(), self.parameters());
        let mut gradient = vec![residual.iter().sum::<f64>()];
        information[(0, 0)] = weight.iter().zip(self.weights).filter(|(_, w)| **w > 0.0).map(|(v, _)| v).sum();
        for (term, offset) in terms.iter().zip(&offsets) {
            gradient.extend(slot_sums(&term.codes, term.slots, &residual));
            for (slot, sum) in slot_sums(&term.codes, term.slots, &weight).into_iter().enumerate() {
                information[(1 + offset + slot, 0)] = sum;
                information[(1 + offset + slot, 1 + offset + slot)] = sum;
            }
        }
        let pairs: Vec<(usize, usize)> = (0..terms.len()).flat_map(|a| (0..=a).map(move |b| (a, b))).collect();
        let block = |(a, b): &(usize, usize)| -> Option<(usize, usize, usize, Vec<f64>)> {
            let (first, second) = (terms.get(*a)?, terms.get(*b)?);
            let diagonal = a == b && matches!(first.codes, Codes::One(_));
            let sums =
                (!diagonal).then(|| pair_sums(&first.codes, &second.codes, first.slots, second.slots, &weight))?;
            Some((*offsets.get(*a)?, *offsets.get(*b)?, second.slots, sums))
        };
        let blocks: Vec<_> = pairs.par_iter().filter_map(block).collect();
        for (row, column, width, sums) in blocks {
            for (index, sum) in sums.into_iter().enumerate() {
                information[(1 + row + index / width, 1 + column + index % width)] = sum;
            }
        }
        Curvature { gradient, information }
    }
}

impl Curvature {
    /// Adds the penalties to gradient and information.
    pub(crate) fn penalise(&mut self, parameters: &[f64], penalties: &[Penalty], strengths: &[f64]) {
        let beta = parameters.get(1..).unwrap_or_default();
        for (penalty, strength) in penalties.iter().zip(strengths) {
            let (gradient, information) = (&mut self.gradient, &mut self.information);
            penalty.entries(|i, j, s| {
                information[(1 + i, 1 + j)] += strength * s;
                if let (Some(left), Some(right)) = (beta.get(i), beta.get(j)) {
                    gradient[1 + i] -= strength * s * right;
                    if i != j {
                        gradient[1 + j] -= strength * s * left;
                    }
                }
            });
        }
        for (i, value) in beta.iter().enumerate() {
            self.information[(1 + i, 1 + i)] += TIE_BREAK;
            self.gradient[1 + i] -= TIE_BREAK * value;
        }
    }
}

/// ½ Σ λ βᵀ S β, the tie-break included.
pub(super) fn penalty_sum(parameters: &[f64], penalties: &[Penalty], strengths: &[f64]) -> f64 {
    let beta = parameters.get(1..).unwrap_or_default();
    let tie_break: f64 = beta.iter().map(|value| value * value).sum::<f64>() * TIE_BREAK;
    let sum: f64 = penalties.iter().zip(strengths).map(|(penalty, strength)| strength * penalty.quadratic(beta)).sum();
    0.5 * (sum + tie_break)
}

/// 1 / (1 + e^−x), without overflow.
pub(crate) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// The probability of some log-odds, strictly inside (0, 1): beyond ±36 the sigmoid is 0 or 1 in f64, and a fit never is.
pub(crate) fn probability(log_odds: f64) -> f64 {
    sigmoid(log_odds).clamp(1e-15, 1.0 - 1e-15)
}

/// log(1 + e^x), without overflow.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn add_term(codes: &Codes, beta: &[f64], log_odds: &mut [f64]) {
    match codes {
        Codes::One(slots) => {
            for (eta, slot) in log_odds.iter_mut().zip(slots) {
                *eta += beta[*slot as usize];
            }
        }
        Codes::Many { .. } => {
            for (row, eta) in log_odds.iter_mut().enumerate() {
                *eta += codes.row(row).iter().map(|slot| beta[*slot as usize]).sum::<f64>();
            }
        }
    }
}

fn slot_sums(codes: &Codes, slots: usize, values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; slots];
    match codes {
        Codes::One(codes) => {
            for (code, value) in codes.iter().zip(values) {
                sums[*code as usize] += value;
            }
        }
        Codes::Many { .. } => {
            for (row, value) in values.iter().enumerate() {
                for code in codes.row(row) {
                    sums[*code as usize] += value;
                }
            }
        }
    }
    sums
}

/// Σ value over the rows in slot `i` of the first and slot `j` of the second term, row-major.
fn pair_sums(first: &Codes, second: &Codes, height: usize, width: usize, values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; height * width];
    match (first, second) {
        (Codes::One(first), Codes::One(second)) => {
            for ((i, j), value) in first.iter().zip(second).zip(values) {
                sums[*i as usize * width + *j as usize] += value;
            }
        }
        (Codes::One(_) | Codes::Many { .. }, Codes::One(_) | Codes::Many { .. }) => {
            for (row, value) in values.iter().enumerate() {
                for i in first.row(row) {
                    for j in second.row(row) {
                        sums[*i as usize * width + *j as usize] += value;
                    }
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests;
