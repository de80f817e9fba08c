//! Erasures change the digest of customers: which digest replaced which.
//!
//! Model versions and artifacts name the customers that they were trained on by digest, and never change. After an
//! erasure, that digest leads to the customers that are left.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use sweetspot_core::Digest;

use super::{DatasetError, Datasets};
use crate::store::{Commit, DigestReference, Row, RowKind, StoreError};

const REPLACEMENT_PREFIX: &str = "customers-replaced/";
const PAGE_ROWS: usize = 256;

/// The kind of rows that name replaced customers. Both blobs may be missing: the replaced ones are removed, and the
/// others belong to dataset versions, which can be deleted.
pub(super) const ROW_KIND: RowKind = RowKind {
    prefix: REPLACEMENT_PREFIX,
    name: "replaced customers",
    digests: |row| {
        let (replaced, current) = decode(row)?;
        Ok(vec![DigestReference::Other(replaced), DigestReference::Other(current)])
    },
};

impl Datasets {
    /// Returns the digest of the customers that are left of `data` after erasures; `data` itself if nothing was erased.
    ///
    /// # Errors
    /// If the store fails.
    pub fn current_data(&self, data: &Digest) -> Result<Digest, StoreError> {
        let key = replacement_key(data);
        match self.store.get(&key)? {
            Some(value) => Ok(decode(&Row { key, value })?.1),
            None => Ok(*data),
        }
    }

    /// The rows by which `new` replaces `old`, and whatever `old` replaced before.
    pub(super) fn replacement(&self, old: &Digest, new: &Digest) -> Result<Commit, StoreError> {
        let mut commit = Commit::default();
        let new_value = || Some(new.to_string().into_bytes());
        for row in self.replacement_rows()? {
            if decode(&row)?.1 == *old {
                commit.writes.push((row.key, new_value()));
            }
        }
        commit.writes.push((replacement_key(old), new_value()));
        // If accounts are erased from customers that were imported again, the circle ends here.
        commit.writes.push((replacement_key(new), None));
        Ok(commit)
    }

    /// The row to remove if customers are imported that were replaced before.
    pub(super) fn undo_replacement(&self, data: &Digest) -> Result<Commit, StoreError> {
        let key = replacement_key(data);
        let is_replaced = self.store.get(&key)?.is_some();
        Ok(Commit {
            lease: None,
            expectations: Vec::new(),
            writes: is_replaced.then_some((key, None)).into_iter().collect(),
        })
    }

    /// Removes the blobs of replaced customers that are left if a process ended during an erasure, or could not remove
    /// them.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) fn finish_erasures(&self) -> Result<(), DatasetError> {
        let _no_import = self.blob_lock.write().unwrap_or_else(PoisonError::into_inner);
        let _changing = self.lock();
        let rows = self.replacement_rows()?;
        if rows.is_empty() {
            return Ok(());
        }
        let named: BTreeSet<Digest> = self.all_records()?.into_iter().map(|record| record.data).collect();
        for row in rows {
            let (replaced, _) = decode(&row)?;
            if !named.contains(&replaced) {
                self.store.remove_blob(&replaced)?;
            }
        }
        Ok(())
    }

    fn replacement_rows(&self) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::<Row>::new();
        loop {
            let after = rows.last().map(|row| row.key.clone());
            let page = self.store.scan(REPLACEMENT_PREFIX, after.as_deref(), PAGE_ROWS)?;
            if page.is_empty() {
                return Ok(rows);
            }
            rows.extend(page);
        }
    }
}

fn replacement_key(data: &Digest) -> String {
    format!("{REPLACEMENT_PREFIX}{data}")
}

/// The digests of the replaced customers and of those that are left.
fn decode(row: &Row) -> Result<(Digest, Digest), StoreError> {
    let replaced = row.key.strip_prefix(REPLACEMENT_PREFIX).unwrap_or_default().parse().map_err(damaged)?;
    let current = std::str::from_utf8(&row.value).map_err(damaged)?.parse().map_err(damaged)?;
    Ok((replaced, current))
}

fn damaged(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Backend { action: "read the row of replaced customers", source: Box::new(source) }
}
