//! The space that a store leaves free on its disk, so that deletions still fit when the disk fills up.

use std::io;
use std::path::{Path, PathBuf};

use super::journal::journal_file;
use super::{DiskUsage, StoreError, files};

/// The free space below which a store takes no new data.
#[derive(Clone, Debug)]
pub(super) struct FreeSpaceMinimum {
    store: PathBuf,
    min_free_bytes: u64,
}

impl FreeSpaceMinimum {
    /// Creates the minimum for the disk of the store in a folder; 0 bytes: none.
    pub(super) fn new(store: &Path, min_free_bytes: u64) -> Self {
        Self { store: store.to_owned(), min_free_bytes }
    }

    /// Fails if less space than the minimum would be free after writing this number of bytes.
    pub(super) fn check(&self, bytes: usize) -> Result<(), StoreError> {
        if self.min_free_bytes == 0 {
            return Ok(());
        }
        let free_bytes = free_bytes(&self.store)
            .map_err(|error| StoreError::io(&self.store, "measure the free space of its disk", error))?;
        let required_bytes = self.min_free_bytes.saturating_add(bytes as u64);
        if free_bytes >= required_bytes {
            return Ok(());
        }
        Err(StoreError::LowSpace { path: self.store.display().to_string(), free_bytes, required_bytes })
    }
}

/// The space on the disk of a folder that processes without special rights can use, in bytes.
#[cfg(unix)]
pub(crate) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Other systems are not asked; writes fail there once the disk is full.
#[cfg(not(unix))]
pub(crate) fn free_bytes(_folder: &Path) -> io::Result<u64> {
    Ok(u64::MAX)
}

/// Returns the space that the files besides the blobs take, and the free space. A folder that does not exist takes none.
pub(super) fn disk_usage(store: &Path, rows: &Path) -> Result<DiskUsage, StoreError> {
    let failed = |error: io::Error| StoreError::io(store, "measure the size of its files", error);
    let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let size = |path: &Path| match path.metadata() {
        Ok(found) => Ok(found.len()),
        Err(error) if is_missing(&error) => Ok(0),
        Err(error) => Err(failed(error)),
    };
    let mut row_files = 0;
    match files::files_in(rows) {
        Ok(paths) => {
            for path in paths {
                row_files += size(&path)?;
            }
        }
        Err(error) if is_missing(&error) => {}
        Err(error) => return Err(failed(error)),
    }
    let free = free_bytes(store).map_err(failed)?;
    Ok(DiskUsage { row_files, journal: size(&journal_file(store))?, free: (free < u64::MAX).then_some(free) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_refused_below_the_minimum_only() {
        let folder = tempfile::tempdir().unwrap();
        FreeSpaceMinimum::new(folder.path(), 0).check(usize::MAX).unwrap();
        FreeSpaceMinimum::new(folder.path(), 1).check(1).unwrap();
        for (min_free_bytes, bytes) in [(u64::MAX, 0), (1, usize::MAX)] {
            let error = FreeSpaceMinimum::new(folder.path(), min_free_bytes).check(bytes).unwrap_err();
            assert!(matches!(error, StoreError::LowSpace { required_bytes: u64::MAX, .. }), "{error:?}");
        }
    }
}
