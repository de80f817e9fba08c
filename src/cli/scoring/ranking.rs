//! The best of a list, kept while it goes by.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::row::ScoredRow;

/// The best rows so far, never more than asked for.
#[derive(Debug)]
pub(crate) struct Ranking {
    most: usize,
    // The worst on top, to be replaced first.
    heap: BinaryHeap<Reverse<Ranked>>,
    seen: u64,
}

#[derive(Debug)]
struct Ranked {
    place: u64,
    row: ScoredRow,
}

impl Ranking {
    /// Keeps so many.
    pub(crate) const fn new(most: usize) -> Self {
        Self { most, heap: BinaryHeap::new(), seen: 0 }
    }

    /// Takes a row in, and lets the worst go where there are too many.
    pub(crate) fn push(&mut self, row: ScoredRow) {
        self.seen += 1;
        self.heap.push(Reverse(Ranked { place: self.seen, row }));
        if self.heap.len() > self.most {
            self.heap.pop();
        }
    }

    /// The rows, best first; of equal ones, the earlier first.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = ScoredRow> {
        // Ascending order of the reversed: best first.
        self.heap.into_sorted_vec().into_iter().map(|Reverse(ranked)| ranked.row)
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.row.score.probability.total_cmp(&other.row.score.probability).then_with(|| other.place.cmp(&self.place))
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

    use crate::generated::v1::FitScore;

    use super::*;

    fn row(row: u64, probability: f64) -> ScoredRow {
        ScoredRow { row, id: row.to_string(), score: FitScore { probability, ..FitScore::default() } }
    }

    proptest! {
        #[test]
        fn it_is_the_head_of_a_stable_sort(tenths in proptest::collection::vec(0_u8..10, 0..60), most in 1_usize..20) {
            let rows: Vec<_> = tenths.iter().enumerate().map(|(place, tenth)| (place as u64, f64::from(*tenth) / 10.0)).collect();
            let mut ranking = Ranking::new(most);
            for (place, probability) in &rows {
                ranking.push(row(*place, *probability));
            }
            let mut sorted = rows;
            sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
            let expected: Vec<_> = sorted.into_iter().take(most).map(|(place, _)| place).collect();
            prop_assert_eq!(ranking.into_rows().map(|row| row.row).collect::<Vec<_>>(), expected);
        }
    }
}
