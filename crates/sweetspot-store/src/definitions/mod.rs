//! Storage of definitions: one per model, with its numbered approved versions.
//!
//! A definition is a blob, and a small row refers to it. Each change writes a new blob and updates the row by
//! compare-and-set, so that a change is atomic and an approved version never changes.

mod approved_versions;
mod error;
mod row_kinds;
mod storage;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use sweetspot_core::{Comment, Definition, Digest, EditError, ModelName};

pub use self::approved_versions::ApproveRequest;
pub use self::error::DefinitionError;
pub(crate) use self::row_kinds::ROW_KINDS;
pub use self::storage::MAX_DEFINITION_BYTES;
use crate::clock::Clock;
use crate::store::{Commit, RequestKey, Store, StoreError, requests};
use crate::stored::{DefinitionHead, StoredMessage as _};

/// The prefix of head rows.
const HEAD_PREFIX: &str = "definition/";

/// A definition as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionSnapshot {
    /// The definition.
    pub definition: Definition,
    /// The etag, unique to this state of the model's definition.
    pub etag: String,
    /// The number of approved versions.
    pub approved_versions: u64,
}

/// A request to change a definition.
#[derive(Clone, Debug)]
pub struct EditRequest {
    /// The model of the definition.
    pub model: ModelName,
    /// The method, such as `create-exclusion rule`. It separates the request ids of different methods.
    pub method: &'static str,
    /// The etag of the definition as last read. If it is empty, the current state is changed.
    pub etag: String,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

/// The definitions of a store. Clones share them.
#[derive(Clone, Debug)]
pub struct Definitions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Held for the whole of a change: changes without an etag wait for each other instead of failing.
    write_lock: Arc<Mutex<()>>,
}

impl Definitions {
    /// Opens the definitions of a store. The clock provides the timestamps of entries.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, write_lock: Arc::default() }
    }

    /// Returns the definition of a model. It is empty if nothing has been defined yet.
    ///
    /// # Errors
    /// If the store fails, or the definition cannot be read.
    pub fn get(&self, model: &ModelName) -> Result<DefinitionSnapshot, DefinitionError> {
        self.snapshot(model, &self.head(model)?.0)
    }

    /// Changes a definition atomically. A repeated request returns the state after the first one.
    ///
    /// # Errors
    /// If `edit` fails, the etag is stale, the definition would be too large, or the request id was used for a
    /// different request.
    pub fn change(
        &self,
        edit_request: &EditRequest,
        edit: impl FnOnce(&mut Definition, Timestamp) -> Result<(), EditError>,
    ) -> Result<DefinitionSnapshot, DefinitionError> {
        self.write(edit_request, |definition, _, now| {
            edit(definition, now)?;
            Ok(Commit::default())
        })
    }

    /// Adds a comment and assigns its id.
    ///
    /// # Errors
    /// As for [`Self::change`].
    pub fn comment(&self, wish: &EditRequest, comment: Comment) -> Result<DefinitionSnapshot, DefinitionError> {
        self.write(wish, |definition, next, now| {
            definition.add(Comment { id: comment_id(next.revision), ..comment }, now)?;
            Ok(Commit::default())
        })
    }

    /// Returns the definition in review to draft and stores the reason as a comment.
    ///
    /// # Errors
    /// If the definition is not in review, or for a reason of [`Self::change`].
    pub fn return_to_draft(
        &self,
        wish: &EditRequest,
        by: &str,
        reason: &str,
    ) -> Result<DefinitionSnapshot, DefinitionError> {
        self.write(wish, |definition, next, now| {
            definition.return_to_draft(by, reason, comment_id(next.revision), now)?;
            Ok(Commit::default())
        })
    }

    /// Applies one change. `edit` receives the definition and its new head row, and may add rows to the commit.
    fn write(
        &self,
        edit_request: &EditRequest,
        edit: impl FnOnce(&mut Definition, &mut DefinitionHead, Timestamp) -> Result<Commit, DefinitionError>,
    ) -> Result<DefinitionSnapshot, DefinitionError> {
        let EditRequest { model, method: _, etag, request } = edit_request;
        let _one = self.lock();
        if let Some(first) = self.find_answer(edit_request)? {
            return Ok(first);
        }
        let (head, before) = self.head(model)?;
        if !etag.is_empty() && *etag != definition_etag(model, head.revision) {
            return Err(DefinitionError::StaleEtag { model: model.clone() });
        }
        let DefinitionSnapshot { mut definition, .. } = self.snapshot(model, &head)?;
        let (now, mut next) = (self.clock.now(), DefinitionHead { revision: head.revision + 1, ..head });
        let also = edit(&mut definition, &mut next, now)?;
        next.definition = self.store.put_blob(&storage::encode(&definition)?)?.to_string();
        let snapshot = DefinitionSnapshot {
            definition,
            etag: definition_etag(model, next.revision),
            approved_versions: next.approved_versions,
        };
        let bytes = next.to_bytes();
        let commit = requests::record_answer(&scope(edit_request), request, &bytes, now)
            .replace(head_key(model), before, bytes)
            .merge(also);
        self.store.commit(&commit).map_err(|error| map_conflict(error, model))?;
        Ok(snapshot)
    }

    fn find_answer(&self, wish: &EditRequest) -> Result<Option<DefinitionSnapshot>, DefinitionError> {
        let answer = requests::find_answer(self.store.as_ref(), &scope(wish), &wish.request)?;
        let head = answer.map(|answer| DefinitionHead::from_bytes(&answer)).transpose().map_err(StoreError::from)?;
        head.map(|head| self.snapshot(&wish.model, &head)).transpose()
    }

    /// Reads the head row of a model's definition, with its bytes.
    fn head(&self, model: &ModelName) -> Result<(DefinitionHead, Option<Vec<u8>>), DefinitionError> {
        let bytes = self.store.get(&head_key(model))?;
        let head = bytes.as_deref().map(DefinitionHead::from_bytes).transpose().map_err(StoreError::from)?;
        Ok((head.unwrap_or_default(), bytes))
    }

    fn snapshot(&self, model: &ModelName, head: &DefinitionHead) -> Result<DefinitionSnapshot, DefinitionError> {
        let etag = definition_etag(model, head.revision);
        let definition = if head.revision == 0 { Definition::default() } else { self.load(model, &head.definition)? };
        Ok(DefinitionSnapshot { definition, etag, approved_versions: head.approved_versions })
    }

    fn load(&self, model: &ModelName, digest: &str) -> Result<Definition, DefinitionError> {
        let digest = digest.parse().map_err(|_| DefinitionError::Corrupt { model: model.clone() })?;
        storage::decode(model, &self.store.blob(&digest)?)
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        // No data is stored in the mutex, so a panic in another thread cannot leave an inconsistent state.
        self.write_lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Zero-padded, so that ids sort in the order of creation.
fn comment_id(revision: u64) -> String {
    format!("c-{revision:09}")
}

/// The etag of a definition at a revision: unique to the model and revision, and different from the etags of models.
fn definition_etag(model: &ModelName, revision: u64) -> String {
    let mut digest = Digest::new(format!("definition of {model} {revision}").as_bytes()).to_string();
    digest.truncate(16);
    digest
}

fn head_key(model: &ModelName) -> String {
    format!("{HEAD_PREFIX}{model}")
}

fn scope(wish: &EditRequest) -> String {
    // Per model, not per workspace: a stored answer is a state of one model.
    format!("{}/definition/{}", wish.model, wish.method)
}

/// No other process can open the store, so a conflict means that the row was changed by other means.
fn map_conflict(error: StoreError, model: &ModelName) -> DefinitionError {
    match error {
        StoreError::Conflict { .. } => DefinitionError::StaleEtag { model: model.clone() },
        StoreError::RowTooLarge { .. }
        | StoreError::BlobMissing { .. }
        | StoreError::BlobCorrupt { .. }
        | StoreError::InUse { .. }
        | StoreError::Full { .. }
        | StoreError::LowSpace { .. }
        | StoreError::ReadOnly { .. }
        | StoreError::Gone { .. }
        | StoreError::RowsMissing { .. }
        | StoreError::RowsBehind { .. }
        | StoreError::JournalDamaged { .. }
        | StoreError::NewerFormat { .. }
        | StoreError::FormatDamaged { .. }
        | StoreError::RestoreIncomplete { .. }
        | StoreError::NotEmpty { .. }
        | StoreError::Io { .. }
        | StoreError::Damaged { .. }
        | StoreError::Message(_)
        | StoreError::Backend { .. } => DefinitionError::Store(error),
    }
}
