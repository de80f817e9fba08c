//! Creates the tables of a store, and checks their format.

use tokio_postgres::Client;

use super::error::CallError;
use crate::store::StoreError;

/// The format of the tables that this release reads and writes.
const FORMAT: i32 = 1;
const CREATE: &str = include_str!("schema.sql");
/// The lock of those who create the tables. A number that no other program is likely to use.
const CREATION_LOCK: &str = "SELECT pg_advisory_xact_lock(1398227539)";
const FIND: &str = "SELECT to_regclass('sweetspot_state') IS NOT NULL";

/// Creates the tables if they do not exist.
///
/// # Errors
/// [`StoreError::NewerFormat`] if a newer release created them; or if they cannot be created.
pub(super) async fn prepare(client: &mut Client, store: &str) -> Result<(), CallError> {
    let is_found = |row: tokio_postgres::Row| row.try_get::<_, bool>(0);
    if !is_found(client.query_one(FIND, &[]).await?)? {
        let transaction = client.transaction().await?;
        transaction.batch_execute(CREATION_LOCK).await?;
        if !is_found(transaction.query_one(FIND, &[]).await?)? {
            transaction.batch_execute(CREATE).await?;
            tracing::info!(store, "created the tables of the store");
        }
        transaction.commit().await?;
    }
    let found: i32 = client.query_one("SELECT format FROM sweetspot_state", &[]).await?.try_get(0)?;
    if found == FORMAT {
        return Ok(());
    }
    let found = u32::try_from(found).unwrap_or_default();
    Err(CallError::Store(StoreError::NewerFormat { path: store.to_owned(), found }))
}
