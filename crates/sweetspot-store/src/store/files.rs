//! Durable files: written to a temporary file, synced, and renamed; then the folder is synced.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The name of a copy that replaces a file, until it is complete.
pub(super) const REWRITTEN_FILE: &str = "rewritten";

/// Creates a folder and its parents durably.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    folder.parent().map_or(Ok(()), sync_folder)
}

/// Makes the file names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Makes the files in a folder durable, including their names.
pub(super) fn sync_files(folder: &Path) -> io::Result<()> {
    for path in files_in(folder)? {
        File::open(path)?.sync_all()?;
    }
    sync_folder(folder)
}

/// Replaces each file in a folder with a copy.
///
/// After a failed sync, the operating system may report data as written that never reached the disk, and a further sync
/// succeeds without writing it. A copy is written in full.
pub(super) fn rewrite_files(folder: &Path) -> io::Result<()> {
    for path in files_in(folder)? {
        write_atomically(&folder.join(REWRITTEN_FILE), &path, &fs::read(&path)?)?;
    }
    Ok(())
}

/// The paths of the files in a folder, without those in folders below it.
pub(super) fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}

/// Writes `bytes` to `place` by way of `temporary`, on the same file system. Durable once it returns.
pub(super) fn write_atomically(temporary: &Path, place: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = write_synced(temporary, bytes).and_then(|()| fs::rename(temporary, place));
    if written.is_err() {
        // The first error is the one to report; a remaining file is removed when the store is next opened.
        let _removed = fs::remove_file(temporary);
    }
    written?;
    place.parent().map_or(Ok(()), sync_folder)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
