//! Consecutive periods, pooled until each has enough accounts for a rate.

use super::Proportion;
use super::proportion::MIN_SAMPLE;

/// The counts of one period.
pub(super) trait PeriodTotals {
    /// The number of accounts.
    fn accounts(&self) -> u64;
    /// These counts together with those of another period.
    fn plus(self, other: &Self) -> Self;
}

impl PeriodTotals for Proportion {
    fn accounts(&self) -> u64 {
        self.total
    }

    fn plus(self, other: &Self) -> Self {
        Self { part: self.part + other.part, total: self.total + other.total }
    }
}

/// The counts of one period, or of consecutive periods with few accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PooledPeriod<C> {
    /// The position of the first period, from 0 on. Periods without accounts have a position, too.
    pub(super) first: u32,
    /// The position of the last period.
    pub(super) last: u32,
    /// The counts.
    pub(super) counts: C,
}

impl<C: PeriodTotals> PooledPeriod<C> {
    /// This period together with a later one.
    fn join(self, later: &Self) -> Self {
        Self { last: later.last, counts: self.counts.plus(&later.counts), ..self }
    }
}

/// Joins each period that has too few accounts for a rate with the next ones, and the last of them with the one before.
/// Periods without accounts are left out, unless they are between two that are joined.
pub(super) fn pool_small_periods<C: PeriodTotals>(counts: impl Iterator<Item = C>) -> Vec<PooledPeriod<C>> {
    let mut pooled: Vec<PooledPeriod<C>> = Vec::new();
    let mut small: Option<PooledPeriod<C>> = None;
    for (position, counts) in (0..).zip(counts).filter(|(_, counts)| counts.accounts() > 0) {
        let period = PooledPeriod { first: position, last: position, counts };
        let period = match small.take() {
            Some(before) => before.join(&period),
            None => period,
        };
        if period.counts.accounts() < MIN_SAMPLE {
            small = Some(period);
        } else {
            pooled.push(period);
        }
    }
    if let Some(rest) = small {
        let rest = match pooled.pop() {
            Some(before) => before.join(&rest),
            None => rest,
        };
        pooled.push(rest);
    }
    pooled
}
