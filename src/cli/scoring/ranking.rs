//! The best of a list, kept while it goes by.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use prost::Message as _;
use sweetspot_proto::v1::FitScore;

use super::row::ScoredRow;
use crate::cli::exit::CliError;
use crate::cli::kept_columns::HeldCells;

/// The best rows so far, never more than asked for.
#[derive(Debug)]
pub(crate) struct Ranking {
    most: usize,
    // The worst on top, to be replaced first.
    heap: BinaryHeap<Reverse<Ranked>>,
    held: HeldCells,
    seen: u64,
}

/// A row, in a few hundred bytes and those of the cells that are kept.
#[derive(Debug)]
struct Ranked {
    probability: f64,
    place: u64,
    row: u64,
    id: String,
    kept: Vec<String>,
    /// The message of the score.
    score: Box<[u8]>,
}

impl Ranking {
    /// Keeps so many.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, heap: BinaryHeap::new(), held: HeldCells::default(), seen: 0 }
    }

    /// Takes a row if it is one of the best, in place of the worst of them; of equal ones the earlier is better. Issues of the
    /// score are not kept.
    ///
    /// # Errors
    /// Where the kept cells of the best rows are too large to be held.
    pub(crate) fn push(&mut self, row: ScoredRow) -> Result<(), CliError> {
        self.seen += 1;
        let ScoredRow { row, id, score, kept } = row;
        let probability = score.probability;
        let is_full = self.heap.len() == self.most;
        if is_full && self.heap.peek().is_none_or(|Reverse(worst)| probability.total_cmp(&worst.probability).is_le()) {
            return Ok(());
        }
        self.held.add(&kept);
        let score = FitScore { issues: Vec::new(), ..score }.encode_to_vec().into();
        self.heap.push(Reverse(Ranked { probability, place: self.seen, row, id, kept, score }));
        if self.heap.len() > self.most
            && let Some(Reverse(worst)) = self.heap.pop()
        {
            self.held.remove(&worst.kept);
        }
        self.held.check()
    }

    /// The rows, best first; of equal ones, the earlier first.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = ScoredRow> {
        let scored = |Ranked { row, id, kept, score, .. }| {
            // What was encoded here can be decoded.
            let score = FitScore::decode(&*score).unwrap_or_default();
            ScoredRow { row, id, score, kept }
        };
        // Ascending order of the reversed: best first.
        self.heap.into_sorted_vec().into_iter().map(move |Reverse(ranked)| scored(ranked))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.probability.total_cmp(&other.probability).then_with(|| other.place.cmp(&self.place))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(row: u64, probability: f64) -> ScoredRow {
        ScoredRow { row, id: row.to_string(), score: FitScore { probability, ..FitScore::default() }, kept: Vec::new() }
    }

    #[test]
    fn cells_of_rows_that_are_held_are_bounded() {
        let with_cells =
            |number: u64, bytes: usize| ScoredRow { kept: vec!["x".repeat(bytes)], ..row(number, number as f64) };
        let mut ranking = Ranking { held: HeldCells::at_most(1_000), ..Ranking::new(3) };
        // Each better row takes the place of a worse one, so that three rows are held however many come.
        (0..50).for_each(|number| ranking.push(with_cells(number, 300)).unwrap());
        let error = ranking.push(with_cells(50, 900)).unwrap_err().to_string();
        assert!(error.contains("--keep") && error.contains("--top"), "{error}");
    }

    proptest! {
        #[test]
        fn it_is_the_head_of_a_stable_sort(tenths in proptest::collection::vec(0_u8..10, 0..60), most in 1_usize..20) {
            let rows: Vec<_> = tenths.iter().enumerate().map(|(place, tenth)| (place as u64, f64::from(*tenth) / 10.0)).collect();
            let mut ranking = Ranking::new(most);
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
