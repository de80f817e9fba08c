//! The net values of customers that were not lost.

use super::{Customers, OutcomeStatus};

/// The known net values, each with the number of customers that have it, unsorted.
#[derive(Clone, Debug)]
pub(super) struct NetValues(Vec<(f64, u64)>);

impl NetValues {
    /// Collects the values of the customers that were not lost.
    pub(super) fn new(customers: &Customers) -> Self {
        let rows = customers.outcomes().iter().enumerate();
        let bought = rows.filter(|(_, outcome)| outcome.status != Some(OutcomeStatus::Lost));
        let value = bought.filter_map(|(row, outcome)| Some((outcome.net_value()?, customers.weights().get(row))));
        Self(value.collect())
    }

    /// Whether no value is known.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of customers with a known value.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The number of customers with at least this value.
    pub(super) fn count_at_least(&self, value: f64) -> u64 {
        self.0.iter().filter(|(net, _)| *net >= value).map(|(_, count)| count).sum()
    }

    /// The minimum value of the top share, which contains at least one customer.
    pub(super) fn top_value(&self, share: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
        // A share below 1 of a number is less than the number.
        let top_count = ((share * self.count() as f64).round() as u64).max(1);
        let mut seen = 0;
        let last = sorted.iter().find(|(_, count)| {
            seen += count;
            seen >= top_count
        });
        last.map(|(value, _)| *value)
    }
}
