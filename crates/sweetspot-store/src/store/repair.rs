//! Repairs rows and journal of a store: each of them is rebuilt from the other.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::examination::{Examination, ExaminedRows, JournalState};
use super::journal::{ChangePosition, JournalContents, Remainder, RowMap, journal_file, write_checkpoint};
use super::opening::rows_folder;
use super::sled_rows::{self, SledRows};
use super::{StoreError, files, format};

/// The number of rows that are written at a time.
const PAGE_ROWS: usize = 1024;

/// What is wrong with the rows or the journal of a store, and how to repair it.
#[derive(Debug, Default)]
pub struct RepairPlan {
    /// What is wrong with the rows; they are rebuilt.
    pub rows: Option<String>,
    /// What is wrong with the journal; it is replaced.
    pub journal: Option<String>,
    /// What is wrong with the file `format`; it is written again.
    pub format: Option<String>,
    /// What was acknowledged and cannot be rebuilt, or may not be.
    pub loss: Option<String>,
    /// The rows after the repair, and their position.
    rebuilt: Option<(RowMap, ChangePosition)>,
}

impl RepairPlan {
    /// Finds out what is wrong with a store, apart from its blobs.
    ///
    /// # Errors
    /// If neither the rows nor the journal can be rebuilt.
    pub fn new(examination: &Examination) -> Result<Self, StoreError> {
        let plan = match (&examination.journal, &examination.rows) {
            (JournalState::Read(journal), rows) => Self::with_journal(journal, rows),
            (JournalState::Missing, ExaminedRows::Read { position: None, .. })
                if is_upgraded_on_opening(examination) =>
            {
                return Ok(Self::default());
            }
            (JournalState::Missing, ExaminedRows::Missing) if examination.blob_files()?.is_empty() => {
                return Ok(Self::default());
            }
            (journal, ExaminedRows::Read { rows, position }) => {
                let (cause, newest) = match journal {
                    JournalState::Damaged { cause, newest } => (cause.clone(), *newest),
                    JournalState::Missing | JournalState::Read(_) => ("the file is missing".to_owned(), None),
                };
                Self::from_rows(rows, position.unwrap_or_else(ChangePosition::start), cause, newest)
            }
            (
                JournalState::Missing | JournalState::Damaged { .. },
                ExaminedRows::Missing | ExaminedRows::Damaged(_),
            ) => {
                return Err(StoreError::Damaged {
                    path: examination.folder().display().to_string(),
                    action: "rebuild its rows",
                    cause: "neither the rows nor the journal can be read".to_owned(),
                });
            }
        };
        let format = examination.format.as_ref().err().map(ToString::to_string);
        Ok(Self { format, ..plan })
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_none() && self.journal.is_none() && self.format.is_none()
    }

    fn with_journal(journal: &JournalContents, rows: &ExaminedRows) -> Self {
        let end = journal.position();
        let is_damaged = matches!(journal.remainder, Remainder::Damaged { .. });
        let (rows, position) = match rows {
            // A crash in a new store: opening it creates the rows.
            ExaminedRows::Missing if journal.may_precede_rows() && !is_damaged => return Self::default(),
            ExaminedRows::Missing => {
                return Self::from_journal(journal, "the file rows/db is missing or empty".to_owned());
            }
            ExaminedRows::Damaged(cause) => return Self::from_journal(journal, cause.clone()),
            ExaminedRows::Read { rows, position } => (rows, position.unwrap_or_else(ChangePosition::start)),
        };
        if position.sequence > end.sequence {
            let (cause, newest) = match journal.remainder {
                Remainder::Damaged { cause, newest } => (cause.to_owned(), newest),
                Remainder::Nothing | Remainder::Incomplete => {
                    (format!("it ends {} before the rows", changes(position.sequence - end.sequence)), None)
                }
            };
            return Self::from_rows(rows, position, cause, newest);
        }
        let missing = end.sequence - position.sequence;
        if missing == 0 && position != end {
            let plan =
                Self::from_journal(journal, "their last change is another one than that of the journal".to_owned());
            return Self { loss: Some("what only the rows contain".to_owned()), ..plan };
        }
        let is_crash = missing == 1 && journal.remainder == Remainder::Nothing && !journal.changes.is_empty();
        if missing > 0 && !is_crash {
            return Self::from_journal(journal, format!("they lack the last {} of the journal", changes(missing)));
        }
        let mut expected = journal.clone();
        if missing == 1 {
            expected.changes.pop();
        }
        let is_equal = *rows == expected.into_rows();
        match journal.remainder {
            Remainder::Damaged { cause, newest } if is_equal => {
                Self::from_rows(rows, position, cause.to_owned(), newest)
            }
            Remainder::Nothing | Remainder::Incomplete if is_equal => Self::default(),
            Remainder::Nothing | Remainder::Incomplete | Remainder::Damaged { .. } => {
                Self::from_journal(journal, "they differ from the journal".to_owned())
            }
        }
    }

    /// Rebuilds the rows from the verified part of the journal.
    fn from_journal(journal: &JournalContents, cause: String) -> Self {
        let position = journal.position();
        let (journal_cause, loss) = match journal.remainder {
            Remainder::Nothing => (None, None),
            Remainder::Incomplete => (
                Some("its last record is incomplete".to_owned()),
                Some("the change in the incomplete record, if it was acknowledged".to_owned()),
            ),
            Remainder::Damaged { cause, newest } => (Some(cause.to_owned()), Some(lost_changes(position, newest))),
        };
        let rebuilt = Some((journal.clone().into_rows(), position));
        Self { rows: Some(cause), journal: journal_cause, format: None, loss, rebuilt }
    }

    /// Creates the journal again from the rows. `newest` is the last position of which the journal still has a trace.
    fn from_rows(rows: &RowMap, position: ChangePosition, cause: String, newest: Option<ChangePosition>) -> Self {
        let is_behind = newest.is_some_and(|newest| newest.sequence > position.sequence);
        let loss = is_behind.then(|| lost_changes(position, newest));
        Self { rows: None, journal: Some(cause), format: None, loss, rebuilt: Some((rows.clone(), position)) }
    }

    /// Repairs the store in this folder. Damaged rows stay as `rows.damaged-N`, and a damaged journal as
    /// `journal.damaged-N`. Returns these paths.
    ///
    /// # Errors
    /// If a file cannot be written. The repair can be repeated then.
    pub fn apply(&self, examination: &Examination) -> Result<Vec<PathBuf>, StoreError> {
        let store = examination.folder();
        let failed = |error: io::Error| StoreError::io(store, "replace its damaged files", error);
        let _lock = examination.lock_for_repair()?;
        let mut replaced = Vec::new();
        if let Some((rebuilt, position)) = &self.rebuilt {
            if self.rows.is_some() {
                let new = store.join("rows.new");
                write_rows(store, &new, rebuilt, *position)?;
                replaced.extend(set_aside(store, &rows_folder(store)).map_err(failed)?);
                fs::rename(&new, rows_folder(store)).map_err(failed)?;
                files::sync_folder(store).map_err(failed)?;
            }
            if self.journal.is_some() {
                replaced.extend(set_aside(store, &journal_file(store)).map_err(failed)?);
                write_checkpoint(&journal_file(store), rebuilt, *position).map_err(failed)?;
            }
        }
        if self.format.is_some() {
            format::write(store)?;
        }
        Ok(replaced)
    }
}

/// Whether a store without a journal is one of a release that had none.
fn is_upgraded_on_opening(examination: &Examination) -> bool {
    matches!(examination.format, Ok(false))
}

/// The changes after a position, in words.
fn lost_changes(position: ChangePosition, newest: Option<ChangePosition>) -> String {
    let mut text = format!("the changes after number {}", position.sequence);
    if let Some(newest) = newest.filter(|newest| newest.sequence > position.sequence) {
        let _infallible = write!(text, ", at least {}", changes(newest.sequence - position.sequence));
    }
    text
}

fn changes(count: u64) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}

/// Writes rows to a new folder, durably.
fn write_rows(store: &Path, folder: &Path, rebuilt: &RowMap, position: ChangePosition) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(StoreError::io(store, "remove an unfinished folder", error));
        }
        Ok(()) | Err(_) => {}
    }
    let rows = SledRows::open(store, folder)?;
    let pairs: Vec<_> = rebuilt.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    let written = pairs.chunks(PAGE_ROWS).try_for_each(|page| rows.write(page, position));
    let synced = written.and_then(|()| rows.write(&[], position)).and_then(|()| rows.sync());
    sled_rows::close(rows);
    synced
}

/// Renames a file or folder to a name that shows the damage. Returns the new path; `None` if it does not exist.
fn set_aside(store: &Path, path: &Path) -> io::Result<Option<PathBuf>> {
    if !fs::exists(path)? {
        return Ok(None);
    }
    for number in 1_u32.. {
        let target = path.with_extension(format!("damaged-{number}"));
        if !fs::exists(&target)? {
            fs::rename(path, &target)?;
            files::sync_folder(store)?;
            return Ok(Some(target));
        }
    }
    Ok(None)
}
