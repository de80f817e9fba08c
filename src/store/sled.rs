//! The store on disk: rows in sled, blobs as files beside it.
//!
//! sled's own flush leaves rows in the machine's caches, so every commit syncs the file behind it. What sled reports by a
//! panic, such as damaged pages, comes out of here as an error.

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use super::blobs::Blobs;
use super::lock::{FolderLock, wait_until_closed};
use super::{Commit, Row, Store, StoreError, files};
use crate::domain::Digest;

/// Rows are few and small: this holds them all.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// A folder that holds rows and blobs. One process has it at a time.
#[derive(Debug)]
pub struct SledStore {
    rows: ::sled::Db,
    file: PathBuf,
    /// Held for the whole of a commit, so that nothing comes between its checks and its writes.
    committing: Mutex<()>,
    /// Held while rows change and while they are listed, so that a list never shows half a commit.
    changing: RwLock<()>,
    blobs: Blobs,
    // Last: let go of when sled has closed its files.
    _lock: FolderLock,
}

impl SledStore {
    /// Opens the store in a folder, or makes an empty one.
    ///
    /// # Errors
    /// [`StoreError::InUse`] at once where another process has it; [`StoreError::Full`]; where it is damaged.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let failed = |error: io::Error| StoreError::backend("open its folder", error);
        files::make_folder(dir).map_err(failed)?;
        let lock = FolderLock::take(dir)?;
        let folder = dir.join("rows");
        files::make_folder(&folder).map_err(failed)?;
        let file = folder.join("db");
        wait_until_closed(&file)?;
        let rows = guarded("open its rows", || open_rows(&folder))?;
        sync_files(&folder).map_err(failed)?;
        let blobs = Blobs::open(dir.join("blobs"))?;
        let (committing, changing) = (Mutex::new(()), RwLock::new(()));
        Ok(Self { rows, file, committing, changing, blobs, _lock: lock })
    }

    fn row(&self, key: &str) -> Result<Option<::sled::IVec>, StoreError> {
        guarded("read a row", || self.rows.get(key))
    }
}

impl Store for SledStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.row(key)?.map(|value| value.to_vec()))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let start = after.filter(|after| *after >= prefix).map_or(Bound::Included(prefix), Bound::Excluded);
        let _unchanged = self.changing.read().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<_> = guarded("list rows", || {
            let range = self.rows.range::<&str, _>((start, Bound::Unbounded));
            let within = |pair: &::sled::Result<_>| {
                pair.as_ref().map_or(true, |(key, _): &(::sled::IVec, ::sled::IVec)| key.starts_with(prefix.as_bytes()))
            };
            range.take_while(within).take(limit).collect()
        })?;
        pairs.into_iter().map(|(key, value)| to_row(&key, &value)).collect()
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        commit.check_sizes()?;
        let _one = self.committing.lock().unwrap_or_else(PoisonError::into_inner);
        commit.check_expectations(|key| self.row(key))?;
        let mut batch = ::sled::Batch::default();
        for (key, value) in &commit.write {
            match value {
                Some(value) => batch.insert(key.as_bytes(), value.as_slice()),
                None => batch.remove(key.as_bytes()),
            }
        }
        {
            let _unlisted = self.changing.write().unwrap_or_else(PoisonError::into_inner);
            guarded("write rows", || self.rows.apply_batch(batch))?;
        }
        guarded("write rows", || self.rows.flush())?;
        let synced = File::open(&self.file).and_then(|file| file.sync_all());
        synced.map_err(|error| StoreError::backend("sync its rows", error))
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.blobs.put(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.blobs.get(digest)
    }
}

/// Commits flush for themselves, so sled's own timer is off.
fn open_rows(folder: &Path) -> ::sled::Result<::sled::Db> {
    ::sled::Config::default().path(folder).cache_capacity(CACHE_BYTES).flush_every_ms(None).open()
}

/// Makes what sled wrote while it opened last, names and all.
fn sync_files(folder: &Path) -> io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    files::sync_folder(folder)
}

fn to_row(key: &[u8], value: &[u8]) -> Result<Row, StoreError> {
    let key = String::from_utf8(key.to_vec()).map_err(|error| StoreError::backend("list rows", error))?;
    Ok(Row { key, value: value.to_vec() })
}

/// Runs something of sled's and turns its errors and its panics into ours.
fn guarded<T>(action: &'static str, work: impl FnOnce() -> ::sled::Result<T>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(::sled::Error::Io(error))) => Err(StoreError::backend(action, error)),
        Ok(Err(error)) => Err(StoreError::backend(action, error)),
        Err(_panic) => Err(StoreError::backend(action, "its files are damaged")),
    }
}
