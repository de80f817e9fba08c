//! Opens the rows and the journal of a store, and checks that they agree.
//!
//! A change is first appended to the journal and then written to the rows. An ordinary crash therefore leaves rows that
//! are at most one change behind, or a journal whose last record is incomplete: both are mended here. Everything else is
//! damage, and is refused. ADR 29 lists the cases.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::blobs::BlobFolder;
use super::journal::{
    self, ChangePosition, JournalContents, JournalError, JournalWriter, Remainder, RowMap, journal_file,
};
use super::journaled_rows::JournaledRows;
use super::sled_rows::{self, SledRows, data_file};
use super::{StoreError, format, row_compaction};
use crate::stored::ReadError;

/// Opens the rows and the journal of the store in a folder, or creates them.
pub(super) fn open(store: &Path, blobs: &BlobFolder) -> Result<JournaledRows, StoreError> {
    let has_format = format::check(store)?;
    remove_unfinished(store).map_err(|error| StoreError::io(store, "remove an unfinished file", error))?;
    let contents = read_journal(store)?;
    let has_rows = has_data(&data_file(&rows_folder(store)));
    let is_lost = match &contents {
        Some(contents) => !contents.may_precede_rows(),
        None => blobs.has_any()?,
    };
    if !has_rows && is_lost {
        return Err(StoreError::RowsMissing { path: store.display().to_string(), has_journal: contents.is_some() });
    }
    let (rows, mut journal) = match contents {
        Some(contents) => reconcile(store, contents)?,
        None if has_rows => upgrade(store, has_format)?,
        None => create(store)?,
    };
    if !has_format {
        format::write(store)?;
    }
    if journal.is_large() {
        journal.compact(&rows.all()?);
    }
    Ok(JournaledRows::new(store, rows, journal))
}

/// The rows that an intact journal contains, for a store that cannot be opened for writing. `None` if there is no journal,
/// or if it may lack changes that were made.
pub(super) fn read_only_rows(store: &Path) -> Result<Option<(ChangePosition, RowMap)>, StoreError> {
    let contents = read_journal(store)?;
    // Only the rows could show whether an incomplete record was ever acknowledged.
    let intact = contents.filter(|contents| contents.remainder == Remainder::Nothing);
    Ok(intact.map(|contents| (contents.position(), contents.into_rows())))
}

fn remove_unfinished(store: &Path) -> io::Result<()> {
    for name in ["journal.new", "format.new"] {
        match fs::remove_file(store.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    row_compaction::remove_new(store)
}

/// Reads the journal. Returns `None` if there is none.
fn read_journal(store: &Path) -> Result<Option<JournalContents>, StoreError> {
    match journal::read(&journal_file(store)) {
        Ok(contents) => Ok(Some(contents)),
        Err(JournalError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(JournalError::Io(error)) => Err(StoreError::io(store, "read its journal", error)),
        Err(JournalError::Message(error @ ReadError::UnknownFormat { .. })) => Err(error.into()),
        Err(error @ (JournalError::Checkpoint(_) | JournalError::Message(_))) => {
            Err(journal_damaged(store, error.to_string()))
        }
    }
}

fn create(store: &Path) -> Result<(SledRows, JournalWriter), StoreError> {
    let journal = create_journal(store, &RowMap::new())?;
    let rows = SledRows::open(store, &rows_folder(store))?;
    Ok((rows, journal))
}

/// Opens a store of a development release, which has no journal, and creates the journal from its rows.
fn upgrade(store: &Path, has_format: bool) -> Result<(SledRows, JournalWriter), StoreError> {
    let rows = SledRows::open(store, &rows_folder(store))?;
    if has_format || rows.stored_position()?.is_some() {
        return Err(journal_damaged(store, "the file is missing"));
    }
    let journal = create_journal(store, &rows.all()?)?;
    tracing::info!(store = %store.display(), "created the journal of a store of an earlier release");
    Ok((rows, journal))
}

fn create_journal(store: &Path, rows: &RowMap) -> Result<JournalWriter, StoreError> {
    JournalWriter::create(&journal_file(store), rows, ChangePosition::start())
        .map_err(|error| StoreError::io(store, "create its journal", error))
}

/// Opens the rows, and makes them and the journal agree after an ordinary crash.
fn reconcile(store: &Path, contents: JournalContents) -> Result<(SledRows, JournalWriter), StoreError> {
    if let Remainder::Damaged { cause, newest: _ } = contents.remainder {
        return Err(journal_damaged(store, cause));
    }
    let failed = |error| StoreError::io(store, "open its journal", error);
    let rows = SledRows::open(store, &rows_folder(store))?;
    let position = rows.position()?;
    let mut journal = JournalWriter::open(&journal_file(store), &contents).map_err(failed)?;
    let missing = missing_changes(store, position, &contents)?;
    let is_incomplete = contents.remainder == Remainder::Incomplete;
    let mut expected = contents;
    let change = if missing == 1 { expected.changes.pop() } else { None };
    if rows.all()? != expected.into_rows() {
        return Err(StoreError::Damaged {
            path: store.display().to_string(),
            action: "open its rows",
            cause: "they differ from the journal".to_owned(),
        });
    }
    if is_incomplete {
        journal.truncate().map_err(failed)?;
        tracing::info!(store = %store.display(), "removed the incomplete last record of the journal");
    }
    if let Some(change) = change {
        if let Err(error) = rows.write(&change.writes, change.position).and_then(|()| rows.sync()) {
            sled_rows::close(rows);
            return Err(error);
        }
        tracing::info!(store = %store.display(), "wrote the last change of the journal to the rows");
    }
    Ok((rows, journal))
}

/// The number of changes in the journal that rows at `position` lack: 0 or 1. Fails if it is larger, or if the journal
/// does not contain all changes of the rows.
fn missing_changes(store: &Path, position: ChangePosition, contents: &JournalContents) -> Result<u64, StoreError> {
    let end = contents.position();
    let Some(missing) = end.sequence.checked_sub(position.sequence) else {
        let changes = position.sequence.saturating_sub(end.sequence);
        return Err(journal_damaged(store, format!("it lacks the last changes of the rows: {changes}")));
    };
    let known = match (missing, contents.changes.as_slice()) {
        (0, _) => Some(end),
        (1, [.., before, _]) => Some(before.position),
        (1, [_]) => Some(contents.checkpoint),
        (_, _) => None,
    };
    // No record is appended, and no checkpoint is written, before the rows contain the change before.
    if known.is_none() || missing == 1 && contents.remainder != Remainder::Nothing {
        return Err(StoreError::RowsBehind { path: store.display().to_string(), changes: missing });
    }
    if known != Some(position) {
        return Err(journal_damaged(store, "its changes are not those of the rows"));
    }
    Ok(missing)
}

fn journal_damaged(store: &Path, cause: impl Into<String>) -> StoreError {
    StoreError::JournalDamaged { path: store.display().to_string(), cause: cause.into() }
}

/// Whether a file exists and is not empty. If it cannot be examined, opening it will report why.
pub(super) fn has_data(file: &Path) -> bool {
    match fs::metadata(file) {
        Ok(found) => found.len() > 0 || !found.is_file(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

pub(super) fn rows_folder(store: &Path) -> PathBuf {
    store.join("rows")
}
