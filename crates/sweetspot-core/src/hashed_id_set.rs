//! A set of ids stored as hashes: ten million ids take eighty megabytes.

use std::hash::BuildHasher;

/// Hashes of ids by a 64-bit hasher, such as one with a key of this set alone.
///
/// With ten million ids in the set, the probability that any of ten million other ids is reported as a member is five
/// in a million: 10⁷ · 10⁷ / 2⁶⁴.
#[derive(Debug, Default)]
pub struct HashedIdSet<S> {
    hashes: Vec<u64>,
    hasher: S,
}

impl<S: BuildHasher> HashedIdSet<S> {
    /// Adds an id. The set does not contain it before it is [sorted](Self::sorted).
    pub fn push(&mut self, id: &str) {
        self.hashes.push(self.hasher.hash_one(id));
    }

    /// The number of added ids; duplicates count once only after the set is sorted.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether no id was added.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Sorts the set, as [`Self::contains`] requires.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        self
    }

    /// Whether the sorted set contains an id.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        !self.hashes.is_empty() && self.hashes.binary_search(&self.hasher.hash_one(id)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasherDefault, DefaultHasher};

    use super::*;

    #[test]
    fn members_are_found_and_nothing_else() {
        let mut ids = HashedIdSet::<BuildHasherDefault<DefaultHasher>>::default();
        assert!(ids.is_empty() && !ids.contains("a-1"));
        for number in (0..1_000).chain(500..1_500) {
            ids.push(&format!("a-{number}"));
        }
        let ids = ids.sorted();
        assert_eq!(ids.len(), 1_500);
        assert!((0..1_500).all(|number| ids.contains(&format!("a-{number}"))));
        assert!((1_500..9_000).all(|number| !ids.contains(&format!("a-{number}"))));
    }
}
