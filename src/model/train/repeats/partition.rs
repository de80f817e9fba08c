//! Rows that are equal on some attributes.

use super::super::twins::seen::repeats;
use super::super::twins::token::{MISSING, mix};

/// Most pairs of rows that agreement is estimated from.
const MAX_PAIRS: usize = 5_000;

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

    /// Pairs within each group of at most `cap` rows, k − 1 of a group of k: all pairs of a group would let large ones outvote the
    /// others. They are neighbours in an order that has nothing to do with that of the rows, for files are often sorted by what
    /// else the rows share. Of very many pairs some, evenly.
    pub(super) fn pairs(&self, cap: usize) -> Vec<(u32, u32)> {
        let groups = || self.0.iter().filter(|group| group.len() <= cap);
        let all: usize = groups().map(|group| group.len() - 1).sum();
        let neighbors = groups().flat_map(|group| {
            let mixed = shuffled(group);
            mixed.iter().copied().zip(mixed.iter().copied().skip(1)).collect::<Vec<_>>()
        });
        neighbors.step_by(all.div_ceil(MAX_PAIRS).max(1)).collect()
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

/// The rows in an order that is always the same and has nothing to do with theirs.
fn shuffled(rows: &[u32]) -> Vec<u32> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| mix(u64::from(*row) + 1));
    rows
}

fn rows_of(group: &[(u64, u32)]) -> Vec<u32> {
    group.iter().map(|(_, row)| *row).collect()
}
