//! A store whose rows are in another store, and whose blobs are objects of an object store.
//!
//! The rows decide which object contains a blob: see [`blob_rows`]. So the order of puts, removals and backups is that of
//! their commits, whatever server they run on, and the object store needs neither locks nor conditions (ADR 43).

mod blob_rows;
mod connect;
mod error;
mod holds;
mod http_client;
mod identity;
mod object_folder;
mod puts;
mod reads;
mod removals;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use object_store::ObjectStore;
use object_store::path::Path;
use sweetspot_core::Digest;

use self::holds::ObjectHolds;
use self::object_folder::ObjectFolder;
use self::removals::RemovalScope;
use super::journal::{ChangePosition, RowMap};
use super::{
    BlobFile, BlobReader, ChangeFeed, Commit, DiskUsage, LeaseAccess, MaintenanceAccess, ObjectUrl, Row, Store,
    StoreError,
};
use crate::clock::{Clock, SystemClock};

/// The start of the keys of all rows that only this module uses.
const OBJECTS_PREFIX: &str = "objects/";
/// The number of attempts at a commit that other servers may forestall.
const MAX_ATTEMPTS: usize = 16;

/// Rows in another store, and blobs in an object store.
pub struct ObjectBlobStore {
    rows: Arc<dyn Store>,
    objects: Arc<ObjectFolder>,
    clock: Arc<dyn Clock>,
    holds: ObjectHolds,
    /// Whether the rows are known to contain the name of the store.
    is_named: AtomicBool,
    /// Whether the objects are known to be those of the rows.
    is_checked: AtomicBool,
}

impl ObjectBlobStore {
    /// A store with these rows, and with its blobs at this address. Neither need answer yet. The credentials come from
    /// the environment.
    ///
    /// # Errors
    /// [`StoreError::ObjectUrl`] if the address or the environment cannot be used.
    pub fn new(rows: Arc<dyn Store>, url: &ObjectUrl) -> Result<Self, StoreError> {
        let (client, path) = connect::connect(url)?;
        Self::with_client(rows, client, path, url.to_string())
    }

    /// A store with these rows, and with its blobs in a folder of any object store. `store` names it in errors.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn with_client(
        rows: Arc<dyn Store>,
        client: Arc<dyn ObjectStore>,
        path: Path,
        store: String,
    ) -> Result<Self, StoreError> {
        let objects = Arc::new(ObjectFolder::new(client, path, store)?);
        let (clock, holds) = (Arc::new(SystemClock), ObjectHolds::default());
        let (is_named, is_checked) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { rows, objects, clock, holds, is_named, is_checked })
    }

    /// Makes a commit. Returns whether its expectations held.
    fn try_commit(&self, commit: &Commit) -> Result<bool, StoreError> {
        match self.rows.commit(commit) {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            // A blob without a row that names it changes nothing.
            Err(StoreError::Undecided { store, cause }) => Err(StoreError::Unreachable { store, cause }),
            Err(error) => Err(error),
        }
    }
}

/// Whether a row is one that only this module uses.
fn is_hidden(key: &str) -> bool {
    key.starts_with(OBJECTS_PREFIX)
}

impl Store for ObjectBlobStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if is_hidden(key) { Ok(None) } else { self.rows.get(key) }
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        if is_hidden(prefix) {
            return Ok(Vec::new());
        }
        if !OBJECTS_PREFIX.starts_with(prefix) {
            return self.rows.scan(prefix, after, limit);
        }
        // All rows of one moment: a second call could return those of a later one.
        let mut rows = self.rows.scan(prefix, after, usize::MAX)?;
        rows.retain(|row| !is_hidden(&row.key));
        rows.truncate(limit);
        Ok(rows)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        // A store with rows and without a name is one whose blobs are with its rows.
        self.ensure_named()?;
        self.rows.commit(commit)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.put(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.read(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.remove(&[*digest], RemovalScope::All).map(drop)
    }

    fn discard_removed_rows(&self) -> Result<(), StoreError> {
        self.rows.discard_removed_rows()
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        self.rows.check_writable()?;
        self.check_answers()
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self
    }

    fn leases(&self) -> &dyn LeaseAccess {
        self.rows.leases()
    }

    fn changes(&self) -> Option<&dyn ChangeFeed> {
        self.rows.changes()
    }
}

impl MaintenanceAccess for ObjectBlobStore {
    fn snapshot(&self) -> Result<(RowMap, ChangePosition), StoreError> {
        let (mut rows, position) = self.rows.maintenance().snapshot()?;
        rows.retain(|key, _| !is_hidden(key));
        Ok((rows, position))
    }

    fn list_blobs(&self, first_byte: u8) -> Result<Vec<BlobFile>, StoreError> {
        self.list(first_byte)
    }

    fn open_blob(&self, digest: &Digest) -> Result<BlobReader, StoreError> {
        self.open(digest)
    }

    fn remove_old_blobs(&self, digests: &[Digest]) -> Result<Vec<Digest>, StoreError> {
        self.remove(digests, RemovalScope::Old)
    }

    fn hold_blobs(&self) {
        self.begin_hold();
    }

    fn release_blobs(&self) {
        // Blobs that remain are removed by the next removal.
        if let Err(error) = self.end_hold() {
            tracing::warn!(%error, "cannot remove blobs after a backup");
        }
    }

    fn disk_usage(&self) -> Result<DiskUsage, StoreError> {
        self.rows.maintenance().disk_usage()
    }
}

impl fmt::Debug for ObjectBlobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectBlobStore")
            .field("rows", &self.rows)
            .field("objects", &self.objects)
            .finish_non_exhaustive()
    }
}
