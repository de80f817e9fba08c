//! Rows, and sets of writes that happen together.

use super::{MAX_ROW_BYTES, StoreError};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub value: Vec<u8>,
}

/// A set of writes that happen together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// What must stand under a key beforehand; `None`: nothing.
    pub expect: Vec<(String, Option<Vec<u8>>)>,
    /// What stands under a key afterwards; `None`: nothing.
    pub write: Vec<(String, Option<Vec<u8>>)>,
}

impl Commit {
    /// Writes `value` where nothing stands yet.
    #[must_use]
    pub fn create(mut self, key: impl Into<String>, value: Vec<u8>) -> Self {
        let key = key.into();
        self.expect.push((key.clone(), None));
        self.write.push((key, Some(value)));
        self
    }

    /// Replaces what was read before by `value`.
    #[must_use]
    pub fn replace(mut self, key: impl Into<String>, before: Option<Vec<u8>>, value: Vec<u8>) -> Self {
        let key = key.into();
        self.expect.push((key.clone(), before));
        self.write.push((key, Some(value)));
        self
    }

    /// Adds everything of another commit.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.expect.extend(other.expect);
        self.write.extend(other.write);
        self
    }

    /// Refuses rows that are too large to be kept.
    pub(super) fn check_sizes(&self) -> Result<(), StoreError> {
        let too_large = |value: &Option<Vec<u8>>| value.as_ref().map(Vec::len).filter(|bytes| *bytes > MAX_ROW_BYTES);
        match self.write.iter().find_map(|(key, value)| too_large(value).map(|bytes| (key, bytes))) {
            Some((key, bytes)) => Err(StoreError::RowTooLarge { key: key.clone(), bytes }),
            None => Ok(()),
        }
    }

    /// Refuses where an expectation differs from what `get` finds.
    pub(super) fn check_expectations<G, V>(&self, get: G) -> Result<(), StoreError>
    where
        G: Fn(&str) -> Result<Option<V>, StoreError>,
        V: AsRef<[u8]>,
    {
        for (key, expected) in &self.expect {
            if get(key)?.as_ref().map(AsRef::as_ref) != expected.as_deref() {
                return Err(StoreError::Conflict { key: key.clone() });
            }
        }
        Ok(())
    }
}
