//! Reads everything in a store's folder without changing it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use sweetspot_core::Digest;

use super::blobs::BlobFolder;
use super::journal::{self, ChangePosition, JournalContents, JournalError, RowMap, journal_file};
use super::lock::FolderLock;
use super::opening::{has_data, rows_folder};
use super::sled_rows::{self, SledRows, data_file};
use super::space::FreeSpaceMinimum;
use super::{BlobFile, StoreError, files, format, restore_target};
use crate::stored::ReadError;

/// What a store's folder contains. No other process can open the store meanwhile.
#[derive(Debug)]
pub struct Examination {
    /// Whether there is a file `format`, or why it cannot be read.
    pub format: Result<bool, StoreError>,
    /// The journal.
    pub journal: JournalState,
    /// The rows.
    pub rows: ExaminedRows,
    folder: PathBuf,
    blobs: BlobFolder,
    /// `None` if there is no file to lock: it is not created by an examination.
    lock: Option<FolderLock>,
}

/// The journal of a store.
#[derive(Debug)]
pub enum JournalState {
    /// There is no file.
    Missing,
    /// Nothing in it can be verified.
    Damaged {
        /// A description of the damage.
        cause: String,
        /// The position after the last record that is whole by itself.
        newest: Option<ChangePosition>,
    },
    /// Its beginning, at least, is intact.
    Read(JournalContents),
}

/// The rows of a store.
#[derive(Debug)]
pub enum ExaminedRows {
    /// There is no file with rows.
    Missing,
    /// The rows cannot be read, for this reason.
    Damaged(String),
    /// The rows, which are intact by themselves.
    Read {
        /// All rows, by key.
        rows: RowMap,
        /// Their position in the journal; `None` if a release without a journal wrote them.
        position: Option<ChangePosition>,
    },
}

impl Examination {
    /// Reads a store's folder. The rows are copied to the folder of temporary files, because reading them changes them.
    ///
    /// # Errors
    /// [`StoreError::InUse`]; [`StoreError::NewerFormat`]; or if the folder does not exist or cannot be read.
    pub fn new(store: &Path) -> Result<Self, StoreError> {
        let failed = |error: io::Error| StoreError::io(store, "open its folder", error);
        fs::read_dir(store).map_err(failed)?;
        let has_lock = fs::exists(store.join("lock")).map_err(failed)?;
        let lock = if has_lock { Some(FolderLock::acquire(store)?) } else { None };
        restore_target::check_complete(store)?;
        let format = match format::check(store) {
            Err(error @ StoreError::NewerFormat { .. }) => return Err(error),
            found => found,
        };
        let (journal, rows) = (read_journal(store)?, read_rows(store)?);
        if !has_lock && matches!((&format, &journal, &rows), (Ok(false), JournalState::Missing, ExaminedRows::Missing))
        {
            return Err(failed(io::Error::new(io::ErrorKind::NotFound, "it contains no store")));
        }
        let blobs = BlobFolder::new(store, FreeSpaceMinimum::new(store, 0));
        Ok(Self { format, journal, rows, folder: store.to_owned(), blobs, lock })
    }

    /// Locks the folder if that was not possible without creating the file to lock.
    pub(super) fn lock_for_repair(&self) -> Result<Option<FolderLock>, StoreError> {
        self.lock.is_none().then(|| FolderLock::acquire(&self.folder)).transpose()
    }

    /// The folder of the store.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns all blobs in ascending order, without reading them.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn blob_files(&self) -> Result<Vec<BlobFile>, StoreError> {
        let lists: Result<Vec<_>, _> = (0..=u8::MAX).map(|first_byte| self.blobs.list(first_byte)).collect();
        Ok(lists?.into_iter().flatten().collect())
    }

    /// Returns the bytes of a blob, verified against its digest.
    ///
    /// # Errors
    /// [`StoreError::BlobMissing`], [`StoreError::BlobCorrupt`], or if the file cannot be read.
    pub fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.blobs.get(digest)
    }
}

fn read_journal(store: &Path) -> Result<JournalState, StoreError> {
    let failed = |error: io::Error| StoreError::io(store, "read its journal", error);
    let bytes = match fs::read(journal_file(store)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(JournalState::Missing),
        Err(error) => return Err(failed(error)),
    };
    match journal::read_bytes(&bytes) {
        Ok(contents) => Ok(JournalState::Read(contents)),
        Err(JournalError::Io(error)) => Err(failed(error)),
        Err(JournalError::Message(error @ ReadError::UnknownFormat { .. })) => Err(error.into()),
        Err(error @ (JournalError::Checkpoint(_) | JournalError::Message(_))) => {
            Ok(JournalState::Damaged { cause: error.to_string(), newest: journal::newest_position(&bytes) })
        }
    }
}

fn read_rows(store: &Path) -> Result<ExaminedRows, StoreError> {
    let folder = rows_folder(store);
    if !has_data(&data_file(&folder)) {
        return Ok(ExaminedRows::Missing);
    }
    let failed = |error: io::Error| StoreError::io(store, "copy its rows", error);
    // sled writes files whenever it opens.
    let copy = tempfile::tempdir().map_err(failed)?;
    for path in files::files_in(&folder).map_err(failed)? {
        fs::copy(&path, copy.path().join(path.file_name().unwrap_or_default())).map_err(failed)?;
    }
    let rows = match SledRows::open(store, copy.path()) {
        Ok(rows) => rows,
        Err(error) => return damaged(error),
    };
    let read = rows.stored_position().and_then(|position| Ok((rows.all()?, position)));
    sled_rows::close(rows);
    match read {
        Ok((rows, position)) => Ok(ExaminedRows::Read { rows, position }),
        Err(error) => damaged(error),
    }
}

/// The rows that an error reports as damaged; other errors do not come from their contents.
fn damaged(error: StoreError) -> Result<ExaminedRows, StoreError> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "only two of the many errors are about contents")]
    match error {
        StoreError::Damaged { cause, .. } => Ok(ExaminedRows::Damaged(cause)),
        StoreError::Message(ReadError::Decode { .. } | ReadError::Field(_)) => {
            Ok(ExaminedRows::Damaged("their position in the journal cannot be decoded".to_owned()))
        }
        other => Err(other),
    }
}
