//! The best of any number of scores, in bounded space.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The best scores so far, as they will be answered.
#[derive(Debug)]
pub(in crate::api) struct Best {
    most: usize,
    offered: u64,
    bytes: usize,
    /// The worst of them on top.
    kept: BinaryHeap<Reverse<Kept>>,
}

#[derive(Debug)]
struct Kept {
    log_odds: f64,
    order: u64,
    written: Box<[u8]>,
}

impl Best {
    /// Room for so many.
    pub(in crate::api) const fn new(most: usize) -> Self {
        Self { most, offered: 0, bytes: 0, kept: BinaryHeap::new() }
    }

    /// Takes a score if it is one of the best. Of equal ones the earlier is better.
    pub(in crate::api) fn offer(&mut self, log_odds: f64, write: impl FnOnce(&mut Vec<u8>)) {
        self.offered += 1;
        if self.kept.len() == self.most {
            let worst = self.kept.peek().is_some_and(|Reverse(worst)| log_odds.total_cmp(&worst.log_odds).is_le());
            if worst || self.most == 0 {
                return;
            }
            self.bytes -= self.kept.pop().map_or(0, |Reverse(worst)| worst.written.len());
        }
        let mut written = Vec::new();
        write(&mut written);
        self.bytes += written.len();
        self.kept.push(Reverse(Kept { log_odds, order: self.offered, written: written.into() }));
    }

    /// The bytes of all of them.
    pub(in crate::api) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// All of them, best first.
    pub(in crate::api) fn into_written(self) -> impl Iterator<Item = Box<[u8]>> {
        self.kept.into_sorted_vec().into_iter().map(|Reverse(kept)| kept.written)
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        self.log_odds.total_cmp(&other.log_odds).then(other.order.cmp(&self.order))
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Kept {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_are_those_that_sorting_finds(odds in prop::collection::vec(-4..4_i8, 0..40), most in 0..10_usize) {
            let mut best = Best::new(most);
            let mut all: Vec<(f64, u8)> = odds.iter().map(|odds| f64::from(*odds)).zip(0..).collect();
            for (log_odds, number) in &all {
                best.offer(*log_odds, |out| out.push(*number));
            }
            all.sort_by(|a, b| b.0.total_cmp(&a.0));
            all.truncate(most);
            let found: Vec<u8> = best.into_written().map(|written| written[0]).collect();
            prop_assert_eq!(found, all.into_iter().map(|(_, number)| number).collect::<Vec<_>>());
        }
    }
}
