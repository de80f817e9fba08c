//! The store on disk: rows in sled, and blobs as separate files.
//!
//! If rows cannot be written or synced, they are closed and opened again: the store then contains what is on its disk.
//! While they cannot be opened for writing, reads are answered from a copy in memory, and each change tries again.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::{fs, io, mem};

use sweetspot_core::Digest;

use super::blobs::Blobs;
use super::lock::{FolderLock, wait_until_closed};
use super::rows::{self, Rows, data_file};
use super::space::Watermark;
use super::{Commit, MemoryStore, Row, Store, StoreError, copy, files};

/// A folder with rows and blobs. Only one process can open it at a time.
#[derive(Debug)]
pub struct SledStore {
    folder: PathBuf,
    rows: RwLock<State>,
    /// The last commit. The lock is held for the whole of a commit, so that no other write occurs between its checks
    /// and its writes.
    last_commit: Mutex<Commit>,
    watermark: Watermark,
    blobs: Blobs,
    // The last field, so that it is released after sled has closed its files.
    lock: FolderLock,
}

/// The rows of a store.
#[derive(Debug)]
enum State {
    Open(Rows),
    Closed(ClosedRows),
}

/// Rows that cannot be written at present.
#[derive(Debug)]
struct ClosedRows {
    /// The rows on disk; `None` if they could not be read.
    copy: Option<MemoryStore>,
    /// Why the rows cannot be written.
    cause: String,
    /// Whether the files may contain data that is not durable although a sync of them succeeds.
    must_rewrite: bool,
    /// The commit that failed. It is on disk in full or not at all.
    failed_commit: Option<Commit>,
}

impl SledStore {
    /// Opens the store in a folder, or creates an empty one, without a minimum of free disk space.
    ///
    /// # Errors
    /// See [`Self::open_with_min_free`].
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_with_min_free(dir, 0)
    }

    /// Opens the store in a folder, or creates an empty one. It takes no new data while less than `min_free_bytes` are
    /// free on its disk. If the disk is full or read-only, the store serves a copy of its rows and refuses changes.
    ///
    /// # Errors
    /// [`StoreError::InUse`] at once if another process has the store open; [`StoreError::RowsMissing`];
    /// [`StoreError::Full`] if the rows can neither be written nor copied; or if the store is damaged.
    pub fn open_with_min_free(dir: &Path, min_free_bytes: u64) -> Result<Self, StoreError> {
        files::make_folder(dir).map_err(|error| StoreError::io(dir, "open its folder", error))?;
        let lock = FolderLock::acquire(dir)?;
        let watermark = Watermark::new(dir, min_free_bytes);
        let blobs = Blobs::new(dir, watermark.clone());
        let folder = rows_folder(dir);
        if !has_data(&data_file(&folder)) && blobs.has_any()? {
            return Err(StoreError::RowsMissing { path: dir.display().to_string() });
        }
        let opened = Rows::open(dir, &folder).and_then(|rows| blobs.prepare().map(|()| rows));
        let rows = match opened {
            Ok(rows) => State::Open(rows),
            Err(cause) if cause.is_unwritable() => State::Closed(ClosedRows::at_start(dir, cause)?),
            Err(error) => return Err(error),
        };
        let (rows, last_commit) = (RwLock::new(rows), Mutex::default());
        Ok(Self { folder: dir.to_owned(), rows, last_commit, watermark, blobs, lock })
    }

    fn rows(&self) -> RwLockReadGuard<'_, State> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_commit(&self) -> MutexGuard<'_, Commit> {
        self.last_commit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if the store cannot be changed. Opens closed rows again; if they contain the commit that failed, it becomes
    /// the last one.
    fn ensure_open(&self, last: &mut Commit) -> Result<(), StoreError> {
        let gone = || Err(StoreError::Gone { path: self.folder.display().to_string() });
        if !self.lock.is_in_place() {
            return gone();
        }
        let reopened = match &*self.rows() {
            State::Open(rows) if rows.is_in_place() => return Ok(()),
            State::Open(_) => return gone(),
            State::Closed(closed) => self.open_again(closed.must_rewrite, last, closed.failed_commit.as_ref()),
        };
        let (rows, failed_commit) = reopened.map_err(refusal)?;
        if let Some(commit) = failed_commit {
            *last = commit;
        }
        *self.rows_mut() = State::Open(rows);
        tracing::info!(store = %self.folder.display(), "the store can be written again");
        Ok(())
    }

    /// Opens closed rows, and checks that they contain the last commit, or the one that failed after it. Returns the
    /// latter if they contain it.
    fn open_again(
        &self,
        must_rewrite: bool,
        last: &Commit,
        failed: Option<&Commit>,
    ) -> Result<(Rows, Option<Commit>), StoreError> {
        let folder = rows_folder(&self.folder);
        if must_rewrite {
            wait_until_closed(&self.folder, &data_file(&folder))?;
            files::rewrite_files(&folder).map_err(|error| StoreError::io(&self.folder, "rewrite its rows", error))?;
        }
        let rows = Rows::open(&self.folder, &folder)?;
        if let Some(failed) = failed
            && rows.contain(failed)?
        {
            return Ok((rows, Some(failed.clone())));
        }
        if rows.contain(last)? {
            return Ok((rows, None));
        }
        Err(StoreError::Damaged {
            path: self.folder.display().to_string(),
            action: "open its rows",
            cause: "the last commit is missing".to_owned(),
        })
    }

    /// Closes and opens the rows after a failed commit. Succeeds if the commit is on disk nevertheless.
    fn recover(&self, failure: WriteFailure, commit: &Commit, last: &Commit) -> Result<(), StoreError> {
        let WriteFailure { error, must_rewrite } = failure;
        tracing::error!(%error, "a change could not be stored: the rows are closed and opened again");
        let closed = ClosedRows { copy: None, cause: error.to_string(), must_rewrite, failed_commit: None };
        let mut state = self.rows_mut();
        rows::close(mem::replace(&mut *state, State::Closed(closed)));
        match self.open_again(must_rewrite, last, Some(commit)) {
            Ok((rows, stored)) => {
                *state = State::Open(rows);
                stored.map_or(Err(error), |_commit| Ok(()))
            }
            Err(cause) => {
                tracing::error!(error = %cause, "changes are refused until the store can be written");
                let copy = copy::read_rows(&self.folder, &rows_folder(&self.folder));
                let copy = copy.inspect_err(|error| tracing::error!(%error, "the rows cannot be read")).ok();
                let (cause, failed_commit) = (cause.to_string(), Some(commit.clone()));
                *state = State::Closed(ClosedRows { copy, cause, must_rewrite, failed_commit });
                Err(error)
            }
        }
    }
}

/// A commit that could not be written or synced.
#[derive(Debug)]
struct WriteFailure {
    error: StoreError,
    must_rewrite: bool,
}

impl ClosedRows {
    /// Copies the rows of a store that cannot be opened for writing because of `cause`. Fails with `cause` if there are
    /// none.
    fn at_start(store: &Path, cause: StoreError) -> Result<Self, StoreError> {
        match copy::read_rows(store, &rows_folder(store)) {
            Ok(copy) => {
                tracing::warn!(error = %cause, "the store serves a copy of its rows and refuses changes");
                Ok(Self { copy: Some(copy), cause: cause.to_string(), must_rewrite: false, failed_commit: None })
            }
            Err(error) => {
                tracing::warn!(%error, "the rows of the store cannot be read either");
                Err(cause)
            }
        }
    }

    fn copy(&self) -> Result<&MemoryStore, StoreError> {
        self.copy.as_ref().ok_or_else(|| StoreError::ReadOnly { cause: self.cause.clone() })
    }
}

impl Store for SledStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match &*self.rows() {
            State::Open(rows) => Ok(rows.get(key)?.map(|value| value.to_vec())),
            State::Closed(closed) => closed.copy()?.get(key),
        }
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        match &*self.rows() {
            State::Open(rows) => rows.scan(prefix, after, limit),
            State::Closed(closed) => closed.copy()?.scan(prefix, after, limit),
        }
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        commit.check_sizes()?;
        let mut last = self.last_commit();
        self.ensure_open(&mut last)?;
        let failure = match &*self.rows() {
            State::Closed(closed) => return Err(StoreError::ReadOnly { cause: closed.cause.clone() }),
            State::Open(rows) => {
                commit.check_expectations(|key| rows.get(key))?;
                if let Err(low) = self.watermark.check(0)
                    && rows.grow_with(commit)?
                {
                    return Err(low);
                }
                write_durably(rows, commit)
            }
        };
        if let Err(failure) = failure {
            self.recover(failure, commit, &last)?;
        }
        last.clone_from(commit);
        Ok(())
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.ensure_open(&mut self.last_commit())?;
        self.blobs.put(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.blobs.get(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.blobs.remove(digest)
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        self.ensure_open(&mut self.last_commit())?;
        self.watermark.check(0)
    }
}

/// Writes and syncs a commit.
fn write_durably(rows: &Rows, commit: &Commit) -> Result<(), WriteFailure> {
    // If a full disk refuses a write, the data before it is unaffected. After any other error, and after a failed sync,
    // it is unknown what has reached the disk.
    let unwritten = |error: StoreError| WriteFailure { must_rewrite: !matches!(error, StoreError::Full { .. }), error };
    rows.write(commit).map_err(unwritten)?;
    rows.sync().map_err(|error| WriteFailure { error, must_rewrite: true })
}

/// The error of a change to a store whose rows cannot be opened for writing.
fn refusal(cause: StoreError) -> StoreError {
    if matches!(cause, StoreError::Full { .. }) { cause } else { StoreError::ReadOnly { cause: cause.to_string() } }
}

/// Whether a file exists and is not empty. If it cannot be examined, opening it will report why.
fn has_data(file: &Path) -> bool {
    match fs::metadata(file) {
        Ok(found) => found.len() > 0 || !found.is_file(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn rows_folder(store: &Path) -> PathBuf {
    store.join("rows")
}
