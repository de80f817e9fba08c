//! Blobs as files `ab/<64 hexadecimal digits>`, named by their SHA-256, which is verified on each read.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, io};

use sweetspot_core::Digest;

use super::removal_gate::RemovalGate;
use super::space::FreeSpaceMinimum;
use super::verified_reader::VerifiedReader;
use super::{BlobFile, BlobReader, StoreError, files};

/// A folder of blobs. Only one process can open it at a time.
#[derive(Debug)]
pub(super) struct BlobFolder {
    /// The folder of the store, for error messages.
    store: PathBuf,
    folder: PathBuf,
    temporary: PathBuf,
    write_count: AtomicU64,
    min_free: FreeSpaceMinimum,
    removals: RemovalGate,
}

impl BlobFolder {
    /// The blobs of a store, in its folder `blobs`. Reads and writes nothing yet.
    pub(super) fn new(store: &Path, min_free: FreeSpaceMinimum) -> Self {
        let folder = store.join("blobs");
        let temporary = folder.join("tmp");
        Self {
            store: store.to_owned(),
            folder,
            temporary,
            write_count: AtomicU64::new(0),
            min_free,
            removals: RemovalGate::default(),
        }
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

    /// Stores bytes. An intact copy is left unchanged; a damaged one is replaced. After an error there is no new file.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let failed = |error: io::Error| StoreError::io(&self.store, "write a blob", error);
        let digest = Digest::new(bytes);
        self.removals.record_put(&digest);
        let place = self.path(&digest);
        if is_intact(&place, &digest) {
            // After a crash between the rename and the sync of the folder, the file is complete but its name is not
            // durable.
            place.parent().map_or(Ok(()), files::sync_folder).map_err(failed)?;
            return Ok(digest);
        }
        self.min_free.check(bytes.len())?;
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

    /// Removes a blob, or during a hold once that ends. Has no effect if it does not exist.
    pub(super) fn remove(&self, digest: &Digest) -> Result<(), StoreError> {
        self.removals.remove(&[*digest], |digest| self.remove_file(digest))?;
        self.sync_folders(&[*digest])
    }

    /// Removes blobs as [`super::MaintenanceAccess::remove_old_blobs`] does.
    pub(super) fn remove_old(&self, digests: &[Digest]) -> Result<Vec<Digest>, StoreError> {
        let removed = self.removals.remove_old(digests, |digest| self.remove_file(digest))?;
        self.sync_folders(&removed)?;
        Ok(removed)
    }

    /// Defers removals until [`Self::release`].
    pub(super) fn hold(&self) {
        self.removals.hold();
    }

    /// Ends a hold.
    pub(super) fn release(&self) -> Result<(), StoreError> {
        let mut removed = Vec::new();
        self.removals.release(|digest| {
            removed.push(*digest);
            self.remove_file(digest)
        })?;
        self.sync_folders(&removed)
    }

    /// Lists blobs as [`super::MaintenanceAccess::list_blobs`] does. Other files are left out.
    pub(super) fn list(&self, first_byte: u8) -> Result<Vec<BlobFile>, StoreError> {
        let failed = |error: io::Error| StoreError::io(&self.store, "list its blobs", error);
        let entries = match self.folder.join(format!("{first_byte:02x}")).read_dir() {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut blobs = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let digest = entry.file_name().to_str().and_then(|name| name.parse::<Digest>().ok());
            let Some(digest) = digest.filter(|digest| digest.first_byte() == first_byte) else { continue };
            match entry.metadata() {
                Ok(found) => {
                    let modified = found.modified().ok().and_then(|time| time.try_into().ok());
                    blobs.push(BlobFile { digest, bytes: found.len(), modified });
                }
                // Removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
        blobs.sort_unstable_by_key(|blob| blob.digest);
        Ok(blobs)
    }

    /// Opens a blob, which is verified while it is read.
    pub(super) fn open(&self, digest: &Digest) -> Result<BlobReader, StoreError> {
        let store = || self.store.display().to_string();
        let opened = File::open(self.path(digest)).and_then(|file| Ok((file.metadata()?.len(), file)));
        match opened {
            Ok((bytes, file)) => {
                Ok(BlobReader { bytes, content: Box::new(VerifiedReader::new(file, *digest, store())) })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::BlobMissing { digest: *digest, store: store() })
            }
            Err(error) => Err(StoreError::io(&self.store, "read a blob", error)),
        }
    }

    /// Removes the file of a blob, if it exists. Its removal is not durable yet.
    fn remove_file(&self, digest: &Digest) -> Result<(), StoreError> {
        match fs::remove_file(self.path(digest)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io(&self.store, "remove a blob", error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Makes the removal of these blobs durable.
    fn sync_folders(&self, digests: &[Digest]) -> Result<(), StoreError> {
        let folders: BTreeSet<PathBuf> =
            digests.iter().filter_map(|digest| Some(self.path(digest).parent()?.to_owned())).collect();
        for folder in folders {
            match files::sync_folder(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::io(&self.store, "remove a blob", error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
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

    fn open(folder: &Path) -> BlobFolder {
        let blobs = BlobFolder::new(folder, FreeSpaceMinimum::new(folder, 0));
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
