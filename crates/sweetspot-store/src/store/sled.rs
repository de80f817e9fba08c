//! The store on disk: rows in sled, and blobs as separate files.
//!
//! sled's own flush leaves rows in the caches of the operating system, so each commit syncs the underlying file. Panics
//! in sled, such as those for damaged pages, are returned as errors.

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use sweetspot_core::Digest;

use super::blobs::Blobs;
use super::lock::{FolderLock, wait_until_closed};
use super::{Commit, Row, Store, StoreError, cleanup, files};

/// Rows are few and small: all of them fit into this cache.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// A folder with rows and blobs. Only one process can open it at a time.
#[derive(Debug)]
pub struct SledStore {
    folder: PathBuf,
    rows: ::sled::Db,
    file: PathBuf,
    /// Held for the whole of a commit, so that no other write occurs between its checks and its writes.
    commit_lock: Mutex<()>,
    /// Held while rows change and while they are scanned, so that a scan never returns part of a commit.
    scan_lock: RwLock<()>,
    blobs: Blobs,
    // The last field, so that it is released after sled has closed its files.
    _lock: FolderLock,
}

impl SledStore {
    /// Opens the store in a folder, or creates an empty one.
    ///
    /// # Errors
    /// [`StoreError::InUse`] at once if another process has the store open; [`StoreError::Full`]; or if the store is
    /// damaged.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let failed = |error: io::Error| StoreError::io(dir, "open its folder", error);
        files::make_folder(dir).map_err(failed)?;
        let lock = FolderLock::acquire(dir)?;
        let rows = dir.join("rows");
        files::make_folder(&rows).map_err(failed)?;
        let file = rows.join("db");
        wait_until_closed(dir, &file)?;
        cleanup::remove_unfinished(&rows).map_err(failed)?;
        let opened = catch_panics(dir, "open its rows", || open_rows(&rows))?;
        sync_files(&rows).map_err(failed)?;
        let blobs = Blobs::open(dir)?;
        let (committing, changing) = (Mutex::new(()), RwLock::new(()));
        Ok(Self {
            folder: dir.to_owned(),
            rows: opened,
            file,
            commit_lock: committing,
            scan_lock: changing,
            blobs,
            _lock: lock,
        })
    }

    fn catch_panics<T>(&self, action: &'static str, work: impl FnOnce() -> ::sled::Result<T>) -> Result<T, StoreError> {
        catch_panics(&self.folder, action, work)
    }

    fn get_row(&self, key: &str) -> Result<Option<::sled::IVec>, StoreError> {
        self.catch_panics("read a row", || self.rows.get(key))
    }

    fn to_row(&self, key: &[u8], value: &[u8]) -> Result<Row, StoreError> {
        let damaged = |_| StoreError::Damaged {
            path: self.folder.display().to_string(),
            action: "list rows",
            cause: "a key is not UTF-8".to_owned(),
        };
        let key = String::from_utf8(key.to_vec()).map_err(damaged)?;
        Ok(Row { key, value: value.to_vec() })
    }
}

impl Store for SledStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get_row(key)?.map(|value| value.to_vec()))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let start = after.filter(|after| *after >= prefix).map_or(Bound::Included(prefix), Bound::Excluded);
        let _unchanged = self.scan_lock.read().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<_> = self.catch_panics("list rows", || {
            let range = self.rows.range::<&str, _>((start, Bound::Unbounded));
            let within = |pair: &::sled::Result<_>| {
                pair.as_ref().map_or(true, |(key, _): &(::sled::IVec, ::sled::IVec)| key.starts_with(prefix.as_bytes()))
            };
            range.take_while(within).take(limit).collect()
        })?;
        pairs.into_iter().map(|(key, value)| self.to_row(&key, &value)).collect()
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        commit.check_sizes()?;
        let _one = self.commit_lock.lock().unwrap_or_else(PoisonError::into_inner);
        commit.check_expectations(|key| self.get_row(key))?;
        let mut batch = ::sled::Batch::default();
        for (key, value) in &commit.writes {
            match value {
                Some(value) => batch.insert(key.as_bytes(), value.as_slice()),
                None => batch.remove(key.as_bytes()),
            }
        }
        {
            let _unlisted = self.scan_lock.write().unwrap_or_else(PoisonError::into_inner);
            self.catch_panics("write rows", || self.rows.apply_batch(batch))?;
        }
        self.catch_panics("write rows", || self.rows.flush())?;
        let synced = File::open(&self.file).and_then(|file| file.sync_all());
        synced.map_err(|error| StoreError::io(&self.folder, "sync its rows", error))
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.blobs.put(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.blobs.get(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.blobs.remove(digest)
    }
}

/// Opens sled with its flush timer off, because commits flush themselves.
fn open_rows(folder: &Path) -> ::sled::Result<::sled::Db> {
    ::sled::Config::default().path(folder).cache_capacity(CACHE_BYTES).flush_every_ms(None).open()
}

/// Makes the files that sled wrote while it opened durable, including their names.
fn sync_files(folder: &Path) -> io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    files::sync_folder(folder)
}

/// Runs an operation of sled and converts its errors and panics.
fn catch_panics<T>(
    folder: &Path,
    action: &'static str,
    work: impl FnOnce() -> ::sled::Result<T>,
) -> Result<T, StoreError> {
    let cause = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(::sled::Error::Io(error))) => return Err(StoreError::io(folder, action, error)),
        // sled's own message ends in a placeholder for a backtrace.
        Ok(Err(::sled::Error::Corruption { .. })) => "a checksum is wrong".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_panic) => "they contradict each other".to_owned(),
    };
    Err(StoreError::Damaged { path: folder.display().to_string(), action, cause })
}
