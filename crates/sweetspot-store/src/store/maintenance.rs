//! What maintenance needs from a store beyond single rows and blobs: lists, sizes, and a say in removals.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::Digest;

use super::journal::{ChangePosition, RowMap};
use super::{Store, StoreError};

/// A stored blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobFile {
    /// The SHA-256 that it was stored under. Its bytes may be damaged.
    pub digest: Digest,
    /// Its size in bytes.
    pub bytes: u64,
    /// The time at which it was written. `None` if the file system does not know.
    pub modified: Option<Timestamp>,
}

/// The bytes of a blob, one part after the other.
pub struct BlobReader {
    /// The number of bytes.
    pub bytes: u64,
    /// The bytes. The last read fails if they do not match the digest: [`StoreError::from_read`] returns why.
    pub content: Box<dyn Read + Send>,
}

impl fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobReader").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// The space that a store takes besides its blobs, and the space that is left. All sizes are in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskUsage {
    /// The size of the files that contain the rows.
    pub row_files: u64,
    /// The size of the journal; 0 if there is none.
    pub journal: u64,
    /// The free space of the disk. `None` if the system does not know.
    pub free: Option<u64>,
}

/// The maintenance of a store.
pub trait MaintenanceAccess: fmt::Debug + Send + Sync {
    /// Returns all rows of one moment, and their position in the journal.
    ///
    /// # Errors
    /// If the backend fails.
    fn snapshot(&self) -> Result<(RowMap, ChangePosition), StoreError>;

    /// Returns the blobs whose digest begins with this byte, in ascending order.
    ///
    /// # Errors
    /// If the backend fails.
    fn list_blobs(&self, first_byte: u8) -> Result<Vec<BlobFile>, StoreError>;

    /// Opens the bytes of a digest. They are verified while they are read.
    ///
    /// # Errors
    /// [`StoreError::BlobMissing`], or if the backend fails.
    fn open_blob(&self, digest: &Digest) -> Result<BlobReader, StoreError>;

    /// Removes blobs that no row names, except those that this process stored within the last hour: a row may be about
    /// to name them. Returns the digests of the others. Durable once it returns, or, during a [`BlobHold`], once that
    /// ends.
    ///
    /// # Errors
    /// If the backend fails.
    fn remove_old_blobs(&self, digests: &[Digest]) -> Result<Vec<Digest>, StoreError>;

    /// Defers all removals of blobs until [`Self::release_blobs`]; see [`BlobHold`].
    fn hold_blobs(&self);

    /// Ends a hold; see [`BlobHold`].
    fn release_blobs(&self);

    /// Returns the space that the store takes besides its blobs, and the free space.
    ///
    /// # Errors
    /// If the backend fails.
    fn disk_usage(&self) -> Result<DiskUsage, StoreError>;
}

/// While it exists, no blob is removed; removals wait for its end.
#[derive(Debug)]
pub struct BlobHold {
    store: Arc<dyn Store>,
}

impl BlobHold {
    /// Begins a hold.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        store.maintenance().hold_blobs();
        Self { store }
    }

    /// The store whose blobs are held.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }
}

impl Drop for BlobHold {
    fn drop(&mut self) {
        self.store.maintenance().release_blobs();
    }
}
