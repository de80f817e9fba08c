//! The store on disk: rows in sled, a journal of their changes, and blobs as separate files.
//!
//! If rows cannot be written or synced, they are closed and opened again: the store then contains what is on its disk.
//! While they cannot be opened for writing, reads are answered from the rows in the journal, and each change tries
//! again.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use sweetspot_core::Digest;

use super::blobs::BlobFolder;
use super::journal::{ChangePosition, RowMap};
use super::journaled_rows::{CommitFailure, JournaledRows, RowsFailure};
use super::lease::LocalLeases;
use super::lock::FolderLock;
use super::opening::rows_folder;
use super::read_only_rows::ReadOnlyRows;
use super::space::{self, FreeSpaceMinimum};
use super::{
    BlobFile, BlobReader, Commit, DiskUsage, LeaseAccess, MaintenanceAccess, Row, Store, StoreError, files, opening,
    restore_target, row_compaction,
};

/// A folder with rows, their journal, and blobs. Only one process can open it at a time.
#[derive(Debug)]
pub struct SledStore {
    folder: PathBuf,
    state: RwLock<State>,
    /// Held for the whole of a commit, so that no other write occurs between its checks and its writes.
    commit_lock: Mutex<()>,
    min_free: FreeSpaceMinimum,
    blobs: BlobFolder,
    leases: LocalLeases,
    // The last field, so that it is released after sled has closed its files.
    lock: FolderLock,
}

/// The rows of a store.
#[derive(Debug)]
enum State {
    Writable(JournaledRows),
    ReadOnly(ReadOnlyRows),
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
    /// free on its disk. If the disk is full or read-only, the store serves the rows in its journal and refuses changes.
    ///
    /// # Errors
    /// [`StoreError::InUse`] at once if another process has the store open; [`StoreError::RowsMissing`],
    /// [`StoreError::RowsBehind`] or [`StoreError::JournalDamaged`] if rows or journal are not what was last
    /// acknowledged; [`StoreError::NewerFormat`]; [`StoreError::RestoreIncomplete`]; [`StoreError::Full`] if the rows can
    /// neither be written nor read from the journal; or if the store is damaged.
    pub fn open_with_min_free(dir: &Path, min_free_bytes: u64) -> Result<Self, StoreError> {
        files::make_folder(dir).map_err(|error| StoreError::io(dir, "open its folder", error))?;
        let lock = FolderLock::acquire(dir)?;
        restore_target::check_complete(dir)?;
        let min_free = FreeSpaceMinimum::new(dir, min_free_bytes);
        let blobs = BlobFolder::new(dir, min_free.clone());
        let opened = opening::open(dir, &blobs).and_then(|rows| blobs.prepare().map(|()| rows));
        let state = match opened {
            Ok(writable) => State::Writable(writable),
            Err(cause) if cause.is_unwritable() => State::ReadOnly(ReadOnlyRows::at_start(dir, cause)?),
            Err(error) => return Err(error),
        };
        let (state, commit_lock) = (RwLock::new(state), Mutex::default());
        Ok(Self { folder: dir.to_owned(), state, commit_lock, min_free, blobs, leases: LocalLeases::default(), lock })
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit_lock(&self) -> MutexGuard<'_, ()> {
        self.commit_lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if the store cannot be changed. Opens read-only rows for writing. The caller holds the commit lock.
    fn ensure_open(&self) -> Result<(), StoreError> {
        if !self.lock.is_in_place() {
            return Err(StoreError::Gone { path: self.folder.display().to_string() });
        }
        let opened = match &*self.state() {
            State::Writable(writable) => return writable.ensure_writable().map_err(refusal),
            State::ReadOnly(read_only) => read_only.open_again(&self.folder, &self.blobs),
        };
        *self.state_mut() = State::Writable(opened.map_err(refusal)?);
        tracing::info!(store = %self.folder.display(), "the store can be written again");
        Ok(())
    }

    /// Closes and opens the rows after a failed commit. Succeeds if they contain the change then, because it is in the
    /// journal.
    fn recover(&self, failure: RowsFailure) -> Result<(), StoreError> {
        let RowsFailure { error, must_rewrite, undo } = failure;
        tracing::error!(%error, "a change could not be stored: the rows are closed and opened again");
        let mut state = self.state_mut();
        let mut read_only = ReadOnlyRows::new(error.to_string(), must_rewrite);
        let State::Writable(writable) = mem::replace(&mut *state, State::ReadOnly(read_only.clone())) else {
            return Err(error);
        };
        let before = undo.position;
        let mut journal = writable.close();
        read_only.accept(journal.position());
        let cause = match read_only.open_again(&self.folder, &self.blobs) {
            Ok(writable) => {
                *state = State::Writable(writable);
                return Ok(());
            }
            Err(cause) => cause,
        };
        read_only.accept(before);
        // A disk that had no space for the rows does not contain the whole change, and the change is not made.
        let is_removed = matches!(error, StoreError::Full { .. }) && !must_rewrite && journal.remove_last(undo).is_ok();
        if is_removed && let Ok(writable) = read_only.open_again(&self.folder, &self.blobs) {
            *state = State::Writable(writable);
            return Err(error);
        }
        tracing::error!(error = %cause, "changes are refused until the store can be written");
        read_only.read_journal(&self.folder);
        *state = State::ReadOnly(read_only);
        Err(if is_removed { error } else { error.into_undecided("write its rows") })
    }
}

impl Store for SledStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match &*self.state() {
            State::Writable(writable) => Ok(writable.rows.get(key)?.map(|value| value.to_vec())),
            State::ReadOnly(read_only) => read_only.rows()?.get(key),
        }
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        match &*self.state() {
            State::Writable(writable) => writable.rows.scan(prefix, after, limit),
            State::ReadOnly(read_only) => read_only.rows()?.scan(prefix, after, limit),
        }
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        commit.check_sizes()?;
        let _alone = self.commit_lock();
        self.ensure_open()?;
        let failure = match &*self.state() {
            State::ReadOnly(read_only) => return Err(read_only.refusal()),
            State::Writable(writable) => {
                self.leases.check(commit.lease.as_ref())?;
                commit.check_expectations(|key| writable.rows.get(key))?;
                if let Err(low) = self.min_free.check(0)
                    && writable.rows.grow_with(commit)?
                {
                    return Err(low);
                }
                if commit.writes.is_empty() {
                    return Ok(());
                }
                match writable.commit(commit) {
                    Ok(()) => return Ok(()),
                    Err(CommitFailure::Journal(error)) => return Err(error),
                    Err(CommitFailure::Rows(failure)) => failure,
                }
            }
        };
        self.recover(failure)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        {
            let _alone = self.commit_lock();
            self.ensure_open()?;
        }
        self.blobs.put(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.blobs.get(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.blobs.remove(digest)
    }

    fn discard_removed_rows(&self) -> Result<(), StoreError> {
        let _alone = self.commit_lock();
        self.ensure_open()?;
        let mut state = self.state_mut();
        let State::Writable(writable) = &*state else { return Ok(()) };
        let (rows, position) = writable.snapshot()?;
        writable.replace_journal()?;
        row_compaction::write_new(&self.folder, &rows, position)?;
        let mut read_only = ReadOnlyRows::new("its rows are being replaced".to_owned(), false);
        read_only.accept(position);
        if let State::Writable(writable) = mem::replace(&mut *state, State::ReadOnly(read_only.clone())) {
            writable.close();
        }
        let exchanged = row_compaction::exchange(&self.folder);
        match read_only.open_again(&self.folder, &self.blobs) {
            Ok(writable) => {
                *state = State::Writable(writable);
                exchanged
            }
            Err(cause) => {
                tracing::error!(error = %cause, "changes are refused until the store can be written");
                read_only.read_journal(&self.folder);
                *state = State::ReadOnly(read_only);
                Err(cause)
            }
        }
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        {
            let _alone = self.commit_lock();
            self.ensure_open()?;
        }
        self.min_free.check(0)
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self
    }

    fn leases(&self) -> &dyn LeaseAccess {
        &self.leases
    }
}

impl MaintenanceAccess for SledStore {
    fn snapshot(&self) -> Result<(RowMap, ChangePosition), StoreError> {
        let _unchanged = self.commit_lock();
        match &*self.state() {
            State::Writable(writable) => writable.snapshot(),
            State::ReadOnly(read_only) => {
                let in_journal = opening::read_only_rows(&self.folder)?;
                let (position, rows) = in_journal.ok_or_else(|| read_only.refusal())?;
                Ok((rows, position))
            }
        }
    }

    fn list_blobs(&self, first_byte: u8) -> Result<Vec<BlobFile>, StoreError> {
        self.blobs.list(first_byte)
    }

    fn open_blob(&self, digest: &Digest) -> Result<BlobReader, StoreError> {
        self.blobs.open(digest)
    }

    fn remove_old_blobs(&self, digests: &[Digest]) -> Result<Vec<Digest>, StoreError> {
        self.blobs.remove_old(digests)
    }

    fn hold_blobs(&self) {
        self.blobs.hold();
    }

    fn release_blobs(&self) {
        // Blobs that remain are removed by the next collection of garbage.
        if let Err(error) = self.blobs.release() {
            tracing::warn!(%error, "cannot remove blobs after a backup");
        }
    }

    fn disk_usage(&self) -> Result<DiskUsage, StoreError> {
        space::disk_usage(&self.folder, &rows_folder(&self.folder))
    }
}

/// The error of a change to a store whose rows or journal cannot be written.
fn refusal(cause: StoreError) -> StoreError {
    if matches!(cause, StoreError::Full { .. } | StoreError::Gone { .. }) {
        return cause;
    }
    StoreError::ReadOnly { cause: cause.to_string() }
}
