//! Rows: reads of one moment, and commits in one transaction.

use deadpool_postgres::Object;
use sweetspot_core::Digest;
use tokio_postgres::types::Type;

use super::database::{Database, TimeLimit};
use super::error::{CallError, CallKind};
use crate::store::journal::RowMap;
use crate::store::{Commit, Row, StoreError};

/// The number of rows beyond which a list may take long.
const MANY_ROWS: usize = 1024;
const READ: CallKind = CallKind { action: "read rows", is_change: false };
const WRITE: CallKind = CallKind { action: "write rows", is_change: true };
const GET: &str = "SELECT value FROM sweetspot_row WHERE key = $1";
const SCAN: &str =
    "SELECT key, value FROM sweetspot_row WHERE key >= $1 AND key < $2 AND key > $3 ORDER BY key LIMIT $4";
const SCAN_START: &str = "SELECT key, value FROM sweetspot_row WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3";
const COMMIT: &str = "SELECT sweetspot_commit($1, $2, $3, $4, $5, $6)";

/// Returns the row with this key.
pub(super) fn get(database: &Database, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    database.call(READ, TimeLimit::Short, async |connection| {
        let statement = connection.prepare_cached(GET).await?;
        let row = connection.query_opt(&statement, &[&key.as_bytes()]).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    })
}

/// Returns rows; see [`crate::store::Store::scan`].
pub(super) fn scan(
    database: &Database,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let time = if limit <= MANY_ROWS { TimeLimit::Short } else { TimeLimit::Long };
    // No byte of UTF-8 is 255, so that this is greater than every key with the prefix, and less than all others.
    let end = [prefix.as_bytes(), &[u8::MAX]].concat();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<(Vec<u8>, Vec<u8>)> = database.call(READ, time, async |connection| {
        let found = if let Some(after) = after {
            let statement = connection.prepare_cached(SCAN).await?;
            connection.query(&statement, &[&prefix.as_bytes(), &end, &after.as_bytes(), &limit]).await?
        } else {
            let statement = connection.prepare_cached(SCAN_START).await?;
            connection.query(&statement, &[&prefix.as_bytes(), &end, &limit]).await?
        };
        found.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    })?;
    rows.into_iter().map(|(key, value)| Ok(Row { key: key_text(key)?, value })).collect()
}

/// Returns all rows of one moment.
pub(super) fn all(database: &Database) -> Result<RowMap, StoreError> {
    Ok(scan(database, "", None, usize::MAX)?.into_iter().map(|row| (row.key, row.value)).collect())
}

/// Returns a key as text.
pub(super) fn key_text(key: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(key).map_err(|source| StoreError::Backend { action: "read a key", source: source.into() })
}

/// Checks all expectations and writes all rows; see [`crate::store::Store::commit`].
pub(super) fn commit(database: &Database, commit: &Commit) -> Result<(), StoreError> {
    commit.check_sizes()?;
    let (lease, number) = match &commit.lease {
        Some(lease) => (Some(lease.name.as_str()), i64::try_from(lease.number).unwrap_or(i64::MAX)),
        None => (None, 0),
    };
    let (expected_keys, expected_values): (Vec<&[u8]>, Vec<Option<&[u8]>>) =
        commit.expectations.iter().map(|(key, value)| (key.as_bytes(), value.as_deref())).unzip();
    let (written_keys, written_values): (Vec<&[u8]>, Vec<Option<&[u8]>>) =
        commit.last_writes().map(|(key, value)| (key.as_bytes(), value)).unzip();
    let answer: String = database.call(WRITE, TimeLimit::Short, async |connection: &mut Object| {
        let types =
            [Type::TEXT, Type::INT8, Type::BYTEA_ARRAY, Type::BYTEA_ARRAY, Type::BYTEA_ARRAY, Type::BYTEA_ARRAY];
        let statement = connection.prepare_typed_cached(COMMIT, &types).await?;
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
            [&lease, &number, &expected_keys, &expected_values, &written_keys, &written_values];
        Ok::<_, CallError>(connection.query_one(&statement, &parameters).await?.try_get(0)?)
    })?;
    match answer.split_at_checked(1) {
        None => Ok(()),
        Some(("L", _)) => Err(StoreError::LeaseLost { name: lease.unwrap_or_default().to_owned() }),
        Some((_, digits)) => Err(StoreError::Conflict { key: key_text(from_hexadecimal(digits))? }),
    }
}

fn from_hexadecimal(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// Removes what the tables contain of rows that were replaced or removed, and the list of changed keys.
pub(super) fn discard_removed(database: &Database) -> Result<(), StoreError> {
    const FORGET: &str = "UPDATE sweetspot_state SET forgotten = change_number";
    const TRIM: &str = "DELETE FROM sweetspot_change WHERE number <= (SELECT forgotten FROM sweetspot_state)";
    let discard = CallKind { action: "rewrite its rows", is_change: false };
    database.call(discard, TimeLimit::Long, async |connection| {
        connection.batch_execute(FORGET).await?;
        connection.batch_execute(TRIM).await?;
        // It must not be in a transaction, so it is a statement of its own.
        connection.batch_execute("VACUUM (FULL) sweetspot_row").await?;
        connection.batch_execute("VACUUM (FULL) sweetspot_change").await?;
        Ok(connection.batch_execute("VACUUM sweetspot_blob_part").await?)
    })
}

/// Reads the digest of a blob.
pub(super) fn digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    let digits = b"0123456789abcdef";
    let digit = |value: u8| digits.get(usize::from(value)).map_or(' ', |digit| char::from(*digit));
    let text: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    text.parse().map_err(|source| StoreError::Backend { action: "read a digest", source: Box::new(source) })
}
