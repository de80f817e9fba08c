//! Removal of blobs, in turn with everything that needs them, whatever server it runs on.
//!
//! Two locks of the database order it. A removal holds the first alone, and a put shares it: a blob that is being stored
//! is not removed. A backup shares the second until it ends: removals during it are recorded, and made afterwards.

use std::sync::{Mutex, PoisonError};

use deadpool_postgres::Object;
use sweetspot_core::Digest;
use tokio_postgres::Client;

use super::database::{Database, TimeLimit};
use super::error::{CallError, CallKind};
use super::rows;
use crate::store::StoreError;

const REMOVE: CallKind = CallKind { action: "remove a blob", is_change: true };
const HOLD: CallKind = CallKind { action: "hold its blobs", is_change: false };
/// Shares the lock of removals for the rest of a transaction. The second number differs between the schemas of a
/// database, because its locks are common to them.
pub(super) const SHARE_REMOVALS: &str = "SELECT pg_advisory_xact_lock_shared(1398227540, hashtext(current_schema()))";
const BLOCK_REMOVALS: &str = "SELECT pg_advisory_xact_lock(1398227540, hashtext(current_schema()))";
const SHARE_HOLD: &str = "SELECT pg_advisory_lock_shared(1398227541, hashtext(current_schema()))";
const TRY_HOLD: &str = "SELECT pg_try_advisory_xact_lock(1398227541, hashtext(current_schema()))";
const DEFER: &str = "INSERT INTO sweetspot_blob_removal (digest) SELECT unnest($1::bytea[]) ON CONFLICT DO NOTHING";
const FIND_OLD: &str = "SELECT digest FROM sweetspot_blob
    WHERE digest = ANY($1) AND stored < clock_timestamp() - interval '1 hour'";
const REMOVE_PARTS: &str =
    "DELETE FROM sweetspot_blob_part WHERE digest IN (SELECT digest FROM sweetspot_blob_removal)";
const REMOVE_BLOBS: &str = "DELETE FROM sweetspot_blob WHERE digest IN (SELECT digest FROM sweetspot_blob_removal)";
const CLEAR: &str = "DELETE FROM sweetspot_blob_removal";

/// Which of some blobs to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RemovalChoice {
    /// All.
    All,
    /// Those that no server stored within the last hour.
    Old,
}

/// Removes blobs, or records them for the end of the last hold. Returns their digests.
pub(super) fn remove(
    database: &Database,
    digests: &[Digest],
    choice: RemovalChoice,
) -> Result<Vec<Digest>, StoreError> {
    let named: Vec<&[u8]> = digests.iter().map(|digest| digest.as_bytes().as_slice()).collect();
    let removed = database.call(REMOVE, TimeLimit::Long, async |connection: &mut Object| {
        let transaction = connection.transaction().await?;
        transaction.batch_execute(BLOCK_REMOVALS).await?;
        let chosen: Vec<Vec<u8>> = if choice == RemovalChoice::Old {
            let rows = transaction.query(FIND_OLD, &[&named]).await?;
            rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?
        } else {
            named.iter().map(|name| name.to_vec()).collect()
        };
        transaction.execute(DEFER, &[&chosen]).await?;
        remove_deferred(&transaction).await?;
        transaction.commit().await?;
        Ok(chosen)
    })?;
    removed.iter().map(|digest| rows::digest(digest)).collect()
}

/// Removes the recorded blobs, unless there is a hold. The caller holds the lock of removals.
async fn remove_deferred(transaction: &deadpool_postgres::Transaction<'_>) -> Result<(), CallError> {
    if transaction.query_one(TRY_HOLD, &[]).await?.try_get(0)? {
        for statement in [REMOVE_PARTS, REMOVE_BLOBS, CLEAR] {
            transaction.batch_execute(statement).await?;
        }
    }
    Ok(())
}

/// The holds of this process, which share a session.
#[derive(Default)]
pub(super) struct BlobHolds(Mutex<HoldState>);

#[derive(Default)]
struct HoldState {
    count: usize,
    /// The session that has the lock. `None` if there is no hold, or if it could not be made.
    session: Option<Client>,
}

impl BlobHolds {
    /// Begins a hold. If the database fails, a blob may be missing to the caller, which reports that.
    pub(super) fn hold(&self, database: &Database) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.count += 1;
        if state.session.is_some() {
            return;
        }
        match open_session(database) {
            Ok(session) => state.session = Some(session),
            Err(error) => tracing::warn!(%error, "blobs may be removed while they are read"),
        }
    }

    /// Ends a hold. The last one to end removes the recorded blobs.
    pub(super) fn release(&self, database: &Database) -> Result<(), StoreError> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.count = state.count.saturating_sub(1);
        if state.count > 0 {
            return Ok(());
        }
        if let Some(session) = state.session.take() {
            const UNLOCK: &str = "SELECT pg_advisory_unlock_all()";
            database.block_on(|| async move { session.batch_execute(UNLOCK).await })?.map_err(|error| {
                // The end of the session releases the lock.
                HOLD.failed(&database.shared().store, error.into())
            })?;
        }
        drop(state);
        remove(database, &[], RemovalChoice::All).map(drop)
    }
}

fn open_session(database: &Database) -> Result<Client, StoreError> {
    let shared = database.shared();
    let opened = database.block_on(|| async move {
        let (client, connection) = shared.config.connect(shared.tls.clone()).await?;
        // It ends with the client.
        tokio::spawn(connection);
        client.batch_execute(SHARE_HOLD).await?;
        Ok::<_, tokio_postgres::Error>(client)
    })?;
    opened.map_err(|error| HOLD.failed(&shared.store, error.into()))
}
