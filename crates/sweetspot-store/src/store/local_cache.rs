//! Copies of a few rows and blobs in a folder, with which a process starts while its database does not answer.
//!
//! Losing the folder loses nothing: its contents are checked when they are read, and written again from the database.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sweetspot_core::Digest;

use super::blobs::BlobFolder;
use super::journal::{self, ChangePosition, RowMap};
use super::lock::FolderLock;
use super::space::FreeSpaceMinimum;
use super::{MemoryStore, Row, Store as _, StoreError, files};

/// A folder of copies. One process can use it at a time.
#[derive(Debug)]
pub struct LocalCache {
    folder: PathBuf,
    rows: Mutex<RowMap>,
    blobs: BlobFolder,
    _lock: FolderLock,
}

impl LocalCache {
    /// Opens the cache in a folder, or creates an empty one. A damaged one is emptied.
    ///
    /// # Errors
    /// If another process uses the folder, or it cannot be written.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        files::make_folder(folder).map_err(|error| StoreError::io(folder, "open its folder", error))?;
        let lock = FolderLock::acquire(folder)?;
        let blobs = BlobFolder::new(folder, FreeSpaceMinimum::new(folder, 0));
        blobs.prepare()?;
        let path = rows_file(folder);
        let rows = if path.exists() {
            match journal::read(&path) {
                Ok(contents) => contents.into_rows(),
                Err(error) => {
                    tracing::warn!(%error, file = %path.display(), "the cache is damaged: it is filled again");
                    RowMap::new()
                }
            }
        } else {
            RowMap::new()
        };
        Ok(Self { folder: folder.to_owned(), rows: Mutex::new(rows), blobs, _lock: lock })
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Returns a store with the rows and those of the blobs that are intact.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn to_store(&self) -> Result<MemoryStore, StoreError> {
        let store = MemoryStore::with_rows(self.lock().clone());
        for blob in self.list()? {
            if let Ok(bytes) = self.blobs.get(&blob) {
                store.put_blob(&bytes)?;
            }
        }
        Ok(store)
    }

    /// Replaces the rows whose keys `is_replaced` accepts. Durable once it returns.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn replace(&self, is_replaced: impl Fn(&str) -> bool, rows: Vec<Row>) -> Result<(), StoreError> {
        let mut rows_before = self.lock();
        let mut after = rows_before.clone();
        after.retain(|key, _| !is_replaced(key));
        after.extend(rows.into_iter().map(|row| (row.key, row.value)));
        if after == *rows_before {
            return Ok(());
        }
        let failed = |error| StoreError::io(&self.folder, "write its rows", error);
        journal::write_checkpoint(&rows_file(&self.folder), &after, ChangePosition::start()).map_err(failed)?;
        *rows_before = after;
        Ok(())
    }

    /// Returns all rows.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let rows = self.lock();
        rows.iter().map(|(key, value)| Row { key: key.clone(), value: value.clone() }).collect()
    }

    /// Returns the verified bytes of a blob. `None` if there is no intact copy.
    #[must_use]
    pub fn blob(&self, digest: &Digest) -> Option<Vec<u8>> {
        self.blobs.get(digest).ok()
    }

    /// Stores a copy of a blob.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.blobs.put(bytes).map(drop)
    }

    /// Removes all blobs but these.
    ///
    /// # Errors
    /// If the folder cannot be read or written.
    pub fn retain_blobs(&self, digests: &BTreeSet<Digest>) -> Result<(), StoreError> {
        let all = self.list()?;
        all.iter().filter(|digest| !digests.contains(digest)).try_for_each(|digest| self.blobs.remove(digest))
    }

    fn list(&self) -> Result<Vec<Digest>, StoreError> {
        let mut digests = Vec::new();
        for first_byte in u8::MIN..=u8::MAX {
            digests.extend(self.blobs.list(first_byte)?.into_iter().map(|blob| blob.digest));
        }
        Ok(digests)
    }

    fn lock(&self) -> MutexGuard<'_, RowMap> {
        // The map is replaced in one step, so a panic in another thread cannot leave an inconsistent state.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rows_file(folder: &Path) -> PathBuf {
    folder.join("cached-rows")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn row(key: &str, value: &str) -> Row {
        Row { key: key.to_owned(), value: value.as_bytes().to_vec() }
    }

    #[test]
    fn rows_and_blobs_are_there_after_a_restart_unless_they_are_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let cache = LocalCache::open(folder.path()).unwrap();
        assert!(cache.is_empty() && matches!(LocalCache::open(folder.path()), Err(StoreError::InUse { .. })));
        cache.replace(|_| true, vec![row("a/1", "x"), row("a/2", "y")]).unwrap();
        cache.replace(|key| key == "a/1", vec![row("a/1", "z")]).unwrap();
        for text in ["kept", "removed", "damaged"] {
            cache.put_blob(text.as_bytes()).unwrap();
        }
        let [kept, removed, damaged] = ["kept", "removed", "damaged"].map(|text| Digest::new(text.as_bytes()));
        cache.retain_blobs(&[kept, damaged].into()).unwrap();
        let name = damaged.to_string();
        fs::write(folder.path().join("blobs").join(&name[..2]).join(&name), "other").unwrap();
        drop(cache);
        let cache = LocalCache::open(folder.path()).unwrap();
        assert_eq!(cache.rows(), [row("a/1", "z"), row("a/2", "y")]);
        assert_eq!(cache.blob(&kept), Some(b"kept".to_vec()));
        assert!(cache.blob(&removed).is_none() && cache.blob(&damaged).is_none());
        let store = cache.to_store().unwrap();
        assert_eq!(store.get("a/1").unwrap(), Some(b"z".to_vec()));
        assert!(store.blob(&kept).is_ok() && store.blob(&damaged).is_err());
        drop(cache);
        fs::write(rows_file(folder.path()), "damage").unwrap();
        assert!(LocalCache::open(folder.path()).unwrap().is_empty());
    }
}
