//! The rows of a store in sled.
//!
//! sled's own flush leaves rows in the caches of the operating system, so a commit also syncs the underlying file.
//! Panics in sled, such as those for damaged pages, are returned as errors. After an error of a write, sled accepts no
//! further ones: close the rows and open them again.

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use super::journal::{ChangePosition, RowMap};
use super::lock::{is_same_file, wait_until_closed};
use super::{Commit, Row, StoreError, cleanup, files};

/// Rows are few and small: all of them fit into this cache.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// The time after which a flush that has not ended is woken.
const WAKE_INTERVAL: Duration = Duration::from_millis(500);
/// The key of the position in the journal, which is not a row of the store.
const POSITION_KEY: &str = "\0position";

/// The open rows of a store.
#[derive(Debug)]
pub(super) struct SledRows {
    /// The folder of the store, for error messages.
    store: PathBuf,
    db: ::sled::Db,
    /// The file of the rows. It stays open, because an error of a write in the background is reported to it once.
    file: File,
    path: PathBuf,
    /// Held while rows change and while they are scanned, so that a scan never returns part of a commit.
    scan_lock: RwLock<()>,
}

impl SledRows {
    /// Opens the rows in `folder`, or creates them. `store` is the folder of the store, for error messages.
    pub(super) fn open(store: &Path, folder: &Path) -> Result<Self, StoreError> {
        let failed = |error: io::Error| StoreError::io(store, "open its rows", error);
        files::make_folder(folder).map_err(failed)?;
        let path = data_file(folder);
        wait_until_closed(store, &path)?;
        cleanup::remove_unfinished(folder).map_err(failed)?;
        let db = catch_panics(store, "open its rows", || open_sled(folder))?;
        files::sync_files(folder).map_err(failed)?;
        let file = File::open(&path).map_err(failed)?;
        Ok(Self { store: store.to_owned(), db, file, path, scan_lock: RwLock::new(()) })
    }

    /// Whether the file of the rows is still the one that was opened.
    pub(super) fn is_in_place(&self) -> bool {
        is_same_file(&self.file, &self.path)
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<::sled::IVec>, StoreError> {
        self.catch_panics("read a row", || self.db.get(key))
    }

    /// Returns rows as [`super::Store::scan`] does.
    pub(super) fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let start = after.filter(|after| *after >= prefix).map_or(Bound::Included(prefix), Bound::Excluded);
        let _unchanged = self.scan_lock.read().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<_> = self.catch_panics("list rows", || {
            let range = self.db.range::<&str, _>((start, Bound::Unbounded));
            let has_key = |pair: &::sled::Result<(::sled::IVec, ::sled::IVec)>, test: &dyn Fn(&[u8]) -> bool| {
                pair.as_ref().map_or(true, |(key, _)| test(key))
            };
            let rows = range.filter(|pair| has_key(pair, &|key| key != POSITION_KEY.as_bytes()));
            rows.take_while(|pair| has_key(pair, &|key| key.starts_with(prefix.as_bytes()))).take(limit).collect()
        })?;
        pairs.into_iter().map(|(key, value)| self.to_row(&key, &value)).collect()
    }

    /// Returns all rows.
    pub(super) fn all(&self) -> Result<RowMap, StoreError> {
        Ok(self.scan("", None, usize::MAX)?.into_iter().map(|Row { key, value }| (key, value)).collect())
    }

    /// Returns the position in the journal of the last change that the rows contain.
    pub(super) fn position(&self) -> Result<ChangePosition, StoreError> {
        Ok(self.stored_position()?.unwrap_or_else(ChangePosition::start))
    }

    /// Returns the position in the journal; `None` if no change was ever made with a journal.
    pub(super) fn stored_position(&self) -> Result<Option<ChangePosition>, StoreError> {
        Ok(self.get(POSITION_KEY)?.map(|bytes| ChangePosition::from_bytes(&bytes)).transpose()?)
    }

    /// Applies writes that bring the rows to a position in the journal, and writes them to the file. They are not
    /// durable until [`Self::sync`].
    pub(super) fn write(
        &self,
        writes: &[(String, Option<Vec<u8>>)],
        position: ChangePosition,
    ) -> Result<(), StoreError> {
        let mut batch = ::sled::Batch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(key.as_bytes(), value.as_slice()),
                None => batch.remove(key.as_bytes()),
            }
        }
        batch.insert(POSITION_KEY, position.to_bytes());
        {
            let _unlisted = self.scan_lock.write().unwrap_or_else(PoisonError::into_inner);
            self.catch_panics("write rows", || self.db.apply_batch(batch))?;
        }
        self.flush()
    }

    /// Writes all changes to the file.
    ///
    /// If a write in the background fails, sled can leave a flush waiting forever. The next change finds the error and
    /// wakes the flush, so empty changes are made while it waits.
    fn flush(&self) -> Result<(), StoreError> {
        let (flushed, ended) = mpsc::channel::<()>();
        let wake = move || {
            while ended.recv_timeout(WAKE_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                // The flush returns the error.
                let _error = self.catch_panics("write rows", || self.db.apply_batch(::sled::Batch::default()));
            }
        };
        thread::scope(|scope| {
            let waker = thread::Builder::new().name("flush waker".to_owned()).spawn_scoped(scope, wake);
            if let Err(error) = waker {
                tracing::warn!(%error, "cannot start a thread");
            }
            let written = self.catch_panics("write rows", || self.db.flush());
            drop(flushed);
            written.map(|_bytes| ())
        })
    }

    /// Makes everything that was written durable.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|error| StoreError::io(&self.store, "sync its rows", error))
    }

    /// Whether there are more rows after a commit than before.
    pub(super) fn grow_with(&self, commit: &Commit) -> Result<bool, StoreError> {
        let (mut added, mut removed) = (0, 0);
        for (key, value) in commit.last_writes() {
            match (self.get(key)?.is_some(), value.is_some()) {
                (false, true) => added += 1,
                (true, false) => removed += 1,
                (true, true) | (false, false) => {}
            }
        }
        Ok(added > removed)
    }

    fn catch_panics<T>(&self, action: &'static str, work: impl FnOnce() -> ::sled::Result<T>) -> Result<T, StoreError> {
        catch_panics(&self.store, action, work)
    }

    fn to_row(&self, key: &[u8], value: &[u8]) -> Result<Row, StoreError> {
        let damaged = |_| StoreError::Damaged {
            path: self.store.display().to_string(),
            action: "list rows",
            cause: "a key is not UTF-8".to_owned(),
        };
        let key = String::from_utf8(key.to_vec()).map_err(damaged)?;
        Ok(Row { key, value: value.to_vec() })
    }
}

/// The file in which sled stores the rows.
pub(super) fn data_file(folder: &Path) -> PathBuf {
    folder.join("db")
}

/// Closes rows. sled panics if the disk fails meanwhile, which loses nothing that was synced.
pub(super) fn close<T>(rows: T) {
    let _panic = catch_unwind(AssertUnwindSafe(|| drop(rows)));
}

/// Opens sled with its flush timer off, because commits flush themselves.
fn open_sled(folder: &Path) -> ::sled::Result<::sled::Db> {
    ::sled::Config::default().path(folder).cache_capacity(CACHE_BYTES).flush_every_ms(None).open()
}

/// Runs an operation of sled and converts its errors and panics.
fn catch_panics<T>(
    store: &Path,
    action: &'static str,
    work: impl FnOnce() -> ::sled::Result<T>,
) -> Result<T, StoreError> {
    let cause = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(::sled::Error::Io(error))) => return Err(StoreError::io(store, action, error)),
        // sled's own message ends in a placeholder for a backtrace.
        Ok(Err(::sled::Error::Corruption { .. })) => "a checksum is wrong".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_panic) => "they contradict each other".to_owned(),
    };
    Err(StoreError::Damaged { path: store.display().to_string(), action, cause })
}
