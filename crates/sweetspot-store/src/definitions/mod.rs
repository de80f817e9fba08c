//! What people agree on about each model, kept: one definition a model, and the numbered states that were approved.
//!
//! A definition is a blob; a small row points at it. Every change writes a new blob and moves the pointer by compare-and-set,
//! so that a change happens whole or not at all, and what was approved never changes.

mod approved;
mod error;
mod kept;
mod row;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use sweetspot_core::{Comment, Definition, EditError, ModelName};

pub use self::approved::Approve;
pub use self::error::DefinitionError;
pub use self::kept::MAX_DEFINITION_BYTES;
use self::row::HeadRow;
use crate::clock::Clock;
use crate::store::{Commit, RequestKey, Store, StoreError, requests};

/// A definition as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What people agree on.
    pub definition: Definition,
    /// Tells this state from every other one of the model.
    pub etag: String,
    /// How many states were approved so far.
    pub approved: u64,
}

/// A wish to change a definition.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Which model's.
    pub model: ModelName,
    /// What is done, such as `create-gate`: request ids are told apart by it.
    pub method: &'static str,
    /// The definition's etag as last read; empty: whatever it is by now.
    pub etag: String,
    /// For repeats.
    pub request: RequestKey,
}

/// The definitions of a store. Clones share them.
#[derive(Clone, Debug)]
pub struct Definitions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Held for the whole of a change: without an etag, one change waits for the other instead of failing.
    changing: Arc<Mutex<()>>,
}

impl Definitions {
    /// The definitions of this store. The clock dates what is said.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, changing: Arc::default() }
    }

    /// What people agree on about a model; nothing yet where nobody has said anything.
    ///
    /// # Errors
    /// A failing store, or a definition that cannot be read back.
    pub fn get(&self, model: &ModelName) -> Result<Held, DefinitionError> {
        self.held(model, &self.head(model)?.0)
    }

    /// Changes a definition: all of it or nothing. A repeated request gets the state that it led to the first time.
    ///
    /// # Errors
    /// What `edit` refuses; a stale etag; a definition that would be too large; a request id used for something else.
    pub fn change(
        &self,
        wish: &Wish,
        edit: impl FnOnce(&mut Definition, Timestamp) -> Result<(), EditError>,
    ) -> Result<Held, DefinitionError> {
        self.write(wish, |definition, _, now| {
            edit(definition, now)?;
            Ok(Commit::default())
        })
    }

    /// Adds a remark; its id is given to it.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn comment(&self, wish: &Wish, comment: Comment) -> Result<Held, DefinitionError> {
        self.write(wish, |definition, next, now| {
            definition.add(Comment { id: comment_id(next.revision), ..comment }, now)?;
            Ok(Commit::default())
        })
    }

    /// Gives what is in review back to its authors; why becomes a comment.
    ///
    /// # Errors
    /// Where it is not in review, and as [`Self::change`].
    pub fn give_back(&self, wish: &Wish, by: &str, reason: &str) -> Result<Held, DefinitionError> {
        self.write(wish, |definition, next, now| {
            definition.give_back(by, reason, comment_id(next.revision), now)?;
            Ok(Commit::default())
        })
    }

    /// One change: `edit` is given the definition and the head that will point at it, and may add rows of its own.
    fn write(
        &self,
        wish: &Wish,
        edit: impl FnOnce(&mut Definition, &mut HeadRow, Timestamp) -> Result<Commit, DefinitionError>,
    ) -> Result<Held, DefinitionError> {
        let Wish { model, method: _, etag, request } = wish;
        let _one = self.one_at_a_time();
        if let Some(first) = self.answered(wish)? {
            return Ok(first);
        }
        let (head, before) = self.head(model)?;
        if !etag.is_empty() && *etag != row::etag(model, head.revision) {
            return Err(DefinitionError::StaleEtag { model: model.clone() });
        }
        let Held { mut definition, .. } = self.held(model, &head)?;
        let (now, mut next) = (self.clock.now(), HeadRow { revision: head.revision + 1, ..head });
        let also = edit(&mut definition, &mut next, now)?;
        next.data = self.store.put_blob(&kept::encode(&definition)?)?.to_string();
        let bytes = row::encode(&next)?;
        let commit =
            requests::remember(&scope(wish), request, &bytes, now).replace(head_key(model), before, bytes).and(also);
        self.store.commit(&commit).map_err(|error| conflict(error, model))?;
        let etag = row::etag(model, next.revision);
        Ok(Held { definition, etag, approved: next.approved })
    }

    fn answered(&self, wish: &Wish) -> Result<Option<Held>, DefinitionError> {
        let answer = requests::seen(self.store.as_ref(), &scope(wish), &wish.request)?;
        answer.map(|answer| self.held(&wish.model, &row::decode(&answer)?)).transpose()
    }

    /// What points at a model's definition, and the bytes it was read from.
    fn head(&self, model: &ModelName) -> Result<(HeadRow, Option<Vec<u8>>), DefinitionError> {
        let bytes = self.store.get(&head_key(model))?;
        let head = bytes.as_deref().map(row::decode).transpose()?.unwrap_or_default();
        Ok((head, bytes))
    }

    fn held(&self, model: &ModelName, head: &HeadRow) -> Result<Held, DefinitionError> {
        let etag = row::etag(model, head.revision);
        let definition = if head.revision == 0 { Definition::default() } else { self.load(model, &head.data)? };
        Ok(Held { definition, etag, approved: head.approved })
    }

    fn load(&self, model: &ModelName, data: &str) -> Result<Definition, DefinitionError> {
        let corrupt = || DefinitionError::Corrupt { model: model.clone() };
        let digest = data.parse().map_err(|_| corrupt())?;
        kept::decode(&self.store.blob(&digest)?).ok_or_else(corrupt)
    }

    fn one_at_a_time(&self) -> MutexGuard<'_, ()> {
        // Nothing is kept under the lock, so a panic elsewhere has left nothing half changed.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Numbered, so that comments stand in the order in which they were made.
fn comment_id(revision: u64) -> String {
    format!("c-{revision:09}")
}

fn head_key(model: &ModelName) -> String {
    format!("definition/{model}")
}

fn scope(wish: &Wish) -> String {
    // Of the model, not of the workspace: an answer is read back as a state of one model.
    format!("{}/definition/{}", wish.model, wish.method)
}

/// Another process cannot have the store, so a conflict means that the row was changed by other means.
fn conflict(error: StoreError, model: &ModelName) -> DefinitionError {
    match error {
        StoreError::Conflict { .. } => DefinitionError::StaleEtag { model: model.clone() },
        StoreError::RowTooLarge { .. }
        | StoreError::BlobMissing { .. }
        | StoreError::BlobCorrupt { .. }
        | StoreError::InUse { .. }
        | StoreError::Full { .. }
        | StoreError::Io { .. }
        | StoreError::Damaged { .. }
        | StoreError::Backend { .. } => DefinitionError::Store(error),
    }
}
