//! What customers spent quarter by quarter, and whether the best of them can grow further.

use std::collections::BTreeSet;

use sweetspot_core::{MOST_QUARTERS, ReviewField};

use super::resample::{Estimate, estimates, mean};
use super::worth::Worth;
use crate::{Evidence, Share};

/// The quarters over which growth is told: "the period of their first six quarters as a customer" ("Mining Your Customers").
pub(super) const QUARTERS: u8 = 6;

/// The last of the first six quarters up to which somebody's spending is known without a gap; 0 where nobody's is.
pub(super) fn quarters_known(evidence: &Evidence, worths: &[Worth]) -> u8 {
    let longest = worths.iter().map(|worth| {
        let known = (1..=QUARTERS).take_while(|quarter| spend(evidence, worth.row, *quarter).is_some());
        known.count() as u8
    });
    longest.max().unwrap_or(0)
}

/// What a customer spent in a quarter, where that is known.
pub(super) fn spend(evidence: &Evidence, row: usize, quarter: u8) -> Option<f64> {
    evidence.customers.review().number(ReviewField::Spend(quarter), row)
}

/// The first and the last of so many quarters of a customer whose spending is known in each of them.
pub(super) fn ends(evidence: &Evidence, row: usize, quarters: u8) -> Option<(f64, f64)> {
    let complete = (1..=quarters).all(|quarter| spend(evidence, row, quarter).is_some());
    complete.then(|| spend(evidence, row, 1).zip(spend(evidence, row, quarters))).flatten()
}

/// How much the average of many grew: the last mean over the first, less one. Nothing where they began with nothing.
pub(super) fn growth(ends: &[(f64, f64)], seed: u64) -> Option<Estimate> {
    let figure = |times: &[u32]| {
        let drawn = || ends.iter().zip(times);
        let first = mean(drawn().map(|((first, _), times)| (*first, *times)))?;
        let last = mean(drawn().map(|((_, last), times)| (*last, *times)))?;
        (first > 0.0).then(|| last / first - 1.0)
    };
    let [growth] = estimates(ends.len(), seed, |times| [figure(times)]);
    growth
}

/// Whether the best customers can grow further: "Do they have more potential use cases?" ("How to build verified ICPs").
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GrowthPotential {
    /// How many of the best customers spent more in the last quarter that is known than in their first, of those with two or more.
    pub growing: Share,
    /// How much those grew whose spending is known in each quarter, from the first to the last: 1.25 is 125% more.
    pub growth: Option<Estimate>,
    /// The quarters over which that is told, at most 6; 0 where none are known.
    pub quarters: u8,
    /// How many of the best customers are behind it.
    pub complete: u64,
    /// The use cases of one of the best customers, on average, where they are told.
    pub use_cases: Option<f64>,
    /// The use cases that any customer has; 0 where none are told.
    pub use_cases_in_all: u64,
    /// How many of the best customers have a use case told.
    pub with_use_cases: u64,
}

impl GrowthPotential {
    pub(super) fn of(evidence: &Evidence, best: &[Worth], all: &[Worth], seed: u64) -> Self {
        let quarters = quarters_known(evidence, best);
        let ends: Vec<_> = best.iter().filter_map(|worth| ends(evidence, worth.row, quarters)).collect();
        let several = ends.len() as u64 * u64::from(quarters > 1);
        let trends = best.iter().filter_map(|worth| trend(evidence, worth.row));
        let review = evidence.customers.review();
        let used = |worth: &Worth| review.list(ReviewField::UseCase, worth.row).into_iter().collect::<BTreeSet<_>>();
        let told: Vec<f64> = best.iter().map(|worth| used(worth).len() as f64).filter(|count| *count > 0.0).collect();
        Self {
            growing: Share::of(trends),
            growth: (quarters > 1).then(|| growth(&ends, seed)).flatten(),
            quarters,
            complete: several,
            use_cases: mean(told.iter().map(|count| (*count, 1))),
            use_cases_in_all: all.iter().flat_map(used).collect::<BTreeSet<_>>().len() as u64,
            with_use_cases: told.len() as u64,
        }
    }
}

/// Whether a customer spends more than in its first quarter.
fn trend(evidence: &Evidence, row: usize) -> Option<bool> {
    let first = spend(evidence, row, 1)?;
    let last = (2..=MOST_QUARTERS).rev().find_map(|quarter| spend(evidence, row, quarter))?;
    Some(last > first)
}
