//! Reads the rows of a store whose disk cannot be written.
//!
//! sled writes files whenever it opens. Therefore the files of the rows are copied to a folder elsewhere, opened there,
//! and read into memory; then the copy is removed. This takes the size of the folder `rows` for a moment.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use super::rows::{self, Rows, data_file};
use super::{Commit, MemoryStore, Row, Store as _, StoreError, files};

/// The folder in memory that Linux offers to all processes, also in a container whose root is read-only.
const MEMORY_FOLDER: &str = "/dev/shm";
/// The number of rows read at a time.
const PAGE: usize = 1024;

/// Returns the rows in `folder`. `store` is the folder of the store, for error messages.
pub(super) fn read_rows(store: &Path, folder: &Path) -> Result<MemoryStore, StoreError> {
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for place in [PathBuf::from(MEMORY_FOLDER), env::temp_dir()] {
        match copy_files(folder, &place) {
            Ok(copy) => return read_copy(store, copy.path()),
            Err(error) => failure = error,
        }
    }
    Err(StoreError::io(store, "copy its rows", failure))
}

/// Copies the files of a folder to a temporary folder in `place`.
fn copy_files(folder: &Path, place: &Path) -> io::Result<tempfile::TempDir> {
    // Fails if the rows have not been created yet.
    fs::metadata(data_file(folder))?;
    let copy = tempfile::tempdir_in(place)?;
    for path in files::files_in(folder)? {
        fs::copy(&path, copy.path().join(path.file_name().unwrap_or_default()))?;
    }
    Ok(copy)
}

fn read_copy(store: &Path, copy: &Path) -> Result<MemoryStore, StoreError> {
    let (copied, rows) = (Rows::open(store, copy)?, MemoryStore::new());
    let mut after = None::<String>;
    loop {
        let page = copied.scan("", after.as_deref(), PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        let writes = page.into_iter().map(|Row { key, value }| (key, Some(value))).collect();
        rows.commit(&Commit { expectations: Vec::new(), writes })?;
    }
    rows::close(copied);
    Ok(rows)
}
