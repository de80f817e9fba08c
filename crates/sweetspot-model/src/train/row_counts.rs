//! The number of customers that each row of a sample stands for.

use sweetspot_core::FrequencyWeights;

/// Customers, counted row by row. Without weights, each row is one customer.
#[derive(Clone, Debug, Default)]
pub(super) struct RowCounts {
    rows: usize,
    /// The customers of each row; empty without weights.
    counts: Vec<u32>,
}

impl RowCounts {
    /// The counts of these rows of a table.
    pub(super) fn new(weights: &FrequencyWeights, rows: &[usize]) -> Self {
        Self { rows: rows.len(), counts: weights.select(rows).as_slice().to_vec() }
    }

    /// Whether rows have weights: then each customer is an account of its own, without an id.
    pub(super) const fn are_weighted(&self) -> bool {
        !self.counts.is_empty()
    }

    /// The customers of a row.
    pub(super) fn get(&self, row: usize) -> u64 {
        self.counts.get(row).map_or(1, |count| u64::from(*count))
    }

    /// The customers of each row.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        (0..self.rows).map(|row| self.get(row))
    }

    /// All customers.
    pub(super) fn total(&self) -> u64 {
        self.iter().sum()
    }

    /// The customers of these rows.
    pub(super) fn of_rows(&self, rows: impl IntoIterator<Item = usize>) -> u64 {
        rows.into_iter().map(|row| self.get(row)).sum()
    }

    /// The weight of each row as a number; `None` if each row is one customer.
    pub(super) fn as_weights(&self) -> Option<Vec<f64>> {
        self.are_weighted().then(|| self.counts.iter().map(|count| f64::from(*count)).collect())
    }

    /// The row of every `step`-th customer of these rows, starting with the first: rows that stand for several customers
    /// can occur several times.
    pub(super) fn every_nth(&self, rows: impl IntoIterator<Item = usize>, step: u64) -> Vec<usize> {
        let rows = rows.into_iter().map(|row| (row, self.get(row)));
        let picked = every_nth_customer(rows, step);
        picked.flat_map(|(row, count)| std::iter::repeat_n(row, count as usize)).collect()
    }
}

/// The rows of every `step`-th customer, each with the number of these customers, which is above zero. `rows` are rows
/// with their customers.
pub(super) fn every_nth_customer(
    rows: impl IntoIterator<Item = (usize, u64)>,
    step: u64,
) -> impl Iterator<Item = (usize, u64)> {
    let mut seen = 0_u64;
    rows.into_iter().filter_map(move |(row, count)| {
        let before = seen.div_ceil(step);
        seen += count;
        Some((row, seen.div_ceil(step) - before)).filter(|(_, picked)| *picked > 0)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(weights: &[u32]) -> RowCounts {
        let rows: Vec<usize> = (0..weights.len()).collect();
        RowCounts::new(&FrequencyWeights::new(weights.to_vec()).unwrap(), &rows)
    }

    #[test]
    fn rows_without_weights_are_one_customer_each() {
        let plain = RowCounts::new(&FrequencyWeights::default(), &[4, 2, 9]);
        assert_eq!((plain.total(), plain.get(2), plain.are_weighted(), plain.as_weights()), (3, 1, false, None));
        let weighted = RowCounts::new(&FrequencyWeights::new(vec![5, 6, 7]).unwrap(), &[2, 0]);
        assert_eq!((weighted.total(), weighted.of_rows([1]), weighted.as_weights()), (12, 5, Some(vec![7.0, 5.0])));
    }

    proptest! {
        #[test]
        fn every_nth_customer_is_that_of_repeated_rows(weights in prop::collection::vec(1..9_u32, 1..30), step in 1..7_u64) {
            let repeated = weights.iter().enumerate().flat_map(|(row, count)| std::iter::repeat_n(row, *count as usize));
            let expected: Vec<usize> = repeated.step_by(step as usize).collect();
            prop_assert_eq!(counts(&weights).every_nth(0..weights.len(), step), expected);
        }
    }
}
