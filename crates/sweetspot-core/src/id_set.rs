//! A set of ids as hashes: ten million of them in eighty megabytes.

use std::hash::BuildHasher;

/// Hashes of ids by a hasher of 64 bits, such as one under a key that is this set's own.
///
/// Of ten million ids and ten million others, one of the others is taken for a member with a probability of five in a million:
/// 10⁷ · 10⁷ / 2⁶⁴.
#[derive(Debug, Default)]
pub struct IdSet<S> {
    hashes: Vec<u64>,
    hasher: S,
}

impl<S: BuildHasher> IdSet<S> {
    /// Adds an id. The set does not contain it before it is [sealed](Self::sealed).
    pub fn push(&mut self, id: &str) {
        self.hashes.push(self.hasher.hash_one(id));
    }

    /// How many ids were added; ones that repeat count once only after the set is sealed.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether no id was added.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The complete set, ready for [`Self::contains`].
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        self
    }

    /// Whether an id is in the sealed set.
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
        let mut ids = IdSet::<BuildHasherDefault<DefaultHasher>>::default();
        assert!(ids.is_empty() && !ids.contains("a-1"));
        for number in (0..1_000).chain(500..1_500) {
            ids.push(&format!("a-{number}"));
        }
        let ids = ids.sealed();
        assert_eq!(ids.len(), 1_500);
        assert!((0..1_500).all(|number| ids.contains(&format!("a-{number}"))));
        assert!((1_500..9_000).all(|number| !ids.contains(&format!("a-{number}"))));
    }
}
