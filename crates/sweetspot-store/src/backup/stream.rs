//! A backup as a tar file, one part after the other.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Cursor, Read, repeat};
use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::Digest;

use super::damaged_files::BackupBlobs;
use super::file_name::FileName;
use super::manifest::{self, Manifest};
use super::{BackupError, DamagedBlobs};
use crate::inventory::Inventory;
use crate::store::journal::encode_checkpoint;
use crate::store::{BlobHold, Row, Store, StoreError};

/// The size of a block of a tar file, to which each file is padded.
const BLOCK_BYTES: u64 = 512;

/// The backup of a store at the moment at which it starts. While it exists, no blob of the store is removed.
pub struct BackupStream {
    files: VecDeque<PendingFile>,
    /// The blobs that are left out.
    skipped: DamagedBlobs,
    created: Timestamp,
    /// What remains of the current file, with its header and its padding.
    current: Box<dyn Read + Send>,
    is_ended: bool,
    hold: BlobHold,
}

/// How a backup is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupOptions {
    /// Leave out blobs that are damaged or missing. All blobs are then read twice: to find these, and to copy the others.
    pub skip_damaged: bool,
}

/// A file that is not read yet.
#[derive(Debug)]
enum PendingFile {
    Bytes(FileName, Vec<u8>),
    Blob(Digest),
}

impl BackupStream {
    /// Starts a backup: reads all rows, and finds the blobs that they name.
    ///
    /// # Errors
    /// If the store fails, or, unless the options skip it, a blob that a row needs is missing.
    pub fn start(store: Arc<dyn Store>, created: Timestamp, options: BackupOptions) -> Result<Self, BackupError> {
        let hold = BlobHold::new(store);
        let (rows, position) = hold.store().maintenance().snapshot()?;
        let journal = encode_checkpoint(&rows, position);
        let rows: Vec<Row> = rows.into_iter().map(|(key, value)| Row { key, value }).collect();
        let inventory = Inventory::new(&rows);
        let mut blobs = BackupBlobs::list(hold.store().maintenance(), &inventory)?;
        if options.skip_damaged || !blobs.causes.is_empty() {
            blobs.read_all(hold.store().maintenance())?;
        }
        let skipped = DamagedBlobs::new(&blobs.causes, &rows);
        if !options.skip_damaged && !skipped.is_empty() {
            return Err(BackupError::DamagedBlobs { files: skipped });
        }
        let bytes = blobs.existing.values().sum::<u64>() + journal.len() as u64;
        let files = blobs.existing.len() as u64 + 2;
        let manifest = Manifest::new(created, files, bytes, inventory.row_counts(), skipped.clone()).to_bytes()?;
        let (first, second) = (Digest::new(&manifest), Digest::new(&journal));
        let mut sums = BTreeMap::from([(FileName::Manifest, first), (FileName::Journal, second)]);
        sums.extend(blobs.existing.keys().map(|digest| (FileName::Blob(*digest), *digest)));
        let mut files = VecDeque::from([
            PendingFile::Bytes(FileName::Manifest, manifest),
            PendingFile::Bytes(FileName::Sums, manifest::encode_sums(sums.iter())),
            PendingFile::Bytes(FileName::Journal, journal),
        ]);
        files.extend(blobs.existing.into_keys().map(PendingFile::Blob));
        Ok(Self { files, skipped, created, current: Box::new(io::empty()), is_ended: false, hold })
    }

    /// The blobs that are left out, because they are damaged or missing.
    #[must_use]
    pub const fn skipped(&self) -> &DamagedBlobs {
        &self.skipped
    }

    /// Returns the next bytes, at most `max_bytes`; `None` after the last ones.
    ///
    /// # Errors
    /// If a blob is missing or damaged: then all blobs are read, and the error names each one that is. Or if the store
    /// fails. The bytes until then are no complete backup.
    pub fn next_part(&mut self, max_bytes: usize) -> Result<Option<Vec<u8>>, BackupError> {
        let mut part = Vec::with_capacity(max_bytes);
        match self.take(max_bytes as u64).read_to_end(&mut part) {
            Ok(_) => Ok((!part.is_empty()).then_some(part)),
            Err(error) => Err(name_damage(self.hold.store(), StoreError::from_read(error))),
        }
    }

    /// Opens the next file; after the last one, the end of the tar file.
    fn open_next(&mut self) -> io::Result<Box<dyn Read + Send>> {
        let (name, bytes, content): (_, _, Box<dyn Read + Send>) = match self.files.pop_front() {
            Some(PendingFile::Bytes(name, bytes)) => (name, bytes.len() as u64, Box::new(Cursor::new(bytes))),
            Some(PendingFile::Blob(digest)) => {
                let blob = self.hold.store().maintenance().open_blob(&digest).map_err(io::Error::other)?;
                (FileName::Blob(digest), blob.bytes, blob.content)
            }
            None => {
                self.is_ended = true;
                return Ok(Box::new(repeat(0).take(2 * BLOCK_BYTES)));
            }
        };
        let header = Cursor::new(header(name, bytes, self.created)?.as_bytes().to_vec());
        Ok(Box::new(header.chain(content).chain(repeat(0).take(bytes.next_multiple_of(BLOCK_BYTES) - bytes))))
    }
}

impl Read for BackupStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.current.read(buffer)?;
            if count > 0 || buffer.is_empty() || self.is_ended {
                return Ok(count);
            }
            self.current = self.open_next()?;
        }
    }
}

impl std::fmt::Debug for BackupStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackupStream").field("files_left", &self.files.len()).finish_non_exhaustive()
    }
}

/// Returns the error that names every damaged blob, or `error` if there is none.
fn name_damage(store: &dyn Store, error: StoreError) -> BackupError {
    match find_damage(store) {
        Ok(files) if !files.is_empty() => BackupError::DamagedBlobs { files },
        Ok(_) | Err(_) => error.into(),
    }
}

/// Reads every blob that a row names at present.
fn find_damage(store: &dyn Store) -> Result<DamagedBlobs, StoreError> {
    let rows = store.scan("", None, usize::MAX)?;
    let mut blobs = BackupBlobs::list(store.maintenance(), &Inventory::new(&rows))?;
    blobs.read_all(store.maintenance())?;
    Ok(DamagedBlobs::new(&blobs.causes, &rows))
}

fn header(name: FileName, bytes: u64, created: Timestamp) -> io::Result<tar::Header> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name.to_string())?;
    header.set_entry_type(tar::EntryType::Regular);
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(created.as_second()).unwrap_or_default());
    header.set_cksum();
    Ok(header)
}
