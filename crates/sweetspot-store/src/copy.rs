//! Copies everything in a store to an empty one of any kind, and checks the copy.
//!
//! A row marks a copy that is not complete. It is written first and removed last, so that no server starts on a part.

use std::io;
use std::sync::Arc;

use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

use crate::inventory::{BlobNeed, Inventory, UnreadableRow};
use crate::store::journal::RowMap;
use crate::store::{BlobHold, Commit, Row, Store, StoreError};

/// The key of the row that marks an incomplete copy.
const MARKER_KEY: &str = "copy/incomplete";
/// The number of rows that are written at a time.
const BATCH_ROWS: usize = 256;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopiedStore {
    /// The number of rows.
    pub rows: u64,
    /// The number of blobs.
    pub blobs: u64,
    /// The size of the blobs, in bytes.
    pub blob_bytes: u64,
}

/// Why a store was not copied.
#[derive(Debug, Error)]
pub enum CopyError {
    /// The target contains something.
    #[error("the target is not empty: copy to a new folder, or to a database or schema without a store")]
    NotEmpty,
    /// The copy differs from what was copied.
    #[error("the copy is not complete, {what} differs: another process changed the target; delete it and copy again")]
    Differs {
        /// What differs.
        what: &'static str,
    },
    /// A row cannot be read, so that the blobs that it needs are unknown.
    #[error(transparent)]
    Unreadable(#[from] UnreadableRow),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReportableError for CopyError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotEmpty => ErrorKind::FailedPrecondition,
            Self::Differs { .. } => ErrorKind::Aborted,
            Self::Unreadable(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotEmpty => "STORE_NOT_EMPTY",
            Self::Differs { .. } => "COPY_DIFFERS",
            Self::Unreadable(error) => error.reason(),
            Self::Store(error) => error.reason(),
        }
    }
}

/// Copies all rows of one moment, and the blobs that they name, to an empty store. Leases are not copied. `report` gets
/// what was copied so far, after each blob.
///
/// # Errors
/// [`CopyError::NotEmpty`] before anything is written; if a blob that a row needs is missing or damaged; or if a store
/// fails. After another error than [`CopyError::NotEmpty`], the target is incomplete, and no server opens it.
pub fn copy_store(
    from: Arc<dyn Store>,
    to: &dyn Store,
    mut report: impl FnMut(CopiedStore),
) -> Result<CopiedStore, CopyError> {
    check_complete(&*from)?;
    check_empty(to)?;
    to.commit(&Commit::default().create(MARKER_KEY, Vec::new()))?;
    let hold = BlobHold::new(from);
    let (rows, _) = hold.store().maintenance().snapshot()?;
    let named = Inventory::new(rows.iter().map(|(key, value)| Row { key: key.clone(), value: value.clone() }));
    let named = named.into_complete()?;
    let mut copied = CopiedStore::default();
    for (digest, need) in named.blobs() {
        if let Some(bytes) = copy_blob(hold.store(), to, digest, *need)? {
            copied.blobs += 1;
            copied.blob_bytes += bytes;
            report(copied);
        }
    }
    copied.rows = rows.len() as u64;
    copy_rows(to, &rows)?;
    report(copied);
    to.commit(
        &Commit::default()
            .replace(MARKER_KEY, Some(Vec::new()), Vec::new())
            .merge(Commit { writes: vec![(MARKER_KEY.to_owned(), None)], ..Commit::default() }),
    )?;
    Ok(copied)
}

/// Fails if the store is a copy that is not complete.
///
/// # Errors
/// [`StoreError::CopyIncomplete`], or if the store fails.
pub fn check_complete(store: &dyn Store) -> Result<(), StoreError> {
    if store.get(MARKER_KEY)?.is_some() { Err(StoreError::CopyIncomplete) } else { Ok(()) }
}

fn check_empty(store: &dyn Store) -> Result<(), CopyError> {
    let mut is_empty = store.scan("", None, 1)?.is_empty();
    for first_byte in u8::MIN..=u8::MAX {
        is_empty = is_empty && store.maintenance().list_blobs(first_byte)?.is_empty();
    }
    if is_empty { Ok(()) } else { Err(CopyError::NotEmpty) }
}

/// Copies a blob and reads it back. Returns its size; `None` if it is missing and may be.
fn copy_blob(from: &dyn Store, to: &dyn Store, digest: &Digest, need: BlobNeed) -> Result<Option<u64>, CopyError> {
    let bytes = match from.blob(digest) {
        Err(StoreError::BlobMissing { .. }) if need == BlobNeed::Optional => return Ok(None),
        bytes => bytes?,
    };
    to.put_blob(&bytes)?;
    let mut copy = to.maintenance().open_blob(digest)?.content;
    let read = io::copy(&mut copy, &mut io::sink()).map_err(StoreError::from_read)?;
    if read == bytes.len() as u64 { Ok(Some(read)) } else { Err(CopyError::Differs { what: "a file" }) }
}

/// Copies rows and reads them back.
fn copy_rows(to: &dyn Store, rows: &RowMap) -> Result<(), CopyError> {
    let all: Vec<_> = rows.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    for batch in all.chunks(BATCH_ROWS) {
        to.commit(&Commit { writes: batch.to_vec(), ..Commit::default() })?;
    }
    let (mut copy, _) = to.maintenance().snapshot()?;
    copy.remove(MARKER_KEY);
    if copy == *rows { Ok(()) } else { Err(CopyError::Differs { what: "a record" }) }
}
