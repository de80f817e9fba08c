//! Rows that cannot be written at present: served from the journal until they can.

use std::path::Path;
use std::sync::Arc;

use super::blobs::BlobFolder;
use super::journal::ChangePosition;
use super::journaled_rows::JournaledRows;
use super::lock::wait_until_closed;
use super::opening::{self, rows_folder};
use super::sled_rows::data_file;
use super::{MemoryStore, StoreError, files};

/// Rows that cannot be written at present.
#[derive(Clone, Debug)]
pub(super) struct ReadOnlyRows {
    /// The rows in the journal; `None` if it could not be read.
    rows: Option<Arc<MemoryStore>>,
    /// Why the rows cannot be written.
    cause: String,
    /// Whether the files may contain data that is not durable although a sync of them succeeds.
    must_rewrite: bool,
    /// The positions at which the rows may be when they are opened again: after the last change that was acknowledged,
    /// and after one that failed.
    positions: Vec<ChangePosition>,
}

impl ReadOnlyRows {
    /// Rows that were closed because of `cause`.
    pub(super) const fn new(cause: String, must_rewrite: bool) -> Self {
        Self { rows: None, cause, must_rewrite, positions: Vec::new() }
    }

    /// Reads the rows of a store that cannot be opened for writing because of `cause` from its journal. Fails with
    /// `cause` if there are none.
    pub(super) fn at_start(store: &Path, cause: StoreError) -> Result<Self, StoreError> {
        match opening::read_only_rows(store) {
            Ok(Some((position, rows))) if position != ChangePosition::start() || !rows.is_empty() => {
                tracing::warn!(error = %cause, "the store serves the rows in its journal and refuses changes");
                let rows = Some(Arc::new(MemoryStore::with_rows(rows)));
                Ok(Self { rows, cause: cause.to_string(), must_rewrite: false, positions: vec![position] })
            }
            Ok(_) => Err(cause),
            Err(error) => {
                tracing::warn!(%error, "the journal of the store cannot be read either");
                Err(cause)
            }
        }
    }

    /// Lets the rows be opened at a position.
    pub(super) fn accept(&mut self, position: ChangePosition) {
        self.positions.push(position);
    }

    /// Reads the rows from the journal, to serve them until it can be written.
    pub(super) fn read_journal(&mut self, store: &Path) {
        match opening::read_only_rows(store) {
            Ok(Some((position, rows))) if self.positions.contains(&position) => {
                self.rows = Some(Arc::new(MemoryStore::with_rows(rows)));
            }
            Ok(_) => tracing::error!("the journal does not contain the last change"),
            Err(error) => tracing::error!(%error, "the journal cannot be read"),
        }
    }

    /// Opens the rows and the journal again, and checks that they contain the last change.
    pub(super) fn open_again(&self, store: &Path, blobs: &BlobFolder) -> Result<JournaledRows, StoreError> {
        if self.must_rewrite {
            let folder = rows_folder(store);
            wait_until_closed(store, &data_file(&folder))?;
            files::rewrite_files(&folder).map_err(|error| StoreError::io(store, "rewrite its rows", error))?;
        }
        let opened = opening::open(store, blobs)?;
        if self.positions.contains(&opened.position()) {
            return Ok(opened);
        }
        opened.close();
        Err(StoreError::Damaged {
            path: store.display().to_string(),
            action: "open its rows",
            cause: "the last change is missing".to_owned(),
        })
    }

    /// The rows to read.
    pub(super) fn rows(&self) -> Result<&MemoryStore, StoreError> {
        self.rows.as_deref().ok_or_else(|| self.refusal())
    }

    /// The error of a change.
    pub(super) fn refusal(&self) -> StoreError {
        StoreError::ReadOnly { cause: self.cause.clone() }
    }
}
