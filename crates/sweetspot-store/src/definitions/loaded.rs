//! A definition as its rows contain it: the head row, and the entries.

use sweetspot_core::{Approval, Date, Digest, ModelName};

use super::approved_versions::newest_version;
use super::entry_path::EntryPath;
use super::entry_rows::StoredEntries;
use super::{DefinitionError, DefinitionSnapshot, HEAD_PREFIX};
use crate::store::{Store, StoreError};
use crate::stored::{DefinitionHead, ReadError, StoredField as _, VersionedMessage as _};

/// A definition as it was read, or as a change left it.
#[derive(Clone, Debug, Default)]
pub(super) struct LoadedDefinition {
    /// The bytes of the head row; `None` without one.
    pub(super) head_bytes: Option<Vec<u8>>,
    /// The number of changes so far. `None` if the head row is damaged or missing.
    pub(super) revision: Option<u64>,
    pub(super) approved_versions: u64,
    pub(super) entries: StoredEntries,
}

/// What a head row contains.
struct HeadState {
    revision: u64,
    approved_versions: u64,
    approval: Approval,
    review_date: Option<Date>,
    allow_self_approval: bool,
    /// Whether the approval and the review date of an earlier head row were lost.
    is_lost: bool,
}

impl LoadedDefinition {
    /// Reads the definition of a model. The caller makes sure that it does not change meanwhile. If the head row is
    /// damaged or missing, the definition is a draft whose state cannot be read.
    pub(super) fn read(store: &dyn Store, model: &ModelName) -> Result<Self, DefinitionError> {
        let head_bytes = store.get(&head_key(model))?;
        let mut entries = StoredEntries::read(store, model)?;
        let head = match head_bytes.as_deref().map(HeadState::decode) {
            Some(Ok(head)) => head,
            Some(Err(error @ ReadError::UnknownFormat { .. })) => return Err(StoreError::from(error).into()),
            damaged => {
                let approved_versions = newest_version(store, model)?;
                if damaged.is_none() && entries.is_empty() && approved_versions == 0 {
                    return Ok(Self { revision: Some(0), ..Self::default() });
                }
                tracing::error!(%model, "the state of a definition cannot be read: set its review date again");
                entries.unreadable.insert(EntryPath::STATE);
                return Ok(Self { head_bytes, revision: None, approved_versions, entries });
            }
        };
        let HeadState { revision, approved_versions, approval, review_date, allow_self_approval, is_lost } = head;
        (entries.definition.approval, entries.definition.review_date) = (approval, review_date);
        entries.definition.allow_self_approval = allow_self_approval;
        entries.unreadable.extend(is_lost.then_some(EntryPath::STATE));
        Ok(Self { head_bytes, revision: Some(revision), approved_versions, entries })
    }

    /// The state after a change, with the bytes of its head row.
    pub(super) fn new(revision: u64, approved_versions: u64, entries: StoredEntries) -> Self {
        let head = DefinitionHead {
            format_version: 0,
            revision,
            approved_versions,
            approval: entries.definition.approval.clone().into_stored(),
            review_date: entries.definition.review_date.into_stored(),
            allow_self_approval: entries.definition.allow_self_approval,
            state_lost: entries.unreadable.contains(&EntryPath::STATE),
        };
        Self { head_bytes: Some(head.to_bytes()), revision: Some(revision), approved_versions, entries }
    }

    /// The etag: unique to the model and this state of its definition, and different from the etags of models.
    pub(super) fn etag(&self, model: &ModelName) -> String {
        let state = match (self.revision, &self.head_bytes) {
            (Some(revision), _) => format!("definition of {model} {revision}"),
            (None, Some(damaged)) => format!("damaged definition of {model} {}", Digest::new(damaged)),
            (None, None) => format!("damaged definition of {model}"),
        };
        let mut digest = Digest::new(state.as_bytes()).to_string();
        digest.truncate(16);
        digest
    }

    /// The public form.
    pub(super) fn snapshot(&self, model: &ModelName) -> DefinitionSnapshot {
        DefinitionSnapshot {
            definition: self.entries.definition.clone(),
            etag: self.etag(model),
            approved_versions: self.approved_versions,
            unreadable: self.entries.unreadable.iter().cloned().collect(),
        }
    }
}

impl HeadState {
    fn decode(bytes: &[u8]) -> Result<Self, ReadError> {
        let DefinitionHead {
            format_version: _,
            revision,
            approved_versions,
            approval,
            review_date,
            state_lost,
            allow_self_approval,
        } = DefinitionHead::from_bytes(bytes)?;
        Ok(Self {
            revision,
            approved_versions,
            approval: Approval::from_stored(approval, "approval")?,
            review_date: Option::from_stored(review_date, "review date")?,
            allow_self_approval,
            is_lost: state_lost,
        })
    }
}

/// The key of the head row of a model's definition.
pub(super) fn head_key(model: &ModelName) -> String {
    format!("{HEAD_PREFIX}{model}")
}
