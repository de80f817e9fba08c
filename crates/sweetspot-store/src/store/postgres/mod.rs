//! The store in a PostgreSQL database, which several servers can use at a time.
//!
//! Each commit is one call of a function of the database, which checks the lease and the expectations and writes the
//! rows in one transaction. Connections are made again by themselves; until then, calls fail at once.

mod blobs;
mod changes;
mod database;
mod error;
mod hints;
mod leases;
mod monitor;
mod removals;
mod rows;
mod schema;
mod tls;
mod url;

use std::fmt;
use std::sync::Arc;

use deadpool_postgres::Object;
use sweetspot_core::Digest;

use self::database::{Database, TimeLimit};
use self::error::CallKind;
use self::removals::{BlobHolds, RemovalChoice};
use super::journal::{ChangePosition, RowMap};
use super::{
    BlobFile, BlobReader, ChangeFeed, Commit, DatabaseUrl, DiskUsage, LeaseAccess, MaintenanceAccess, Row, Store,
    StoreError,
};

/// Rows and blobs in a database.
pub struct PostgresStore {
    database: Arc<Database>,
    holds: BlobHolds,
}

impl PostgresStore {
    /// Opens the store in a database, and creates its tables if there are none.
    ///
    /// # Errors
    /// [`StoreError::DatabaseUrl`] if the URL cannot be used; [`StoreError::Unreachable`] if the database does not answer
    /// or refuses the credentials; [`StoreError::NewerFormat`] if a newer release created the tables.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let store = Self::start(url)?;
        store.wait_until_open()?;
        Ok(store)
    }

    /// Opens the store in a database that need not answer yet. Until it does, all calls fail with
    /// [`StoreError::Unreachable`].
    ///
    /// # Errors
    /// [`StoreError::DatabaseUrl`] if the URL cannot be used.
    pub fn start(url: &DatabaseUrl) -> Result<Self, StoreError> {
        Ok(Self { database: Arc::new(Database::start(url)?), holds: BlobHolds::default() })
    }

    /// Waits until the database has answered for the first time, at most 10 seconds.
    ///
    /// # Errors
    /// See [`Self::open`].
    pub fn wait_until_open(&self) -> Result<(), StoreError> {
        self.database.wait_until_open()
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Store for PostgresStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        rows::get(&self.database, key)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        rows::scan(&self.database, prefix, after, limit)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        rows::commit(&self.database, commit)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        blobs::put(&self.database, bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        blobs::get(&self.database, digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        removals::remove(&self.database, &[*digest], RemovalChoice::All).map(drop)
    }

    fn discard_removed_rows(&self) -> Result<(), StoreError> {
        rows::discard_removed(&self.database)
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        const CHECK: &str = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool";
        let kind = CallKind { action: "check whether it can be written", is_change: false };
        let is_read_only = self.database.call(kind, TimeLimit::Short, async |connection: &mut Object| {
            Ok(connection.query_one(CHECK, &[]).await?.try_get::<_, bool>(0)?)
        })?;
        if is_read_only {
            return Err(StoreError::ReadOnly {
                cause: format!("{}: the database is read-only", self.database.shared().store),
            });
        }
        Ok(())
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self
    }

    fn leases(&self) -> &dyn LeaseAccess {
        self
    }

    fn changes(&self) -> Option<&dyn ChangeFeed> {
        Some(self)
    }
}

impl MaintenanceAccess for PostgresStore {
    fn snapshot(&self) -> Result<(RowMap, ChangePosition), StoreError> {
        // A backup is a checkpoint without a history, as that of a new store.
        Ok((rows::all(&self.database)?, ChangePosition::start()))
    }

    fn list_blobs(&self, first_byte: u8) -> Result<Vec<BlobFile>, StoreError> {
        blobs::list(&self.database, first_byte)
    }

    fn open_blob(&self, digest: &Digest) -> Result<BlobReader, StoreError> {
        blobs::open(&self.database, digest)
    }

    fn remove_old_blobs(&self, digests: &[Digest]) -> Result<Vec<Digest>, StoreError> {
        removals::remove(&self.database, digests, RemovalChoice::Old)
    }

    fn hold_blobs(&self) {
        self.holds.hold(&self.database);
    }

    fn release_blobs(&self) {
        // Blobs that remain are removed by the next removal.
        if let Err(error) = self.holds.release(&self.database) {
            tracing::warn!(%error, "cannot remove blobs after a backup");
        }
    }

    fn disk_usage(&self) -> Result<DiskUsage, StoreError> {
        const MEASURE: &str =
            "SELECT pg_total_relation_size('sweetspot_row'), pg_total_relation_size('sweetspot_change')";
        let kind = CallKind { action: "measure its size", is_change: false };
        let sizes = self.database.call(kind, TimeLimit::Short, async |connection: &mut Object| {
            let row = connection.query_one(MEASURE, &[]).await?;
            Ok([row.try_get::<_, i64>(0)?, row.try_get(1)?])
        })?;
        let [row_files, journal] = sizes.map(|bytes| u64::try_from(bytes).unwrap_or_default());
        Ok(DiskUsage { row_files, journal, free: None })
    }
}
