//! One constrained chain at an optimum: the neighbors that violate its constraint, and those that need not be merged.
#![expect(clippy::indexing_slicing, reason = "all indices are within one chain")]

use std::ops::Range;

use super::active_set::ActiveSet;
use super::pava::pool_adjacent_violators;
use crate::monotonicity::Monotonicity;

/// A chain at the optimum for its active set, with one entry per bin.
pub(super) struct ChainOptimum<'a> {
    pub(super) monotonicity: Monotonicity,
    pub(super) active_set: &'a ActiveSet,
    pub(super) effects: &'a [f64],
    /// The gradient of the penalized log-likelihood, as if each bin had its own parameter.
    pub(super) gradient: &'a [f64],
    /// The information of each bin, above zero.
    pub(super) information: &'a [f64],
}

impl ChainOptimum<'_> {
    /// Whether all neighbors satisfy the constraint.
    pub(super) fn is_monotone(&self) -> bool {
        self.monotonicity.holds(self.effects.iter().copied())
    }

    /// The next active set: neighbors that violate the constraint are merged. If `parting`, merged neighbors whose
    /// multiplier is below −`slack` are released, because they would satisfy the constraint unmerged.
    pub(super) fn next_active_set(&self, slack: f64, parting: bool) -> ActiveSet {
        let ascending: Vec<f64> = self.effects.iter().map(|effect| self.monotonicity.sign() * effect).collect();
        let pooled = pool_adjacent_violators(&ascending, self.information);
        let needed = self.multipliers().into_iter().map(|multiplier| !parting || multiplier >= -slack);
        let is_merged = |((pooled, is_merged), needed): ((bool, &bool), bool)| pooled || *is_merged && needed;
        ActiveSet { merged: pooled.into_iter().zip(&self.active_set.merged).zip(needed).map(is_merged).collect() }
    }

    /// The evidence against the constraint: the largest score statistic for splitting a pool, in standard errors of the
    /// difference between its two parts (Rao 1948, "Large sample tests of statistical hypotheses", Proc. Camb. Phil.
    /// Soc. 44:50).
    pub(super) fn score_z(&self) -> f64 {
        let multipliers = self.multipliers();
        let of_pool = |pool: Range<usize>| {
            let total: f64 = self.information[pool.clone()].iter().sum();
            let mut before = 0.0;
            let parting = |i: usize| {
                before += self.information[i];
                multipliers[i] / (before * (total - before) / total).sqrt()
            };
            (pool.start..pool.end - 1).map(parting).fold(0.0, f64::max)
        };
        self.pools().into_iter().map(of_pool).fold(0.0, f64::max)
    }

    /// The ranges of merged bins, in order.
    fn pools(&self) -> Vec<Range<usize>> {
        let ends =
            (1..=self.effects.len()).filter(|end| !self.active_set.merged.get(end - 1).copied().unwrap_or(false));
        let mut start = 0;
        ends.map(|end| std::mem::replace(&mut start, end)..end).collect()
    }

    /// The Lagrange multiplier of each two merged neighbors, zero for others. With the constraints D θ ≥ 0 on
    /// differences of neighbors, the optimum has g + Dᵀ μ = 0 and μ ≥ 0 (Nocedal and Wright 2006, "Numerical
    /// optimization", theorem 12.1). So μ is the running sum of the gradient g within a pool: if it is negative, the
    /// first part of the pool would decrease and the rest increase, which the constraint permits.
    fn multipliers(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let score = |(i, is_merged): (usize, &bool)| {
            sum = if *is_merged { sum + self.monotonicity.sign() * self.gradient[i] } else { 0.0 };
            sum
        };
        self.active_set.merged.iter().enumerate().map(score).collect()
    }
}

#[cfg(test)]
mod tests;
