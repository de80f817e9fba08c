//! What an optimum tells of one directed chain: which neighbours go against its direction, and which need not be held.
#![expect(clippy::indexing_slicing, reason = "all numbers are of one chain")]

use std::ops::Range;

use super::merging::Merging;
use super::pool::pool;
use crate::monotonicity::Monotonicity;

/// One chain at the optimum for its merging, an entry a bin.
pub(super) struct Chain<'a> {
    pub(super) direction: Monotonicity,
    pub(super) merging: &'a Merging,
    pub(super) effects: &'a [f64],
    /// Of the penalised log-likelihood, as if the bin had a parameter of its own.
    pub(super) gradient: &'a [f64],
    /// The information in each bin, above zero.
    pub(super) information: &'a [f64],
}

impl Chain<'_> {
    /// Whether no neighbours go against the direction.
    pub(super) fn keeps_direction(&self) -> bool {
        self.direction.holds(self.effects.iter().copied())
    }

    /// The next merging: neighbours that go against the direction are pooled; neighbours that are one without need, because they
    /// would go with the direction by more than `slack`, are parted if `parting`.
    pub(super) fn revised(&self, slack: f64, parting: bool) -> Merging {
        let ascending: Vec<f64> = self.effects.iter().map(|effect| self.direction.sign() * effect).collect();
        let pooled = pool(&ascending, self.information);
        let needed = self.multipliers().into_iter().map(|multiplier| !parting || multiplier >= -slack);
        let one = |((pooled, one), needed): ((bool, &bool), bool)| pooled || *one && needed;
        Merging { one: pooled.into_iter().zip(&self.merging.one).zip(needed).map(one).collect() }
    }

    /// How much the data speak against the direction: the largest score statistic for parting a pool, in standard errors of the
    /// difference between its two parts (Rao 1948, "Large sample tests of statistical hypotheses", Proc. Camb. Phil. Soc. 44:50).
    pub(super) fn objection(&self) -> f64 {
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

    /// Bins that are one, in their order.
    fn pools(&self) -> Vec<Range<usize>> {
        let ends = (1..=self.effects.len()).filter(|end| !self.merging.one.get(end - 1).copied().unwrap_or(false));
        let mut start = 0;
        ends.map(|end| std::mem::replace(&mut start, end)..end).collect()
    }

    /// The Lagrange multiplier of each two neighbours that are one, zero for others. With the constraints D θ ≥ 0 of differences of
    /// neighbours, the optimum has g + Dᵀ μ = 0 and μ ≥ 0 (Nocedal and Wright 2006, "Numerical optimization", theorem 12.1), so
    /// that μ is the running sum of the gradient g within a pool: below zero, the first part of the pool would rather go down
    /// and the rest up, which they may.
    fn multipliers(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let of = |(i, one): (usize, &bool)| {
            sum = if *one { sum + self.direction.sign() * self.gradient[i] } else { 0.0 };
            sum
        };
        self.merging.one.iter().enumerate().map(of).collect()
    }
}

#[cfg(test)]
mod tests;
