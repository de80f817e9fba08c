//! Partitions of rows by equal values of some attributes.

use super::super::duplicates::count_min::repeated_hashes;
use super::super::duplicates::token::{MISSING, mix_bits};

/// The approximate number of pairs of rows that agreement is estimated from.
const MAX_PAIRS: usize = 2_000;

/// Groups of two or more rows, in the order of their first rows; the rows of a group ascend. Single rows are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Partition {
    /// The rows, group by group.
    rows: Vec<u32>,
    /// The end of each group in `rows`.
    ends: Vec<usize>,
}

impl Partition {
    /// Groups rows with equal tokens, one token per row; missing values are equal to no value.
    pub(super) fn new(tokens: &[u64]) -> Self {
        let known = (0_u32..).zip(tokens).filter(|(_, token)| **token != MISSING);
        Self::from_sorted(&repeated_hashes(known.map(|(row, token)| (*token, row)).collect()))
    }

    /// Groups rows with equal group numbers; rows without one are single.
    pub(super) fn from_groups(groups: &[Option<usize>]) -> Self {
        let mut numbered: Vec<(usize, u32)> =
            (0_u32..).zip(groups).filter_map(|(row, group)| Some(((*group)?, row))).collect();
        numbered.sort_unstable();
        Self::from_sorted(&numbered)
    }

    /// Splits the groups by further tokens.
    pub(super) fn refine(&self, tokens: &[u64]) -> Self {
        let mut sorted = Vec::with_capacity(self.rows.len());
        for (number, group) in self.groups().enumerate() {
            let start = sorted.len();
            let token = |row: &u32| tokens.get(*row as usize).copied().filter(|token| *token != MISSING);
            sorted.extend(group.iter().filter_map(|row| Some(((number, token(row)?), *row))));
            sorted.get_mut(start..).unwrap_or_default().sort_unstable();
        }
        Self::from_sorted(&sorted)
    }

    /// Groups adjacent rows with equal keys, if there are two or more; the rows of a key ascend.
    fn from_sorted<K: PartialEq>(sorted: &[(K, u32)]) -> Self {
        let runs = sorted.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1);
        let mut runs: Vec<&[(K, u32)]> = runs.collect();
        runs.sort_unstable_by_key(|run| run.first().map(|(_, row)| *row));
        let mut partition = Self::default();
        for run in runs {
            partition.push(run.iter().map(|(_, row)| *row));
        }
        partition
    }

    fn push(&mut self, group: impl IntoIterator<Item = u32>) {
        self.rows.extend(group);
        self.ends.push(self.rows.len());
    }

    /// The groups of at most `cap` rows.
    pub(super) fn with_max_rows(&self, cap: usize) -> Self {
        let mut partition = Self::default();
        self.groups().filter(|group| group.len() <= cap).for_each(|group| partition.push(group.iter().copied()));
        partition
    }

    /// The rows of each group.
    pub(super) fn groups(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.rows.get(start..*end))
    }

    /// The number of groups.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number of rows in groups of at most `cap` rows, and the number in larger ones.
    pub(super) fn row_counts(&self, cap: usize) -> (usize, usize) {
        let sizes = || self.groups().map(<[u32]>::len);
        (sizes().filter(|size| *size <= cap).sum(), sizes().filter(|size| *size > cap).sum())
    }

    /// Groups of at most `cap` rows: all of them, or a sample with about [`MAX_PAIRS`] rows besides each group's first.
    /// The sample depends on `key`, a number that is the same for all rows of a group, so that the order of the rows
    /// has no effect.
    pub(super) fn sample_groups(&self, cap: usize, key: impl Fn(u32) -> u64) -> Vec<&[u32]> {
        let groups = || self.groups().filter(|group| group.len() <= cap);
        let pairs: usize = groups().map(|group| group.len() - 1).sum();
        let limit = (MAX_PAIRS as f64 / pairs.max(1) as f64 * u64::MAX as f64) as u64;
        groups().filter(|group| group.first().is_some_and(|row| mix_bits(key(*row)) <= limit)).collect()
    }

    /// The same groups with at most `max_rows` rows each, chosen at random.
    pub(super) fn with_max_rows_per_group(&self, max_rows: usize) -> Self {
        let mut sorted = Vec::with_capacity(self.rows.len());
        for (number, group) in self.groups().enumerate() {
            let mut rows = shuffle_rows(group);
            rows.truncate(max_rows);
            rows.sort_unstable();
            sorted.extend(rows.into_iter().map(|row| (number, row)));
        }
        Self::from_sorted(&sorted)
    }

    /// The index of each row's group, for this many rows.
    pub(super) fn group_by_row(&self, rows: usize) -> Vec<Option<usize>> {
        let mut of_rows = vec![None; rows];
        for (number, group) in self.groups().enumerate() {
            for row in group {
                if let Some(of_row) = of_rows.get_mut(*row as usize) {
                    *of_row = Some(number);
                }
            }
        }
        of_rows
    }
}

/// Agreement of rows of one group on a value: the weight of pairs that agree, and of pairs with two known values. The
/// weight of a group is the number of its known values minus one, however many pairs these form, so that large groups
/// do not dominate.
pub(super) fn agreement<'a>(groups: impl Iterator<Item = &'a [u32]>, tokens: &[u64]) -> (f64, f64) {
    let (mut agreeing, mut pairs) = (0.0, 0.0);
    visit_known_tokens(groups, tokens, |known| {
        let count = known.len() as f64;
        if known.len() > 1 {
            let equal: usize = known.chunk_by(|a, b| a == b).map(|equal| equal.len() * (equal.len() - 1)).sum();
            agreeing += equal as f64 / count;
            pairs += count - 1.0;
        }
    });
    (agreeing, pairs)
}

/// Calls the visitor with the known tokens of each group, in ascending order.
fn visit_known_tokens<'a>(groups: impl Iterator<Item = &'a [u32]>, tokens: &[u64], mut visit: impl FnMut(&[u64])) {
    let mut known = Vec::new();
    for group in groups {
        known.clear();
        let all = group.iter().filter_map(|row| tokens.get(*row as usize).copied());
        known.extend(all.filter(|token| *token != MISSING));
        known.sort_unstable();
        visit(&known);
    }
}

/// The rows in a pseudorandom order that is always the same.
fn shuffle_rows(rows: &[u32]) -> Vec<u32> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| mix_bits(u64::from(*row) + 1));
    rows
}
