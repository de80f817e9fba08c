//! The lock of a store's folder: only one process can hold it at a time.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::StoreError;

/// Held while the store is open. The operating system releases it when the process ends for any reason.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Acquires the lock, or fails at once.
    pub(super) fn acquire(folder: &Path) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::io(folder, "lock its folder", error);
        let path = folder.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: folder.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

/// The maximum time for which a closed store may still hold its files.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(900);
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
