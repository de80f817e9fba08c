//! Set and frequency sketches with bounded memory.

/// The maximum number of counters: 4 MiB, which fits into caches.
const MAX_COUNTERS: usize = 1 << 20;
/// The maximum number of bits of one map: 64 MiB, enough for sixteen million rows.
const MAX_BITS: usize = 1 << 29;

/// Frequencies of tokens: one row of a count-min sketch (Cormode and Muthukrishnan 2005, J. Algorithms 55:58). A count
/// is never too low. It is too high if tokens share a counter, which makes values look more common, and agreement
/// weaker evidence.
pub(super) struct TokenCounts(Vec<u32>);

impl TokenCounts {
    /// Counts tokens, which must be hashes.
    pub(super) fn new(tokens: &[u64]) -> Self {
        let size = tokens.len().saturating_mul(4).next_power_of_two().clamp(1024, MAX_COUNTERS);
        let mut counts = vec![0_u32; size];
        for token in tokens {
            if let Some(count) = counts.get_mut(bucket(*token, size)) {
                *count += 1;
            }
        }
        Self(counts)
    }

    /// An upper bound of the frequency of a token besides the row itself; at least one.
    pub(super) fn other_count(&self, token: u64) -> u32 {
        self.0.get(bucket(token, self.0.len())).copied().unwrap_or(0).max(2) - 1
    }
}

/// The hashed rows whose hash occurs more than once, sorted by hash and then by row.
///
/// Two bit maps exclude nearly all unique rows, so that few are sorted.
pub(in crate::train) fn repeated_hashes(mut hashed: Vec<(u64, u32)>) -> Vec<(u64, u32)> {
    let size = hashed.len().saturating_mul(16).next_power_of_two().clamp(1024, MAX_BITS);
    let (mut once, mut twice) = (vec![0_u64; size / 64], vec![0_u64; size / 64]);
    for (hash, _) in &hashed {
        let bit = bucket(*hash, size);
        if let (Some(once), Some(twice)) = (once.get_mut(bit / 64), twice.get_mut(bit / 64)) {
            *twice |= *once & (1 << (bit % 64));
            *once |= 1 << (bit % 64);
        }
    }
    hashed.retain(|(hash, _)| {
        let bit = bucket(*hash, size);
        twice.get(bit / 64).is_some_and(|word| word & (1 << (bit % 64)) != 0)
    });
    hashed.sort_unstable();
    let crowds = hashed.chunk_by(|a, b| a.0 == b.0).filter(|crowd| crowd.len() > 1);
    crowds.flatten().copied().collect()
}

/// An index below `size`, a power of two, from the upper bits of a hash.
fn bucket(hash: u64, size: usize) -> usize {
    (hash >> (64 - size.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::token::mix_bits;
    use super::*;

    proptest! {
        #[test]
        fn repeated_hashes_are_those_that_occur_twice(numbers in prop::collection::vec(0..400_u64, 0..300)) {
            let rows: Vec<u32> = (0..numbers.len() as u32).filter(|row| row % 5 > 0).collect();
            let mut by_hash: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
            for row in &rows {
                by_hash.entry(mix_bits(numbers[*row as usize])).or_default().push(*row);
            }
            let crowds = by_hash.into_iter().filter(|(_, rows)| rows.len() > 1);
            let expected: Vec<(u64, u32)> = crowds.flat_map(|(hash, rows)| rows.into_iter().map(move |row| (hash, row))).collect();
            let hashed = rows.iter().map(|row| (mix_bits(numbers[*row as usize]), *row)).collect();
            prop_assert_eq!(repeated_hashes(hashed), expected);
        }

        #[test]
        fn counts_are_never_below_the_truth_and_rarely_above(numbers in prop::collection::vec(0..40_u64, 1..300)) {
            let tokens: Vec<u64> = numbers.iter().map(|number| mix_bits(*number)).collect();
            let counts = TokenCounts::new(&tokens);
            let truth = |token: u64| (tokens.iter().filter(|other| **other == token).count().max(2) - 1) as u32;
            let above = tokens.iter().filter(|token| counts.other_count(**token) > truth(**token)).count();
            prop_assert!(tokens.iter().all(|token| counts.other_count(*token) >= truth(*token)));
            prop_assert!(above * 2 <= tokens.len(), "{above} of {}", tokens.len());
        }
    }
}
