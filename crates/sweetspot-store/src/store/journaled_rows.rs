//! The rows and the journal of a store, while they can be changed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::journal::{ChangePosition, JournalWriter, RowMap, Undo};
use super::sled_rows::{self, SledRows};
use super::{Commit, StoreError};
use crate::clock::{Clock as _, SystemClock};

/// The rows and the journal, at the same position.
#[derive(Debug)]
pub(super) struct JournaledRows {
    /// The folder of the store.
    store: PathBuf,
    pub(super) rows: SledRows,
    journal: Mutex<JournalWriter>,
}

/// Why a change was not acknowledged.
#[derive(Debug)]
pub(super) enum CommitFailure {
    /// The store is as before. The change was not made, except perhaps after a restart if further ones are refused.
    Journal(StoreError),
    /// The journal contains the change, and the rows accept no further ones.
    Rows(RowsFailure),
}

/// A change in the journal that could not be written to the rows, or not synced.
#[derive(Debug)]
pub(super) struct RowsFailure {
    pub(super) error: StoreError,
    /// Whether the files may contain data that is not durable although a sync of them succeeds.
    pub(super) must_rewrite: bool,
    /// How to remove the change from the journal.
    pub(super) undo: Undo,
}

impl JournaledRows {
    pub(super) fn new(store: &Path, rows: SledRows, journal: JournalWriter) -> Self {
        Self { store: store.to_owned(), rows, journal: Mutex::new(journal) }
    }

    fn journal(&self) -> MutexGuard<'_, JournalWriter> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The position of the last change.
    pub(super) fn position(&self) -> ChangePosition {
        self.journal().position()
    }

    /// Returns all rows and their position. No commit may run meanwhile.
    pub(super) fn snapshot(&self) -> Result<(RowMap, ChangePosition), StoreError> {
        Ok((self.rows.all()?, self.position()))
    }

    /// Replaces the journal with a checkpoint of the rows. No commit may run meanwhile.
    pub(super) fn replace_journal(&self) -> Result<(), StoreError> {
        self.replace(&mut self.journal())
    }

    /// Fails if a file is not in its place. Replaces the journal if that failed before.
    pub(super) fn ensure_writable(&self) -> Result<(), StoreError> {
        let mut journal = self.journal();
        if journal.must_replace() {
            self.replace(&mut journal)?;
        }
        if self.rows.is_in_place() && journal.is_in_place() {
            return Ok(());
        }
        Err(StoreError::Gone { path: self.store.display().to_string() })
    }

    /// Appends a change to the journal, and then writes it to the rows. Durable once it returns.
    pub(super) fn commit(&self, commit: &Commit) -> Result<(), CommitFailure> {
        let mut journal = self.journal();
        let undo = journal.append(commit, SystemClock.now()).map_err(|error| {
            let error = StoreError::io(&self.store, "write its journal", error);
            CommitFailure::Journal(if journal.must_replace() { self.replace_after(&mut journal, error) } else { error })
        })?;
        self.write_rows(commit, journal.position())
            .map_err(|(error, must_rewrite)| CommitFailure::Rows(RowsFailure { error, must_rewrite, undo }))?;
        if journal.is_large() {
            match self.rows.all() {
                Ok(rows) => journal.compact(&rows),
                Err(error) => tracing::warn!(%error, "the journal could not be made smaller"),
            }
        }
        Ok(())
    }

    fn write_rows(&self, commit: &Commit, position: ChangePosition) -> Result<(), (StoreError, bool)> {
        // If a full disk refuses a write, the data before it is unaffected. After any other error, and after a failed
        // sync, it is unknown what has reached the disk.
        let unwritten = |error: StoreError| {
            let must_rewrite = !matches!(error, StoreError::Full { .. });
            (error, must_rewrite)
        };
        self.rows.write(&commit.writes, position).map_err(unwritten)?;
        self.rows.sync().map_err(|error| (error, true))
    }

    /// Replaces the journal after an append that failed with `error`. Returns the error of the change.
    fn replace_after(&self, journal: &mut JournalWriter, error: StoreError) -> StoreError {
        tracing::error!(%error, "a change could not be stored: the journal is replaced");
        match self.replace(journal) {
            Ok(()) => error,
            Err(cause) => {
                tracing::error!(error = %cause, "changes are refused until the journal can be replaced");
                error.into_undecided("sync its journal")
            }
        }
    }

    fn replace(&self, journal: &mut JournalWriter) -> Result<(), StoreError> {
        let rows = self.rows.all()?;
        journal.replace(&rows).map_err(|error| StoreError::io(&self.store, "replace its journal", error))
    }

    /// Closes the rows. Returns the journal.
    pub(super) fn close(self) -> JournalWriter {
        let Self { store: _, rows, journal } = self;
        sled_rows::close(rows);
        journal.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
