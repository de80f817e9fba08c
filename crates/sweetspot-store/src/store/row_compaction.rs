//! Replaces the files of the rows with new ones: sled appends, so that its files contain rows that were removed.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::journal::{ChangePosition, RowMap};
use super::lock::wait_until_closed;
use super::opening::rows_folder;
use super::sled_rows::{self, SledRows, data_file};
use super::{StoreError, files};

/// The folder of the new files, and then of the old ones, until they are removed.
pub(super) const NEW_FOLDER: &str = "rows.new";

/// Writes the rows to new files, durably. The current ones stay in use.
pub(super) fn write_new(store: &Path, all: &RowMap, position: ChangePosition) -> Result<(), StoreError> {
    let folder = new_folder(store);
    remove_new(store).map_err(|error| StoreError::io(store, "remove unfinished rows", error))?;
    let rows = SledRows::open(store, &folder)?;
    let writes: Vec<_> = all.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    let written = rows.write(&writes, position).and_then(|()| rows.sync());
    sled_rows::close(rows);
    written?;
    wait_until_closed(store, &data_file(&folder))?;
    files::sync_files(&folder).map_err(|error| StoreError::io(store, "sync its rows", error))
}

/// Puts the new files in the place of the current ones, which must be closed, and removes those. Durable once it
/// returns.
pub(super) fn exchange(store: &Path) -> Result<(), StoreError> {
    wait_until_closed(store, &data_file(&rows_folder(store)))?;
    exchange_folders(&rows_folder(store), &new_folder(store))
        .and_then(|()| files::sync_folder(store))
        .and_then(|()| remove_new(store))
        .map_err(|error| StoreError::io(store, "replace its rows", error))
}

/// Removes what an interrupted replacement left: new files that are not in place, or old ones that are no longer.
pub(super) fn remove_new(store: &Path) -> io::Result<()> {
    match fs::remove_dir_all(new_folder(store)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Err(_) => Ok(()),
        Ok(()) => files::sync_folder(store),
    }
}

fn new_folder(store: &Path) -> PathBuf {
    store.join(NEW_FOLDER)
}

/// Exchanges two folders in one step, so that there are rows at any time.
#[cfg(target_os = "linux")]
fn exchange_folders(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Exchanges two folders. If the process ends in between, `store repair` makes the rows again from the journal.
#[cfg(not(target_os = "linux"))]
fn exchange_folders(one: &Path, other: &Path) -> io::Result<()> {
    let between = one.with_extension("old");
    fs::rename(one, &between)?;
    fs::rename(other, one)?;
    fs::rename(&between, other)
}
