//! The spending of customers by quarter, and the growth potential of the best customers.

use std::collections::BTreeSet;

use sweetspot_core::{MAX_QUARTERS, ReviewField};

use super::bootstrap::{Estimate, estimates, mean};
use super::customer_value::CustomerValue;
use crate::{Proportion, ReportInput};

/// The maximum number of quarters of growth: "the period of their first six quarters as a customer" ("Mining Your
/// Customers").
pub(super) const QUARTERS: u8 = 6;

/// The last of the first six quarters up to which any customer has known spending without gaps; 0 if there is none.
pub(super) fn quarters_known(input: &ReportInput, customer_values: &[CustomerValue]) -> u8 {
    let longest = customer_values.iter().map(|customer| {
        let known = (1..=QUARTERS).take_while(|quarter| spend(input, customer.row, *quarter).is_some());
        known.count() as u8
    });
    longest.max().unwrap_or(0)
}

/// A customer's spending in a quarter, if it is known.
pub(super) fn spend(input: &ReportInput, row: usize, quarter: u8) -> Option<f64> {
    input.customers.review().number(ReviewField::Spend(quarter), row)
}

/// The spending in the first and the last of these quarters, for a customer with known spending in all of them.
pub(super) fn first_and_last_quarter(input: &ReportInput, row: usize, quarters: u8) -> Option<(f64, f64)> {
    let complete = (1..=quarters).all(|quarter| spend(input, row, quarter).is_some());
    complete.then(|| spend(input, row, 1).zip(spend(input, row, quarters))).flatten()
}

/// The growth of the average: the mean of the last quarter over that of the first, minus one. `None` if the first is
/// zero.
pub(super) fn growth(ends: &[(f64, f64)], seed: u64) -> Option<Estimate> {
    let figure = |times: &[u32]| {
        let customers = || ends.iter().zip(times);
        let first = mean(customers().map(|((first, _), times)| (*first, *times)))?;
        let last = mean(customers().map(|((_, last), times)| (*last, *times)))?;
        (first > 0.0).then(|| last / first - 1.0)
    };
    let [growth] = estimates(ends.len(), seed, |times| [figure(times)]);
    growth
}

/// The growth potential of the best customers: "Do they have more potential use cases?" ("How to build verified ICPs").
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GrowthPotential {
    /// The best customers that spent more in their last known quarter than in their first, of those with two or more.
    pub growing: Proportion,
    /// The growth of those with known spending in every quarter, from the first to the last: 1.25 is 125% more.
    pub growth: Option<Estimate>,
    /// The number of quarters of the growth, at most 6; 0 if none are known.
    pub quarters: u8,
    /// The number of best customers that the growth is based on.
    pub complete: u64,
    /// The mean number of use cases of the best customers, if known.
    pub use_cases: Option<f64>,
    /// The number of distinct use cases of all customers; 0 if none are known.
    pub use_cases_in_all: u64,
    /// The number of best customers with known use cases.
    pub with_use_cases: u64,
}

impl GrowthPotential {
    pub(super) fn new(input: &ReportInput, best: &[CustomerValue], all: &[CustomerValue], seed: u64) -> Self {
        let quarters = quarters_known(input, best);
        let ends: Vec<_> =
            best.iter().filter_map(|customer| first_and_last_quarter(input, customer.row, quarters)).collect();
        let comparable = ends.len() as u64 * u64::from(quarters > 1);
        let trends = best.iter().filter_map(|customer| trend(input, customer.row));
        let review = input.customers.review();
        let used = |customer: &CustomerValue| {
            review.list(ReviewField::UseCase, customer.row).into_iter().collect::<BTreeSet<_>>()
        };
        let quarter_counts: Vec<f64> =
            best.iter().map(|customer| used(customer).len() as f64).filter(|count| *count > 0.0).collect();
        Self {
            growing: Proportion::from_bools(trends),
            growth: (quarters > 1).then(|| growth(&ends, seed)).flatten(),
            quarters,
            complete: comparable,
            use_cases: mean(quarter_counts.iter().map(|count| (*count, 1))),
            use_cases_in_all: all.iter().flat_map(used).collect::<BTreeSet<_>>().len() as u64,
            with_use_cases: quarter_counts.len() as u64,
        }
    }
}

/// Whether a customer spends more than in its first quarter.
fn trend(input: &ReportInput, row: usize) -> Option<bool> {
    let first = spend(input, row, 1)?;
    let last = (2..=MAX_QUARTERS).rev().find_map(|quarter| spend(input, row, quarter))?;
    Some(last > first)
}
