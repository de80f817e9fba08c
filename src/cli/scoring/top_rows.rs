//! Selects the best rows of a list while it is read.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use prost::Message as _;
use sweetspot_proto::v1::FitScore;

use super::score_output::ScoredRow;
use crate::cli::copied_columns::KeptBytesBudget;
use crate::cli::exit::CliError;

/// The best rows so far, up to the requested number.
#[derive(Debug)]
pub(crate) struct TopRows {
    max_rows: usize,
    // The worst row on top, as the first to be replaced.
    heap: BinaryHeap<Reverse<RankedRow>>,
    budget: KeptBytesBudget,
    row_count: u64,
}

/// A row, in a few hundred bytes plus the copied cells.
#[derive(Debug)]
struct RankedRow {
    probability: f64,
    position: u64,
    row: u64,
    id: String,
    kept_cells: Vec<String>,
    /// The encoded score.
    score: Box<[u8]>,
}

impl TopRows {
    /// Creates a ranking of up to `row_limit` rows.
    pub(crate) fn new(row_limit: usize) -> Self {
        Self { max_rows: row_limit, heap: BinaryHeap::new(), budget: KeptBytesBudget::default(), row_count: 0 }
    }

    /// Adds a row if it is one of the best, in place of the worst of them; among equal rows the earlier one is better.
    /// Issues of the score are dropped.
    ///
    /// # Errors
    /// Returns an error if the copied cells of the best rows are too large.
    pub(crate) fn push(&mut self, row: ScoredRow) -> Result<(), CliError> {
        self.row_count += 1;
        let ScoredRow { row, id, score, kept_cells: kept } = row;
        let probability = score.probability;
        let is_full = self.heap.len() == self.max_rows;
        if is_full && self.heap.peek().is_none_or(|Reverse(worst)| probability.total_cmp(&worst.probability).is_le()) {
            return Ok(());
        }
        self.budget.add(&kept);
        let score = FitScore { issues: Vec::new(), ..score }.encode_to_vec().into();
        self.heap.push(Reverse(RankedRow { probability, position: self.row_count, row, id, kept_cells: kept, score }));
        if self.heap.len() > self.max_rows
            && let Some(Reverse(worst)) = self.heap.pop()
        {
            self.budget.remove(&worst.kept_cells);
        }
        self.budget.check()
    }

    /// Returns the rows, best first; among equal rows the earlier one first.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = ScoredRow> {
        let scored = |RankedRow { row, id, kept_cells: kept, score, .. }| {
            // Decoding cannot fail, because it was encoded here.
            let score = FitScore::decode(&*score).unwrap_or_default();
            ScoredRow { row, id, score, kept_cells: kept }
        };
        // Ascending order of the reversed rows is best first.
        self.heap.into_sorted_vec().into_iter().map(move |Reverse(ranked)| scored(ranked))
    }
}

impl Ord for RankedRow {
    fn cmp(&self, other: &Self) -> Ordering {
        self.probability.total_cmp(&other.probability).then_with(|| other.position.cmp(&self.position))
    }
}

impl PartialOrd for RankedRow {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for RankedRow {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for RankedRow {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(row: u64, probability: f64) -> ScoredRow {
        ScoredRow {
            row,
            id: row.to_string(),
            score: FitScore { probability, ..FitScore::default() },
            kept_cells: Vec::new(),
        }
    }

    #[test]
    fn the_bytes_of_kept_cells_are_bounded() {
        let with_cells =
            |number: u64, bytes: usize| ScoredRow { kept_cells: vec!["x".repeat(bytes)], ..row(number, number as f64) };
        let mut ranking = TopRows { budget: KeptBytesBudget::with_limit(1_000), ..TopRows::new(3) };
        // Each better row replaces a worse one, so that at most three rows are held.
        (0..50).for_each(|number| ranking.push(with_cells(number, 300)).unwrap());
        let error = ranking.push(with_cells(50, 900)).unwrap_err().to_string();
        assert!(error.contains("--keep") && error.contains("--top"), "{error}");
    }

    proptest! {
        #[test]
        fn top_rows_are_the_head_of_a_stable_sort(tenths in proptest::collection::vec(0_u8..10, 0..60), most in 1_usize..20) {
            let rows: Vec<_> = tenths.iter().enumerate().map(|(place, tenth)| (place as u64, f64::from(*tenth) / 10.0)).collect();
            let mut ranking = TopRows::new(most);
            for (place, probability) in &rows {
                ranking.push(row(*place, *probability)).unwrap();
            }
            let mut sorted = rows;
            sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
            let expected: Vec<_> = sorted.into_iter().take(most).map(|(place, _)| place).collect();
            prop_assert_eq!(ranking.into_rows().map(|row| row.row).collect::<Vec<_>>(), expected);
        }
    }
}
