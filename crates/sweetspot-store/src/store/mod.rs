//! A store of small rows that are committed together, and of large immutable blobs named by their SHA-256.
//!
//! The store deals with keys and bytes; their meaning is up to the caller.

mod blobs;
mod change_feed;
mod cleanup;
mod commit;
mod error;
mod examination;
pub(crate) mod files;
mod format;
mod held_lease;
pub mod idempotency;
pub mod journal;
mod journaled_rows;
pub(crate) mod json_format;
mod lease;
mod local_cache;
mod location;
mod lock;
mod maintenance;
mod memory;
mod object_url;
#[cfg(feature = "object-store")]
mod objects;
mod opening;
#[cfg(feature = "postgres")]
mod postgres;
mod read_only_rows;
mod removal_gate;
mod repair;
mod restore_target;
mod row_compaction;
mod row_kind;
mod sled;
mod sled_rows;
pub(crate) mod space;
mod verified_reader;

use std::fmt;

use sweetspot_core::Digest;

pub use self::change_feed::{ChangeFeed, ChangedKeys};
pub use self::commit::{Commit, Row};
pub use self::error::StoreError;
pub use self::examination::{Examination, ExaminedRows, JournalState};
pub use self::held_lease::HeldLease;
pub use self::idempotency::{RequestError, RequestKey};
pub use self::lease::{LeaseAccess, LeaseToken};
pub use self::local_cache::LocalCache;
pub use self::location::{DatabaseUrl, StoreLocation};
pub use self::maintenance::{BlobFile, BlobHold, BlobReader, DiskUsage, MaintenanceAccess};
pub use self::memory::MemoryStore;
pub use self::object_url::{InvalidObjectUrl, ObjectScheme, ObjectUrl, check_blobs_are_with_rows};
#[cfg(feature = "object-store")]
pub use self::objects::ObjectBlobStore;
#[cfg(feature = "postgres")]
pub use self::postgres::PostgresStore;
pub use self::repair::RepairPlan;
pub(crate) use self::restore_target::RestoreTarget;
pub use self::row_kind::{DigestReference, RowKind, find_digests};
pub use self::sled::SledStore;

/// The maximum size of a row in bytes: sled stores larger values outside its pages, where they are not durable.
pub const MAX_ROW_BYTES: usize = 2048;

/// A store of rows and blobs. All methods are synchronous and may access the disk.
pub trait Store: fmt::Debug + Send + Sync {
    /// Returns the row with this key.
    ///
    /// # Errors
    /// If the backend fails.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns up to `limit` rows whose keys start with `prefix` and come after `after`, in ascending order of their
    /// keys. All of them are of one moment: no commit takes effect between them.
    ///
    /// # Errors
    /// If the backend fails.
    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// Checks the lease and all expectations, then writes all rows, atomically. Durable once it returns.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if an expectation does not hold; [`StoreError::LeaseLost`]; [`StoreError::RowTooLarge`];
    /// or if the backend fails.
    fn commit(&self, commit: &Commit) -> Result<(), StoreError>;

    /// Stores bytes under their digest. Durable once it returns. Idempotent. Commit a row that names the digest within
    /// an hour: later, it may be removed as one that no row names.
    ///
    /// # Errors
    /// If the backend fails.
    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError>;

    /// Returns the bytes of a digest, verified against it.
    ///
    /// # Errors
    /// [`StoreError::BlobMissing`], [`StoreError::BlobCorrupt`], or if the backend fails.
    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError>;

    /// Removes the bytes of a digest. Durable once it returns, or, during a [`BlobHold`], once that ends. Has no effect
    /// if they do not exist.
    ///
    /// # Errors
    /// If the backend fails.
    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError>;

    /// Rewrites the files of the rows, so that they contain no bytes of rows that were replaced or removed. Durable once
    /// it returns.
    ///
    /// # Errors
    /// If the backend fails. The rows are unchanged in any case.
    fn discard_removed_rows(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Checks whether the store can be changed: whether its folder is in place, its rows can be written, and its disk
    /// has space. Tries to open rows that could not be written before.
    ///
    /// # Errors
    /// The error that a change would return now.
    fn check_writable(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Returns the maintenance of the store.
    fn maintenance(&self) -> &dyn MaintenanceAccess;

    /// Returns the leases of the store.
    fn leases(&self) -> &dyn LeaseAccess;

    /// Returns the changes of the store. `None` if this process alone can use it.
    fn changes(&self) -> Option<&dyn ChangeFeed> {
        None
    }
}
