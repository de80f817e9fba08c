//! A store in memory, for tests and demonstrations.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use sweetspot_core::Digest;

use super::journal::{ChangePosition, RowMap};
use super::lease::LocalLeases;
use super::removal_gate::RemovalGate;
use super::{BlobFile, BlobReader, Commit, DiskUsage, LeaseAccess, MaintenanceAccess, Row, Store, StoreError};

/// Rows and blobs in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: RwLock<BTreeMap<String, Vec<u8>>>,
    blobs: RwLock<BTreeMap<Digest, Vec<u8>>>,
    removals: RemovalGate,
    leases: LocalLeases,
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a store with these rows, by key.
    #[must_use]
    pub fn with_rows(rows: BTreeMap<String, Vec<u8>>) -> Self {
        Self { rows: RwLock::new(rows), ..Self::default() }
    }

    #[expect(clippy::unnecessary_wraps, reason = "a removal may fail in other stores")]
    fn remove_bytes(&self, digest: &Digest) -> Result<(), StoreError> {
        write(&self.blobs).remove(digest);
        Ok(())
    }
}

/// Writers never leave a map in an inconsistent state, so the data behind a poisoned lock is valid.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Store for MemoryStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(read(&self.rows).get(key).cloned())
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let start = after.filter(|after| *after >= prefix).map_or(Bound::Included(prefix), Bound::Excluded);
        let rows = read(&self.rows);
        let range = rows.range::<str, _>((start, Bound::Unbounded));
        let matches = range.take_while(|(key, _)| key.starts_with(prefix)).take(limit);
        Ok(matches.map(|(key, value)| Row { key: key.clone(), value: value.clone() }).collect())
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        commit.check_sizes()?;
        let mut rows = write(&self.rows);
        self.leases.check(commit.lease.as_ref())?;
        commit.check_expectations(|key| Ok(rows.get(key)))?;
        for (key, value) in &commit.writes {
            match value {
                Some(value) => rows.insert(key.clone(), value.clone()),
                None => rows.remove(key),
            };
        }
        Ok(())
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::new(bytes);
        self.removals.record_put(&digest);
        write(&self.blobs).entry(digest).or_insert_with(|| bytes.to_vec());
        Ok(digest)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let missing = || StoreError::BlobMissing { digest: *digest, store: "in memory".to_owned() };
        read(&self.blobs).get(digest).cloned().ok_or_else(missing)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.removals.remove(&[*digest], |digest| self.remove_bytes(digest))
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self
    }

    fn leases(&self) -> &dyn LeaseAccess {
        &self.leases
    }
}

impl MaintenanceAccess for MemoryStore {
    fn snapshot(&self) -> Result<(RowMap, ChangePosition), StoreError> {
        Ok((read(&self.rows).clone(), ChangePosition::start()))
    }

    fn list_blobs(&self, first_byte: u8) -> Result<Vec<BlobFile>, StoreError> {
        let blobs = read(&self.blobs);
        let listed = blobs.iter().filter(|(digest, _)| digest.first_byte() == first_byte);
        Ok(listed
            .map(|(digest, bytes)| BlobFile { digest: *digest, bytes: bytes.len() as u64, modified: None })
            .collect())
    }

    fn open_blob(&self, digest: &Digest) -> Result<BlobReader, StoreError> {
        let bytes = self.blob(digest)?;
        Ok(BlobReader { bytes: bytes.len() as u64, content: Box::new(Cursor::new(bytes)) })
    }

    fn remove_old_blobs(&self, digests: &[Digest]) -> Result<Vec<Digest>, StoreError> {
        self.removals.remove_old(digests, |digest| self.remove_bytes(digest))
    }

    fn hold_blobs(&self) {
        self.removals.hold();
    }

    fn release_blobs(&self) {
        // Removing bytes from memory does not fail.
        let _removed = self.removals.release(|digest| self.remove_bytes(digest));
    }

    fn disk_usage(&self) -> Result<DiskUsage, StoreError> {
        Ok(DiskUsage::default())
    }
}
