//! The lock of a store's folder: only one process can hold it at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::StoreError;

/// Held while the store is open. The operating system releases it when the process ends for any reason.
#[derive(Debug)]
pub(super) struct FolderLock {
    file: File,
    path: PathBuf,
}

impl FolderLock {
    /// Acquires the lock, or fails at once.
    pub(super) fn acquire(folder: &Path) -> Result<Self, StoreError> {
        let failed = |error: io::Error| StoreError::io(folder, "lock its folder", error);
        let path = folder.join("lock");
        let file = match File::options().create(true).truncate(false).write(true).open(&path) {
            // Locking does not need write access.
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => File::open(&path),
            opened => opened,
        };
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file, path }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: folder.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Whether the folder still contains the file that is locked.
    pub(super) fn is_in_place(&self) -> bool {
        is_same_file(&self.file, &self.path)
    }
}

impl Drop for FolderLock {
    /// A process that is being started holds the file for a moment, too, so closing it might not release the lock.
    fn drop(&mut self) {
        // Otherwise, the lock is released when every process has closed the file.
        let _unlocked = self.file.unlock();
    }
}

/// Whether an open file is the one at `path`. If the operating system cannot answer, the file counts as the same.
#[cfg(unix)]
pub(super) fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(found)) => (open.dev(), open.ino()) == (found.dev(), found.ino()),
        (_, Err(error)) => error.kind() != io::ErrorKind::NotFound,
        (Err(_), Ok(_)) => true,
    }
}

/// Elsewhere, an open file cannot be deleted.
#[cfg(not(unix))]
pub(super) fn is_same_file(_file: &File, _path: &Path) -> bool {
    true
}

/// The maximum time for which a closed store may still hold its files.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Waits until no process holds a file of the store in `folder`. sled's threads hold its lock for a moment after it is
/// closed.
pub(super) fn wait_until_closed(folder: &Path, file: &Path) -> Result<(), StoreError> {
    let Ok(open) = File::open(file) else { return Ok(()) };
    let mut waited = Duration::ZERO;
    while let Err(TryLockError::WouldBlock) = open.try_lock() {
        if waited >= CLOSE_TIMEOUT {
            return Err(StoreError::InUse { path: folder.display().to_string() });
        }
        thread::sleep(POLL_INTERVAL);
        waited += POLL_INTERVAL;
    }
    Ok(())
}
