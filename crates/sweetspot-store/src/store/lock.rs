//! One process at a time has a store's folder.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::StoreError;

/// Held as long as the store is open; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock, or refuses at once.
    pub(super) fn take(folder: &Path) -> Result<Self, StoreError> {
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

/// How long a store that was just closed may go on holding its files.
const CLOSING: Duration = Duration::from_millis(900);
const STEP: Duration = Duration::from_millis(5);

/// Waits until no process holds a file of the store in `folder`. sled's threads outlive it for a moment and keep its lock
/// meanwhile.
pub(super) fn wait_until_closed(folder: &Path, file: &Path) -> Result<(), StoreError> {
    let Ok(open) = File::open(file) else { return Ok(()) };
    let mut waited = Duration::ZERO;
    while let Err(TryLockError::WouldBlock) = open.try_lock() {
        if waited >= CLOSING {
            return Err(StoreError::InUse { path: folder.display().to_string() });
        }
        thread::sleep(STEP);
        waited += STEP;
    }
    Ok(())
}
