//! The folder to which a backup is restored. Until it is complete, it contains a file that keeps it from being opened.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::journal::JournalContents;
use super::lock::FolderLock;
use super::opening::rows_folder;
use super::sled_rows::{self, SledRows};
use super::{StoreError, files, format};

/// The file that an incomplete store contains.
const MARKER: &str = "restoring";
/// What may be in the folder: the lock, and the folder that file systems have at their root.
const OTHER_NAMES: [&str; 2] = ["lock", "lost+found"];
/// The number of rows that are written at a time.
const BATCH_ROWS: usize = 1024;

/// A folder that is being restored, and locked.
#[derive(Debug)]
pub(crate) struct RestoreTarget {
    folder: PathBuf,
    _lock: FolderLock,
}

/// Fails if the store in a folder is not complete.
pub(super) fn check_complete(folder: &Path) -> Result<(), StoreError> {
    match fs::exists(folder.join(MARKER)) {
        Ok(false) => Ok(()),
        Ok(true) => Err(StoreError::RestoreIncomplete { path: folder.display().to_string() }),
        Err(error) => Err(StoreError::io(folder, "open its folder", error)),
    }
}

impl RestoreTarget {
    /// Prepares a new or an empty folder.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::RestoreIncomplete`], [`StoreError::InUse`], or if the folder cannot be
    /// written.
    pub(crate) fn create(folder: &Path) -> Result<Self, StoreError> {
        let failed = |error: io::Error| StoreError::io(folder, "open its folder", error);
        files::make_folder(folder).map_err(failed)?;
        let lock = FolderLock::acquire(folder)?;
        check_complete(folder)?;
        for entry in folder.read_dir().map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if !OTHER_NAMES.iter().any(|other| name == *other) {
                return Err(StoreError::NotEmpty { path: folder.display().to_string() });
            }
        }
        // The file may be empty after a crash: only its name matters.
        let text = "The restore of a backup to this folder is not complete.\n";
        fs::write(folder.join(MARKER), text).and_then(|()| files::sync_folder(folder)).map_err(failed)?;
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }

    /// Writes the rows of a journal and the format of the folder, durably. The journal is in its place already.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(crate) fn write_rows(&self, journal: JournalContents) -> Result<(), StoreError> {
        let position = journal.position();
        let writes: Vec<_> = journal.into_rows().into_iter().map(|(key, value)| (key, Some(value))).collect();
        let target = SledRows::open(&self.folder, &rows_folder(&self.folder))?;
        // A store without rows has a position, too.
        for batch in writes.chunks(BATCH_ROWS).chain([&[][..]]) {
            target.write(batch, position)?;
        }
        target.sync()?;
        format::write(&self.folder)?;
        sled_rows::close(target);
        Ok(())
    }

    /// Makes the folder a store.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub(crate) fn complete(self) -> Result<(), StoreError> {
        let removed = fs::remove_file(self.folder.join(MARKER)).and_then(|()| files::sync_folder(&self.folder));
        removed.map_err(|error| StoreError::io(&self.folder, "complete the restore", error))
    }

    /// Empties the folder again, as far as possible.
    pub(crate) fn discard(self) {
        // The error that ended the restore is the one to report. While the marker stays, the folder does not open.
        let _removed = fs::remove_dir_all(rows_folder(&self.folder));
        let _removed = fs::remove_file(self.folder.join("format"));
        let _removed = fs::remove_file(self.folder.join(MARKER));
    }
}
