//! The changes of all servers, in the order of their commits.

use std::collections::BTreeSet;
use std::time::Duration;

use deadpool_postgres::Object;

use super::PostgresStore;
use super::database::TimeLimit;
use super::error::CallKind;
use super::rows;
use crate::store::{ChangeFeed, ChangedKeys, StoreError};

const READ: CallKind = CallKind { action: "read its changes", is_change: false };
/// The number of keys beyond which all are taken to have changed.
const MAX_KEYS: i64 = 10_000;
const READ_CHANGES: &str = "SELECT state.change_number, state.forgotten, change.key FROM sweetspot_state AS state
    LEFT JOIN sweetspot_change AS change ON change.number > $1 LIMIT $2";

impl ChangeFeed for PostgresStore {
    fn position(&self) -> Result<u64, StoreError> {
        Ok(self.changes_after(u64::MAX)?.0)
    }

    fn changes_after(&self, position: u64) -> Result<(u64, ChangedKeys), StoreError> {
        let (after, limit) = (i64::try_from(position).unwrap_or(i64::MAX), MAX_KEYS + 1);
        let rows = self.database.call(READ, TimeLimit::Short, async |connection: &mut Object| {
            let statement = connection.prepare_cached(READ_CHANGES).await?;
            let rows = connection.query(&statement, &[&after, &limit]).await?;
            let read = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
            rows.iter()
                .map(read)
                .collect::<Result<Vec<(i64, i64, Option<Vec<u8>>)>, tokio_postgres::Error>>()
                .map_err(Into::into)
        })?;
        let (last, forgotten) = rows.first().map_or((0, 0), |(last, forgotten, _)| (*last, *forgotten));
        let reached = u64::try_from(last).unwrap_or_default();
        // A smaller number than before is that of an older copy of the database.
        if after < forgotten || last < after || rows.len() as u64 > MAX_KEYS as u64 {
            return Ok((reached, ChangedKeys::All));
        }
        let keys = rows.into_iter().filter_map(|(_, _, key)| key).map(rows::key_text);
        Ok((reached, ChangedKeys::Some(keys.collect::<Result<BTreeSet<String>, _>>()?)))
    }

    fn wait_after(&self, position: u64, time: Duration) -> bool {
        self.database.shared().hints.wait_after(position, time)
    }
}
