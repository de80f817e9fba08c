//! What is kept: small rows that change together, and large immutable blobs named by their SHA-256.
//!
//! Callers think in keys and bytes; what the bytes mean is theirs.

mod blobs;
mod commit;
mod error;
mod files;
mod lock;
mod memory;
pub mod requests;
mod sled;
mod unfinished;

use std::fmt;

use sweetspot_core::Digest;

pub use self::commit::{Commit, Row};
pub use self::error::StoreError;
pub use self::memory::MemoryStore;
pub use self::requests::{RequestError, RequestKey};
pub use self::sled::SledStore;

/// The largest row, in bytes: larger values leave sled's pages and with them its durability.
pub const MAX_ROW_BYTES: usize = 2048;

/// Rows and blobs. Every method is synchronous and may touch the disk.
pub trait Store: fmt::Debug + Send + Sync {
    /// The row under a key.
    ///
    /// # Errors
    /// Where the backend fails.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Up to `limit` rows whose keys start with `prefix` and come after `after`, in ascending order of their keys.
    ///
    /// # Errors
    /// Where the backend fails.
    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// Checks every expectation, then writes every row: all of it or nothing. Durable once it returns.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where an expectation does not hold; [`StoreError::RowTooLarge`]; where the backend fails.
    fn commit(&self, commit: &Commit) -> Result<(), StoreError>;

    /// Keeps bytes under their digest. Durable once it returns; keeping the same bytes again changes nothing.
    ///
    /// # Errors
    /// Where the backend fails.
    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError>;

    /// The bytes of a digest, checked against it.
    ///
    /// # Errors
    /// [`StoreError::BlobMissing`], [`StoreError::BlobCorrupt`], or where the backend fails.
    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError>;

    /// Removes the bytes of a digest. Durable once it returns; removing what is not there changes nothing.
    ///
    /// # Errors
    /// Where the backend fails.
    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError>;
}
