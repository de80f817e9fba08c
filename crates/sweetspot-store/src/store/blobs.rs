//! Blobs as files `ab/<64 hexadecimal digits>`, named by their SHA-256, which is verified on each read.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, io};

use sweetspot_core::Digest;

use super::space::Watermark;
use super::{StoreError, files};

/// A folder of blobs. Only one process can open it at a time.
#[derive(Debug)]
pub(super) struct Blobs {
    /// The folder of the store, for error messages.
    store: PathBuf,
    folder: PathBuf,
    temporary: PathBuf,
    write_count: AtomicU64,
    watermark: Watermark,
}

impl Blobs {
    /// The blobs of a store, in its folder `blobs`. Reads and writes nothing yet.
    pub(super) fn new(store: &Path, watermark: Watermark) -> Self {
        let folder = store.join("blobs");
        let temporary = folder.join("tmp");
        Self { store: store.to_owned(), folder, temporary, write_count: AtomicU64::new(0), watermark }
    }

    /// Creates the folder, and removes temporary files from writes that were interrupted.
    pub(super) fn prepare(&self) -> Result<(), StoreError> {
        let failed = |error: io::Error| StoreError::io(&self.store, "open its blobs", error);
        match fs::remove_dir_all(&self.temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
        files::make_folder(&self.folder).map_err(failed)
    }

    /// Whether there is any blob.
    pub(super) fn has_any(&self) -> Result<bool, StoreError> {
        let failed = |error: io::Error| StoreError::io(&self.store, "list its blobs", error);
        let entries = match self.folder.read_dir() {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path != self.temporary && path.is_dir() && path.read_dir().map_err(failed)?.next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the digests in the names of all blobs, in ascending order. Other files are left out.
    pub(super) fn digests(&self) -> Result<Vec<Digest>, StoreError> {
        let failed = |error: io::Error| StoreError::io(&self.store, "list its blobs", error);
        let mut digests = Vec::new();
        let folders = match self.folder.read_dir() {
            Ok(folders) => folders,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(digests),
            Err(error) => return Err(failed(error)),
        };
        for folder in folders {
            let folder = folder.map_err(failed)?.path();
            if folder.is_dir() {
                for entry in folder.read_dir().map_err(failed)? {
                    let path = entry.map_err(failed)?.path();
                    let digest = path.file_name().and_then(|name| name.to_str()?.parse().ok());
                    digests.extend(digest.filter(|digest| self.path(digest) == path));
                }
            }
        }
        digests.sort_unstable();
        Ok(digests)
    }

    /// Stores bytes. An intact copy is left unchanged; a damaged one is replaced. After an error there is no new file.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let failed = |error: io::Error| StoreError::io(&self.store, "write a blob", error);
        let digest = Digest::new(bytes);
        let place = self.path(&digest);
        if is_intact(&place, &digest) {
            // After a crash between the rename and the sync of the folder, the file is complete but its name is not
            // durable.
            place.parent().map_or(Ok(()), files::sync_folder).map_err(failed)?;
            return Ok(digest);
        }
        self.watermark.check(bytes.len())?;
        files::make_folder(&self.temporary).map_err(failed)?;
        place.parent().map_or(Ok(()), files::make_folder).map_err(failed)?;
        let number = self.write_count.fetch_add(1, Ordering::Relaxed);
        let written = files::write_atomically(&self.temporary.join(number.to_string()), &place, bytes);
        if written.is_err() {
            // Its name may not be durable, even if a further sync of the folder succeeds. The first error is the one to
            // report.
            let _removed = fs::remove_file(&place);
        }
        written.map_err(failed)?;
        Ok(digest)
    }

    /// Reads and verifies a blob.
    pub(super) fn get(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let (digest, store) = (*digest, || self.store.display().to_string());
        match fs::read(self.path(&digest)) {
            Ok(bytes) if Digest::new(&bytes) == digest => Ok(bytes),
            Ok(_) => Err(StoreError::BlobCorrupt { digest, store: store() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::BlobMissing { digest, store: store() })
            }
            Err(error) => Err(StoreError::io(&self.store, "read a blob", error)),
        }
    }

    /// Removes a blob. Has no effect if it does not exist.
    pub(super) fn remove(&self, digest: &Digest) -> Result<(), StoreError> {
        let failed = |error: io::Error| StoreError::io(&self.store, "remove a blob", error);
        let place = self.path(digest);
        match fs::remove_file(&place) {
            Ok(()) => place.parent().map_or(Ok(()), files::sync_folder).map_err(failed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        self.folder.join(name.get(..2).unwrap_or_default()).join(name)
    }
}

fn is_intact(place: &Path, digest: &Digest) -> bool {
    fs::read(place).is_ok_and(|bytes| Digest::new(&bytes) == *digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Blobs {
        let blobs = Blobs::new(folder, Watermark::new(folder, 0));
        blobs.prepare().unwrap();
        blobs
    }

    #[test]
    fn temporary_blobs_are_removed_and_intact_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = open(folder.path());
        let digest = blobs.put(b"bytes").unwrap();
        let place = blobs.path(&digest);
        assert!(place.ends_with(format!("blobs/{}/{digest}", &digest.to_string()[..2])));
        let before = fs::metadata(&place).unwrap().modified().unwrap();
        fs::write(blobs.temporary.join("7"), b"half").unwrap();
        let reopened = open(folder.path());
        assert!(!reopened.temporary.exists());
        assert_eq!(reopened.put(b"bytes").unwrap(), digest);
        assert_eq!(fs::metadata(&place).unwrap().modified().unwrap(), before);
        assert!(!reopened.temporary.exists(), "nothing was written");
    }

    #[test]
    fn a_damaged_blob_is_reported_and_can_be_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = open(folder.path());
        let digest = blobs.put(b"bytes").unwrap();
        for damage in [&b"bytez"[..], b"byte", b"", b"bytes\0"] {
            fs::write(blobs.path(&digest), damage).unwrap();
            assert!(matches!(blobs.get(&digest), Err(StoreError::BlobCorrupt { .. })));
        }
        blobs.put(b"bytes").unwrap();
        assert_eq!(blobs.get(&digest).unwrap(), b"bytes");
    }

    #[test]
    fn a_folder_in_place_of_a_blob_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = open(folder.path());
        let digest = Digest::new(b"bytes");
        fs::create_dir_all(blobs.path(&digest)).unwrap();
        assert!(matches!(blobs.put(b"bytes"), Err(StoreError::Io { .. })));
        assert!(matches!(blobs.get(&digest), Err(StoreError::Io { .. })));
        assert_eq!(fs::read_dir(&blobs.temporary).unwrap().count(), 0);
    }
}
