//! Notices of changes that other processes make to a store.

use std::collections::BTreeSet;
use std::time::Duration;

use super::StoreError;

/// The keys of rows that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedKeys {
    /// These keys were written or removed, whether their values differ or not.
    Some(BTreeSet<String>),
    /// Any key may have changed: there are too many, or the store has forgotten which.
    All,
}

impl ChangedKeys {
    /// Whether a key with this prefix may have changed.
    #[must_use]
    pub fn has_prefix(&self, prefix: &str) -> bool {
        match self {
            Self::Some(keys) => keys.range(prefix.to_owned()..).next().is_some_and(|key| key.starts_with(prefix)),
            Self::All => true,
        }
    }
}

/// The changes of a store that several processes use. Every commit that writes has a number, its position, and all
/// processes see the commits in the same order.
pub trait ChangeFeed: std::fmt::Debug + Send + Sync {
    /// The position of the last commit.
    ///
    /// # Errors
    /// If the backend fails.
    fn position(&self) -> Result<u64, StoreError>;

    /// The position of the last commit, and the keys that the commits after `position` wrote, those of this process
    /// included.
    ///
    /// # Errors
    /// If the backend fails.
    fn changes_after(&self, position: u64) -> Result<(u64, ChangedKeys), StoreError>;

    /// Waits until there is a commit after `position`, at most for this time. Returns whether there may be one.
    fn wait_after(&self, position: u64, time: Duration) -> bool;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_found_among_the_keys() {
        let keys = ChangedKeys::Some(["a", "model/1", "z"].map(str::to_owned).into());
        assert!(keys.has_prefix("model/") && keys.has_prefix("") && keys.has_prefix("z"));
        assert!(!keys.has_prefix("model/2") && !keys.has_prefix("b") && !keys.has_prefix("zz"));
        assert!(ChangedKeys::All.has_prefix("any"));
        assert!(!ChangedKeys::Some(BTreeSet::new()).has_prefix(""));
    }
}
