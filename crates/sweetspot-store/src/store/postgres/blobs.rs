//! Blobs in parts of 1 MiB, named by their SHA-256, which is verified on each read.

use std::io::{self, Read};
use std::sync::Arc;

use deadpool_postgres::{GenericClient, Object};
use jiff::Timestamp;
use sweetspot_core::{Digest, DigestBuilder};

use super::database::{Database, TimeLimit};
use super::error::{CallError, CallKind};
use super::removals::SHARE_REMOVALS;
use super::rows;
use crate::store::verified_reader::VerifiedReader;
use crate::store::{BlobFile, BlobReader, StoreError};

/// The maximum size of a part, in bytes.
const PART_BYTES: usize = 1 << 20;
const READ: CallKind = CallKind { action: "read a blob", is_change: false };
/// A blob without a row that names it changes nothing.
const WRITE: CallKind = CallKind { action: "write a blob", is_change: false };
const LIST: CallKind = CallKind { action: "list its blobs", is_change: false };
const GET_PART: &str = "SELECT content FROM sweetspot_blob_part WHERE digest = $1 AND part = $2";
const INSERT: &str = "INSERT INTO sweetspot_blob (digest, bytes, stored) VALUES ($1, $2, clock_timestamp())
    ON CONFLICT (digest) DO NOTHING";
const TOUCH: &str = "UPDATE sweetspot_blob SET stored = clock_timestamp(), bytes = $2 WHERE digest = $1";
const INSERT_PART: &str = "INSERT INTO sweetspot_blob_part (digest, part, content) VALUES ($1, $2, $3)";
const REMOVE_PARTS: &str = "DELETE FROM sweetspot_blob_part WHERE digest = $1";
const KEEP: &str = "DELETE FROM sweetspot_blob_removal WHERE digest = $1";
const SIZE: &str = "SELECT bytes FROM sweetspot_blob WHERE digest = $1";
const LIST_BYTE: &str = "SELECT digest, bytes, (extract(epoch FROM stored) * 1000000)::bigint FROM sweetspot_blob
    WHERE substring(digest FROM 1 FOR 1) = $1 ORDER BY digest";

/// Stores bytes; see [`crate::store::Store::put_blob`]. An intact copy is left unchanged; a damaged one is replaced.
pub(super) fn put(database: &Database, bytes: &[u8]) -> Result<Digest, StoreError> {
    let digest = Digest::new(bytes);
    let (name, size) = (digest.as_bytes().as_slice(), i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    database.call(WRITE, TimeLimit::Long, async |connection: &mut Object| {
        let transaction = connection.transaction().await?;
        transaction.batch_execute(SHARE_REMOVALS).await?;
        let is_new = transaction.execute(INSERT, &[&name, &size]).await? == 1;
        if !is_new {
            transaction.execute(TOUCH, &[&name, &size]).await?;
            transaction.execute(KEEP, &[&name]).await?;
        }
        if is_new || !is_intact(&transaction, &digest).await? {
            transaction.execute(REMOVE_PARTS, &[&name]).await?;
            let statement = transaction.prepare_cached(INSERT_PART).await?;
            for (number, part) in bytes.chunks(PART_BYTES).enumerate() {
                let number = i32::try_from(number).map_err(|source| StoreError::Backend {
                    action: "store a blob of this size",
                    source: source.into(),
                })?;
                transaction.execute(&statement, &[&name, &number, &part]).await?;
            }
        }
        Ok(transaction.commit().await?)
    })?;
    Ok(digest)
}

async fn is_intact(client: &impl GenericClient, digest: &Digest) -> Result<bool, CallError> {
    let mut builder = DigestBuilder::default();
    let mut number = 0;
    while let Some(part) = read_part(client, digest, number).await? {
        builder.update(&part);
        number += 1;
    }
    Ok(builder.finish() == *digest)
}

async fn read_part(client: &impl GenericClient, digest: &Digest, number: i32) -> Result<Option<Vec<u8>>, CallError> {
    let statement = client.prepare_cached(GET_PART).await?;
    let row = client.query_opt(&statement, &[&digest.as_bytes().as_slice(), &number]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Reads and verifies a blob.
pub(super) fn get(database: &Database, digest: &Digest) -> Result<Vec<u8>, StoreError> {
    let bytes = database.call(READ, TimeLimit::Long, async |connection: &mut Object| {
        let size = size(&*connection, digest).await?.ok_or_else(|| missing(database, digest))?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        let mut number = 0;
        while let Some(part) = read_part(&*connection, digest, number).await? {
            bytes.extend_from_slice(&part);
            number += 1;
        }
        Ok(bytes)
    })?;
    if Digest::new(&bytes) == *digest {
        return Ok(bytes);
    }
    Err(StoreError::BlobCorrupt { digest: *digest, store: database.shared().store.clone() })
}

async fn size(client: &impl GenericClient, digest: &Digest) -> Result<Option<u64>, CallError> {
    let row = client.query_opt(SIZE, &[&digest.as_bytes().as_slice()]).await?;
    let size: Option<i64> = row.map(|row| row.try_get(0)).transpose()?;
    Ok(size.map(|size| u64::try_from(size).unwrap_or_default()))
}

fn missing(database: &Database, digest: &Digest) -> StoreError {
    StoreError::BlobMissing { digest: *digest, store: database.shared().store.clone() }
}

/// Opens a blob, which is verified while it is read.
pub(super) fn open(database: &Arc<Database>, digest: &Digest) -> Result<BlobReader, StoreError> {
    let bytes = database.call(READ, TimeLimit::Short, async |connection: &mut Object| {
        size(&*connection, digest).await?.ok_or_else(|| missing(database, digest).into())
    })?;
    let parts =
        BlobPartReader { database: Arc::clone(database), digest: *digest, next: 0, part: io::Cursor::default() };
    let content = VerifiedReader::new(parts, *digest, database.shared().store.clone());
    Ok(BlobReader { bytes, content: Box::new(content) })
}

/// Returns the blobs whose digest begins with this byte.
pub(super) fn list(database: &Database, first_byte: u8) -> Result<Vec<BlobFile>, StoreError> {
    let rows = database.call(LIST, TimeLimit::Long, async |connection: &mut Object| {
        Ok(connection.query(LIST_BYTE, &[&[first_byte].as_slice()]).await?)
    })?;
    let read = |row: &tokio_postgres::Row| -> Result<(Vec<u8>, i64, i64), tokio_postgres::Error> {
        Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
    };
    let listed = rows.iter().map(|row| {
        let (digest, bytes, stored) = read(row).map_err(|error| LIST.failed(&database.shared().store, error.into()))?;
        let modified = Timestamp::from_microsecond(stored).ok();
        Ok(BlobFile { digest: rows::digest(&digest)?, bytes: u64::try_from(bytes).unwrap_or_default(), modified })
    });
    listed.collect()
}

/// Reads the parts of a blob, one after the other.
struct BlobPartReader {
    database: Arc<Database>,
    digest: Digest,
    next: i32,
    part: io::Cursor<Vec<u8>>,
}

impl Read for BlobPartReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.part.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        let (digest, number) = (self.digest, self.next);
        let part = self.database.call(READ, TimeLimit::Short, async |connection: &mut Object| {
            read_part(&*connection, &digest, number).await
        });
        let Some(part) = part.map_err(io::Error::other)? else { return Ok(0) };
        self.next += 1;
        self.part = io::Cursor::new(part);
        self.part.read(buffer)
    }
}
