//! Rows, and sets of writes that are applied atomically.

use std::collections::BTreeMap;

use super::{LeaseToken, MAX_ROW_BYTES, StoreError};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The key of the row.
    pub key: String,
    /// The contents of the row.
    pub value: Vec<u8>,
}

/// A set of writes that are applied atomically.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// The lease that must still be held, if any.
    pub lease: Option<LeaseToken>,
    /// The expected value of each key before the commit; `None` if the key must not exist.
    pub expectations: Vec<(String, Option<Vec<u8>>)>,
    /// The value of each key after the commit; `None` to remove the key.
    pub writes: Vec<(String, Option<Vec<u8>>)>,
}

impl Commit {
    /// Writes `value`, expecting that the key does not exist.
    #[must_use]
    pub fn create(mut self, key: impl Into<String>, value: Vec<u8>) -> Self {
        let key = key.into();
        self.expectations.push((key.clone(), None));
        self.writes.push((key, Some(value)));
        self
    }

    /// Replaces `before`, the value that was read, with `value`.
    #[must_use]
    pub fn replace(mut self, key: impl Into<String>, before: Option<Vec<u8>>, value: Vec<u8>) -> Self {
        let key = key.into();
        self.expectations.push((key.clone(), before));
        self.writes.push((key, Some(value)));
        self
    }

    /// Requires that a lease is still held.
    #[must_use]
    pub fn under(mut self, lease: &LeaseToken) -> Self {
        self.lease = Some(lease.clone());
        self
    }

    /// Adds the expectations and writes of another commit, and its lease if there is none.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.lease = self.lease.or(other.lease);
        self.expectations.extend(other.expectations);
        self.writes.extend(other.writes);
        self
    }

    /// The value of each key after the commit, of which the last write counts.
    pub(super) fn last_writes(&self) -> impl Iterator<Item = (&str, Option<&[u8]>)> {
        let writes = self.writes.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
        writes.collect::<BTreeMap<_, _>>().into_iter()
    }

    /// Fails if a row is too large to store.
    pub(super) fn check_sizes(&self) -> Result<(), StoreError> {
        let too_large = |value: &Option<Vec<u8>>| value.as_ref().map(Vec::len).filter(|bytes| *bytes > MAX_ROW_BYTES);
        match self.writes.iter().find_map(|(key, value)| too_large(value).map(|bytes| (key, bytes))) {
            Some((key, bytes)) => Err(StoreError::RowTooLarge { key: key.clone(), bytes }),
            None => Ok(()),
        }
    }

    /// Fails if an expectation differs from the value that `get` returns.
    pub(super) fn check_expectations<G, V>(&self, get: G) -> Result<(), StoreError>
    where
        G: Fn(&str) -> Result<Option<V>, StoreError>,
        V: AsRef<[u8]>,
    {
        for (key, expected) in &self.expectations {
            if get(key)?.as_ref().map(AsRef::as_ref) != expected.as_deref() {
                return Err(StoreError::Conflict { key: key.clone() });
            }
        }
        Ok(())
    }
}
