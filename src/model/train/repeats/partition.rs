//! Rows that are equal on some attributes.

use super::super::twins::seen::repeats;
use super::super::twins::token::{MISSING, mix};

/// About how many pairs of rows agreement is estimated from.
const MAX_PAIRS: usize = 2_000;

/// Groups of two or more rows, in the order of their first rows; the rows of a group ascend. Rows of no group are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Partition(Vec<Vec<u32>>);

impl Partition {
    /// Rows with equal tokens, one token a row; what is missing is equal to nothing.
    pub(super) fn new(tokens: &[u64]) -> Self {
        let known = (0_u32..).zip(tokens).filter(|(_, token)| **token != MISSING);
        let equal = repeats(known.map(|(row, token)| (*token, row)).collect());
        Self::of(equal.chunk_by(|a, b| a.0 == b.0).map(rows_of).collect())
    }

    /// The groups of rows with equal numbers; rows without one stand alone.
    pub(super) fn of_groups(groups: &[Option<usize>]) -> Self {
        let mut numbered: Vec<(usize, u32)> =
            (0_u32..).zip(groups).filter_map(|(row, group)| Some(((*group)?, row))).collect();
        numbered.sort_unstable();
        let groups = numbered.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
        Self::of(groups.map(|group| group.iter().map(|(_, row)| *row).collect()).collect())
    }

    fn of(mut groups: Vec<Vec<u32>>) -> Self {
        groups.sort_unstable_by_key(|group| group.first().copied());
        Self(groups)
    }

    /// Rows that are equal on these tokens as well.
    pub(super) fn split(&self, tokens: &[u64]) -> Self {
        let mut groups = Vec::new();
        for group in &self.0 {
            let token = |row: &u32| Some((tokens.get(*row as usize).copied().filter(|token| *token != MISSING)?, *row));
            let mut tokens: Vec<(u64, u32)> = group.iter().filter_map(token).collect();
            tokens.sort_unstable();
            groups.extend(tokens.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1).map(rows_of));
        }
        Self::of(groups)
    }

    /// The groups of at most `cap` rows.
    pub(super) fn within(self, cap: usize) -> Self {
        Self(self.0.into_iter().filter(|group| group.len() <= cap).collect())
    }

    /// The groups.
    pub(super) fn groups(&self) -> impl Iterator<Item = &[u32]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// How many groups.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// How many rows are in groups of at most `cap` rows, and how many in larger ones.
    pub(super) fn rows(&self, cap: usize) -> (usize, usize) {
        let sizes = || self.0.iter().map(Vec::len);
        (sizes().filter(|size| *size <= cap).sum(), sizes().filter(|size| *size > cap).sum())
    }

    /// Groups of at most `cap` rows: all of them, or some with about [`MAX_PAIRS`] rows besides each group's first. Which ones depends
    /// on `key`, a number that is the same for all rows of a group, so that the order of the rows means nothing.
    pub(super) fn sampled(&self, cap: usize, key: impl Fn(u32) -> u64) -> Vec<&[u32]> {
        let groups = || self.groups().filter(|group| group.len() <= cap);
        let pairs: usize = groups().map(|group| group.len() - 1).sum();
        let limit = (MAX_PAIRS as f64 / pairs.max(1) as f64 * u64::MAX as f64) as u64;
        groups().filter(|group| group.first().is_some_and(|row| mix(key(*row)) <= limit)).collect()
    }

    /// At most `most` rows of each group, chosen by lot.
    pub(super) fn thinned(&self, most: usize) -> Self {
        let some = |group: &Vec<u32>| -> Vec<u32> {
            let mut rows = shuffled(group);
            rows.truncate(most);
            rows.sort_unstable();
            rows
        };
        Self::of(self.0.iter().map(some).collect())
    }

    /// The number of each row's group, for this many rows.
    pub(super) fn of_rows(&self, rows: usize) -> Vec<Option<usize>> {
        let mut of_rows = vec![None; rows];
        for (number, group) in self.0.iter().enumerate() {
            for row in group {
                if let Some(of_row) = of_rows.get_mut(*row as usize) {
                    *of_row = Some(number);
                }
            }
        }
        of_rows
    }
}

/// How often rows of one group agree on a value: pairs that agree, and pairs with two known values. Each group counts for one pair
/// less than it has known values, however many pairs these make, so that large groups do not outvote the others.
pub(super) fn agreement<'a>(groups: impl Iterator<Item = &'a [u32]>, tokens: &[u64]) -> (f64, f64) {
    let (mut agreeing, mut pairs) = (0.0, 0.0);
    for group in groups {
        let known = known_tokens(group, tokens);
        let count = known.len() as f64;
        if known.len() > 1 {
            let equal: usize = known.chunk_by(|a, b| a == b).map(|equal| equal.len() * (equal.len() - 1)).sum();
            agreeing += equal as f64 / count;
            pairs += count - 1.0;
        }
    }
    (agreeing, pairs)
}

/// The known tokens of a group, in ascending order.
pub(super) fn known_tokens(group: &[u32], tokens: &[u64]) -> Vec<u64> {
    let known = group.iter().filter_map(|row| tokens.get(*row as usize).copied());
    let mut known: Vec<u64> = known.filter(|token| *token != MISSING).collect();
    known.sort_unstable();
    known
}

/// The rows in an order that is always the same and has nothing to do with theirs.
fn shuffled(rows: &[u32]) -> Vec<u32> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| mix(u64::from(*row) + 1));
    rows
}

fn rows_of(group: &[(u64, u32)]) -> Vec<u32> {
    group.iter().map(|(_, row)| *row).collect()
}
