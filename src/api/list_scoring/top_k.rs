//! The best of any number of scores, in bounded memory.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The best scores so far, encoded for the response.
#[derive(Debug)]
pub(in crate::api) struct TopK {
    capacity: usize,
    offer_count: u64,
    bytes: usize,
    /// A heap with the worst score on top.
    entries: BinaryHeap<Reverse<TopKEntry>>,
}

#[derive(Debug)]
struct TopKEntry {
    log_odds: f64,
    order: u64,
    encoded: Box<[u8]>,
}

impl TopK {
    /// Creates a collection of at most this number of scores.
    pub(in crate::api) const fn new(max_entries: usize) -> Self {
        Self { capacity: max_entries, offer_count: 0, bytes: 0, entries: BinaryHeap::new() }
    }

    /// Adds a score if it is one of the best. Of equal scores, the earlier one ranks first.
    pub(in crate::api) fn offer(&mut self, log_odds: f64, write: impl FnOnce(&mut Vec<u8>)) {
        self.offer_count += 1;
        if self.entries.len() == self.capacity {
            let worst = self.entries.peek().is_some_and(|Reverse(worst)| log_odds.total_cmp(&worst.log_odds).is_le());
            if worst || self.capacity == 0 {
                return;
            }
            self.bytes -= self.entries.pop().map_or(0, |Reverse(worst)| worst.encoded.len());
        }
        let mut written = Vec::new();
        write(&mut written);
        self.bytes += written.len();
        self.entries.push(Reverse(TopKEntry { log_odds, order: self.offer_count, encoded: written.into() }));
    }

    /// The total size in bytes.
    pub(in crate::api) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The encoded scores, best first.
    pub(in crate::api) fn into_encoded(self) -> impl Iterator<Item = Box<[u8]>> {
        self.entries.into_sorted_vec().into_iter().map(|Reverse(entry)| entry.encoded)
    }
}

impl Ord for TopKEntry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.log_odds.total_cmp(&other.log_odds).then(other.order.cmp(&self.order))
    }
}

impl PartialOrd for TopKEntry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for TopKEntry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for TopKEntry {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn top_k_returns_what_a_stable_sort_returns(odds in prop::collection::vec(-4..4_i8, 0..40), most in 0..10_usize) {
            let mut best = TopK::new(most);
            let mut all: Vec<(f64, u8)> = odds.iter().map(|odds| f64::from(*odds)).zip(0..).collect();
            for (log_odds, number) in &all {
                best.offer(*log_odds, |out| out.push(*number));
            }
            all.sort_by(|a, b| b.0.total_cmp(&a.0));
            all.truncate(most);
            let found: Vec<u8> = best.into_encoded().map(|written| written[0]).collect();
            prop_assert_eq!(found, all.into_iter().map(|(_, number)| number).collect::<Vec<_>>());
        }
    }
}
