//! The number of customers that each row of a table stands for.

use thiserror::Error;

/// The maximum number of customers that all rows of a table stand for together.
pub const MAX_WEIGHTED_CUSTOMERS: u64 = u32::MAX as u64;

/// Frequency weights: row `i` stands for this number of customers with equal values and an equal outcome.
///
/// A table without weights has one customer in each row. A table with weights was aggregated: its customers have no ids
/// of their own, and each is an account of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrequencyWeights {
    /// One entry per row, above zero; empty without weights.
    counts: Vec<u32>,
}

/// An error in frequency weights.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FrequencyWeightError {
    /// A row stands for no customer.
    #[error("the weight of row {row} is 0: a weight is the number of customers that a row stands for, at least 1")]
    Zero {
        /// The row, from 1.
        row: usize,
    },
    /// The rows stand for more customers than can be counted.
    #[error(
        "the weights add up to {total} customers, and {MAX_WEIGHTED_CUSTOMERS} is the maximum: import a sample of them"
    )]
    TooManyCustomers {
        /// The sum of the weights.
        total: u64,
    },
}

impl FrequencyWeights {
    /// Checks weights, one for each row.
    ///
    /// # Errors
    /// If a weight is zero, or the sum exceeds [`MAX_WEIGHTED_CUSTOMERS`].
    pub fn new(counts: Vec<u32>) -> Result<Self, FrequencyWeightError> {
        if let Some(row) = counts.iter().position(|count| *count == 0) {
            return Err(FrequencyWeightError::Zero { row: row + 1 });
        }
        let total = counts.iter().map(|count| u64::from(*count)).sum();
        if total > MAX_WEIGHTED_CUSTOMERS {
            return Err(FrequencyWeightError::TooManyCustomers { total });
        }
        Ok(Self { counts })
    }

    /// Whether the table has weights.
    #[must_use]
    pub const fn are_stated(&self) -> bool {
        !self.counts.is_empty()
    }

    /// The weights, one for each row; empty without weights.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.counts
    }

    /// The number of customers that a row stands for; 1 without weights.
    #[must_use]
    pub fn get(&self, row: usize) -> u64 {
        self.counts.get(row).map_or(1, |count| u64::from(*count))
    }

    /// The number of customers that a table with this number of rows has.
    #[must_use]
    pub fn total(&self, rows: usize) -> u64 {
        if self.are_stated() { self.counts.iter().map(|count| u64::from(*count)).sum() } else { rows as u64 }
    }

    /// The weights of these rows, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self { counts: rows.iter().filter_map(|row| self.counts.get(*row).copied()).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_count_customers_and_rows_without_them_are_one_each() {
        let weights = FrequencyWeights::new(vec![3, 1, u32::MAX - 10]).unwrap();
        assert_eq!((weights.get(0), weights.get(2), weights.total(3)), (3, u64::from(u32::MAX) - 10, 4_294_967_289));
        assert_eq!(weights.select(&[1, 0]), FrequencyWeights::new(vec![1, 3]).unwrap());
        let none = FrequencyWeights::default();
        assert!(!none.are_stated() && weights.are_stated());
        assert_eq!((none.get(7), none.total(5), none.select(&[1])), (1, 5, FrequencyWeights::default()));
    }

    #[test]
    fn zero_weights_and_too_many_customers_are_refused() {
        assert_eq!(FrequencyWeights::new(vec![1, 0]), Err(FrequencyWeightError::Zero { row: 2 }));
        let total = 2 * u64::from(u32::MAX);
        assert_eq!(
            FrequencyWeights::new(vec![u32::MAX, u32::MAX]),
            Err(FrequencyWeightError::TooManyCustomers { total })
        );
        assert!(FrequencyWeights::new(vec![u32::MAX]).is_ok());
    }
}
