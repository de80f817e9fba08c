//! Sets of customers, as bits.

/// A set of row positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowSet(Vec<u64>);

impl RowSet {
    /// The empty set, for positions below `rows`.
    pub(super) fn empty(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    /// The positions below `rows` for which `holds`.
    pub(super) fn from_fn(rows: usize, holds: impl Fn(usize) -> bool) -> Self {
        let mut set = Self::empty(rows);
        (0..rows).filter(|position| holds(*position)).for_each(|position| set.insert(position));
        set
    }

    pub(super) fn insert(&mut self, position: usize) {
        if let Some(word) = self.0.get_mut(position / 64) {
            *word |= 1 << (position % 64);
        }
    }

    pub(super) fn contains(&self, position: usize) -> bool {
        self.0.get(position / 64).is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    pub(super) fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(one, other)| one & !other == 0)
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |one, other| one & other)
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        self.combine(other, |one, other| one | other)
    }

    pub(super) fn difference(&self, other: &Self) -> Self {
        self.combine(other, |one, other| one & !other)
    }

    fn combine(&self, other: &Self, combined: fn(u64, u64) -> u64) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| combined(*one, *other)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_of_bits_are_sets(one: BTreeSet<u8>, other: BTreeSet<u8>) {
            let bits = |set: &BTreeSet<u8>| RowSet::from_fn(256, |position| set.contains(&(position as u8)));
            let (a, b) = (bits(&one), bits(&other));
            prop_assert_eq!(a.len(), one.len() as u64);
            prop_assert!((0..256).all(|position| a.contains(position) == one.contains(&(position as u8))));
            prop_assert_eq!(a.intersection(&b), bits(&one.intersection(&other).copied().collect()));
            prop_assert_eq!(a.union(&b), bits(&one.union(&other).copied().collect()));
            prop_assert_eq!(a.difference(&b), bits(&one.difference(&other).copied().collect()));
            prop_assert_eq!(a.is_subset(&b), one.is_subset(&other));
            prop_assert_eq!(a.difference(&a), RowSet::empty(256));
        }
    }
}
