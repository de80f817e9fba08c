//! Storage of definitions: one per model, with its numbered approved versions.
//!
//! A head row contains the state of a definition, and further rows contain its entries. A change writes the rows that
//! differ, in one commit that replaces the head row by compare-and-set. An approved version is a blob, which never
//! changes.

mod approved_versions;
mod cache;
mod codec;
mod comments;
mod edited_definition;
mod entry_path;
mod entry_rows;
mod erasure;
mod error;
mod loaded;
mod preview;
mod row_kinds;
mod settings;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use sweetspot_core::{Definition, DefinitionChangeError, Entry, ModelName};

pub use self::approved_versions::{ApproveRequest, ApprovedVersionPage};
use self::cache::DefinitionCache;
pub use self::codec::MAX_DEFINITION_BYTES;
use self::edited_definition::{EditedDefinition, comment_id};
pub use self::entry_path::{Collection, EntryPath};
pub use self::erasure::{DefinitionErasure, EntryName};
pub use self::error::DefinitionError;
use self::loaded::{LoadedDefinition, head_key};
pub(crate) use self::row_kinds::{ROW_KINDS, model_of};
pub use self::settings::DefinitionSettings;
use crate::clock::Clock;
use crate::store::{Commit, RequestKey, Store, StoreError, idempotency};
use crate::stored::{DefinitionChange, VersionedMessage as _};

/// The prefix of head rows.
const HEAD_PREFIX: &str = "definition/";

/// A definition as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionSnapshot {
    /// The definition, without the entries that cannot be read.
    pub definition: Definition,
    /// The etag, unique to this state of the model's definition.
    pub etag: String,
    /// The number of approved versions.
    pub approved_versions: u64,
    /// The entries that are damaged. They can be replaced or deleted.
    pub unreadable: Vec<EntryPath>,
}

/// A request to change a definition.
#[derive(Clone, Debug)]
pub struct EditRequest {
    /// The model of the definition.
    pub model: ModelName,
    /// The method, such as `create_exclusion_rule`. It separates the request ids of different methods.
    pub method: &'static str,
    /// The etag of the definition as last read. If it is empty, the current state is changed.
    pub etag: String,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

/// The result of a change. For a repeated request, the change is the first one, and the state is that of now.
#[derive(Clone, Debug, PartialEq)]
pub struct EditResult {
    /// The current state.
    pub snapshot: DefinitionSnapshot,
    /// The number of approved versions directly after the change.
    pub approved_versions: u64,
    /// The id of the comment that the change added, if it added one.
    pub comment_id: String,
    /// Whether the change was an approval that left the definition in review.
    pub is_partial_approval: bool,
}

/// The definitions of a store. Clones share them.
#[derive(Clone, Debug)]
pub struct Definitions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Held for the whole of a change: changes without an etag wait for each other instead of failing. Also held while
    /// the rows of a definition are read, so that they are of one state.
    write_lock: Arc<Mutex<()>>,
    cache: Arc<DefinitionCache>,
}

impl Definitions {
    /// Opens the definitions of a store. The clock provides the timestamps of entries.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, write_lock: Arc::default(), cache: Arc::default() }
    }

    /// Returns the definition of a model. It is empty if nothing has been defined yet.
    ///
    /// # Errors
    /// If the store fails, or the state of the definition cannot be read.
    pub fn get(&self, model: &ModelName) -> Result<DefinitionSnapshot, DefinitionError> {
        Ok(self.load(model)?.snapshot(model))
    }

    /// Returns the definition of a model for a training, which must not ignore a hypothesis or an exclusion rule.
    ///
    /// # Errors
    /// If one of these cannot be read, or for a reason of [`Self::get`].
    pub fn for_training(&self, model: &ModelName) -> Result<Definition, DefinitionError> {
        let loaded = self.load(model)?;
        let is_used = |path: &&EntryPath| match path.collection {
            Collection::Hypotheses | Collection::ExclusionRules => true,
            Collection::Attributes
            | Collection::Comments
            | Collection::Committee
            | Collection::Findings
            | Collection::State => false,
        };
        check_readable(model, loaded.entries.unreadable.iter().filter(is_used))?;
        Ok(loaded.entries.definition.clone())
    }

    /// Changes a definition atomically. A repeated request has no further effect.
    ///
    /// # Errors
    /// If `edit` fails, the etag is stale, the definition would be too large, or the request id was used for a
    /// different request.
    pub fn change(
        &self,
        request: &EditRequest,
        edit: impl FnOnce(&mut Definition, Timestamp) -> Result<(), DefinitionChangeError>,
    ) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            edit(&mut edited.definition, edited.now)?;
            Ok(Commit::default())
        })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// If its id exists, the list is full, the entry contradicts another one, or for a reason of [`Self::change`].
    pub fn add<E: Entry>(&self, request: &EditRequest, entry: E) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            edited.add(entry)?;
            Ok(Commit::default())
        })
    }

    /// Replaces the entry with the same id. The time of its statement is kept, unless the entry cannot be read.
    ///
    /// # Errors
    /// If no entry has its id, it contradicts another entry, or for a reason of [`Self::change`].
    pub fn replace<E: Entry>(&self, request: &EditRequest, entry: E) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            if edited.unreadable.remove(&EntryPath::new::<E>(entry.id())) {
                edited.definition.add(entry, edited.now)?;
            } else {
                edited.definition.replace(entry, edited.now)?;
            }
            Ok(Commit::default())
        })
    }

    /// Removes an entry, also one that cannot be read.
    ///
    /// # Errors
    /// If no entry has the id, or for a reason of [`Self::change`].
    pub fn remove<E: Entry>(&self, request: &EditRequest, id: &str) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            edited.remove::<E>(id)?;
            Ok(Commit::default())
        })
    }

    /// Removes an entry as [`Self::remove`] does, and records who removed it and why as a comment.
    ///
    /// # Errors
    /// If there are too many comments to record it, or for a reason of [`Self::remove`].
    pub fn remove_for_reason<E: Entry>(
        &self,
        request: &EditRequest,
        id: &str,
        by: &str,
        reason: &str,
    ) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            edited.remove::<E>(id)?;
            let comment = edited.comment_id();
            edited.definition.record_removal::<E>(id, by, reason, comment, edited.now)?;
            Ok(Commit::default())
        })
    }

    /// Submits a draft for review, or an approved definition for another version of the model.
    ///
    /// # Errors
    /// If the definition is in review already, the approvers other than the author are too few, an entry cannot be read,
    /// or for a reason of [`Self::change`].
    pub fn submit(&self, request: &EditRequest, by: &str) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            check_readable(&request.model, edited.unreadable.iter())?;
            edited.definition.submit(by, edited.now)?;
            Ok(Commit::default())
        })
    }

    /// Returns the definition in review to draft and stores the reason as a comment.
    ///
    /// # Errors
    /// If the definition is not in review, or for a reason of [`Self::change`].
    pub fn return_to_draft(
        &self,
        request: &EditRequest,
        by: &str,
        reason: &str,
    ) -> Result<EditResult, DefinitionError> {
        self.write(request, |edited| {
            edited.definition.return_to_draft(by, reason, edited.comment_id(), edited.now)?;
            Ok(Commit::default())
        })
    }

    /// Applies one change. `edit` may add rows to the commit.
    fn write(
        &self,
        request: &EditRequest,
        edit: impl FnOnce(&mut EditedDefinition) -> Result<Commit, DefinitionError>,
    ) -> Result<EditResult, DefinitionError> {
        let EditRequest { model, method: _, etag, request: key } = request;
        let _one = self.lock();
        if let Some(repeated) = self.find_answer(request)? {
            return Ok(repeated);
        }
        let before = self.read(model)?;
        let mut edited = EditedDefinition::new(&before, model, etag, self.clock.now())?;
        let also = edit(&mut edited)?;
        let EditedDefinition { definition, unreadable, revision, approved_versions, is_partial_approval, now } = edited;
        let (entries, writes) = before.entries.change(model, definition, unreadable);
        codec::check_size(entries.bytes())?;
        let after = Arc::new(LoadedDefinition::new(revision, approved_versions, entries));
        let answer =
            DefinitionChange { format_version: 0, revision, approved_versions, is_partial_approval }.to_bytes();
        let commit = idempotency::record_answer(&scope(request), key, &answer, now)
            .replace(head_key(model), before.head_bytes.clone(), after.head_bytes.clone().unwrap_or_default())
            .merge(Commit { lease: None, expectations: Vec::new(), writes })
            .merge(also);
        self.store.commit(&commit).map_err(|error| map_conflict(error, model))?;
        self.cache.put(model, &after);
        let (snapshot, comment_id) = (after.snapshot(model), comment_id(revision));
        Ok(EditResult { snapshot, approved_versions, comment_id, is_partial_approval })
    }

    /// Returns the result of a request that was answered before.
    fn find_answer(&self, request: &EditRequest) -> Result<Option<EditResult>, DefinitionError> {
        let answer = idempotency::find_answer(self.store.as_ref(), &scope(request), &request.request)?;
        let Some(answer) = answer else { return Ok(None) };
        let change = DefinitionChange::from_bytes(&answer).map_err(StoreError::from)?;
        let DefinitionChange { format_version: _, revision, approved_versions, is_partial_approval } = change;
        let snapshot = self.read(&request.model)?.snapshot(&request.model);
        Ok(Some(EditResult { snapshot, approved_versions, comment_id: comment_id(revision), is_partial_approval }))
    }

    /// Returns a definition from the cache if its head row is unchanged, or else from its rows.
    fn load(&self, model: &ModelName) -> Result<Arc<LoadedDefinition>, DefinitionError> {
        if let Some(loaded) = self.cached(model)? {
            return Ok(loaded);
        }
        let _unchanged = self.lock();
        self.read(model)
    }

    /// As [`Self::load`], with the lock held.
    fn read(&self, model: &ModelName) -> Result<Arc<LoadedDefinition>, DefinitionError> {
        if let Some(loaded) = self.cached(model)? {
            return Ok(loaded);
        }
        loop {
            let loaded = Arc::new(LoadedDefinition::read(self.store.as_ref(), model)?);
            // Another server may have changed it while its rows were read. Each change changes the head row.
            if self.store.changes().is_none() || self.store.get(&head_key(model))? == loaded.head_bytes {
                self.cache.put(model, &loaded);
                return Ok(loaded);
            }
        }
    }

    fn cached(&self, model: &ModelName) -> Result<Option<Arc<LoadedDefinition>>, DefinitionError> {
        Ok(self.store.get(&head_key(model))?.and_then(|head| self.cache.get(model, &head)))
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        // No data is stored in the mutex, so a panic in another thread cannot leave an inconsistent state.
        self.write_lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fails if an entry cannot be read.
fn check_readable<'p>(
    model: &ModelName,
    mut unreadable: impl Iterator<Item = &'p EntryPath>,
) -> Result<(), DefinitionError> {
    match unreadable.next() {
        None => Ok(()),
        Some(first) => Err(DefinitionError::UnreadableEntries {
            model: model.clone(),
            first: first.clone(),
            count: unreadable.count() + 1,
        }),
    }
}

fn scope(request: &EditRequest) -> String {
    // Per model, not per workspace: a stored answer is a state of one model.
    format!("{}/definition/{}", request.model, request.method)
}

/// A conflict means that another server changed the definition at the same time.
fn map_conflict(error: StoreError, model: &ModelName) -> DefinitionError {
    if matches!(error, StoreError::Conflict { .. }) {
        return DefinitionError::StaleEtag { model: model.clone() };
    }
    DefinitionError::Store(error)
}
