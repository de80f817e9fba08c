//! A definition as its rows contain it: the head row, and the entries.

use sweetspot_core::{Approval, ModelName};

use super::entry_rows::StoredEntries;
use super::{DefinitionError, DefinitionSnapshot, HEAD_PREFIX};
use crate::store::{Store, StoreError};
use crate::stored::{DefinitionHead, StoredField as _, StoredMessage as _};

/// A definition as it was read, or as a change left it.
#[derive(Clone, Debug, Default)]
pub(super) struct LoadedDefinition {
    /// The bytes of the head row. Empty if the model has no definition yet.
    pub(super) head_bytes: Vec<u8>,
    pub(super) revision: u64,
    pub(super) approved_versions: u64,
    pub(super) entries: StoredEntries,
}

impl LoadedDefinition {
    /// Reads the definition of a model. The caller makes sure that it does not change meanwhile.
    pub(super) fn read(store: &dyn Store, model: &ModelName) -> Result<Self, DefinitionError> {
        let corrupt = || DefinitionError::Corrupt { model: model.clone() };
        let Some(head_bytes) = store.get(&head_key(model))? else {
            let entries = StoredEntries::read(store, model)?;
            return if entries.is_empty() { Ok(Self::default()) } else { Err(corrupt()) };
        };
        let head = DefinitionHead::from_bytes(&head_bytes).map_err(StoreError::from)?;
        let DefinitionHead { format_version: _, revision, approved_versions, approval, review_date } = head;
        let mut entries = StoredEntries::read(store, model)?;
        entries.definition.approval = Approval::from_stored(approval, "approval").map_err(|_| corrupt())?;
        entries.definition.review_date = Option::from_stored(review_date, "review date").map_err(|_| corrupt())?;
        Ok(Self { head_bytes, revision, approved_versions, entries })
    }

    /// The state after a change, with the bytes of its head row.
    pub(super) fn new(revision: u64, approved_versions: u64, entries: StoredEntries) -> Self {
        let head = DefinitionHead {
            format_version: 0,
            revision,
            approved_versions,
            approval: entries.definition.approval.clone().into_stored(),
            review_date: entries.definition.review_date.into_stored(),
        };
        Self { head_bytes: head.to_bytes(), revision, approved_versions, entries }
    }

    /// The public form.
    pub(super) fn snapshot(&self, model: &ModelName) -> DefinitionSnapshot {
        DefinitionSnapshot {
            definition: self.entries.definition.clone(),
            etag: super::definition_etag(model, self.revision),
            approved_versions: self.approved_versions,
            unreadable: self.entries.unreadable.iter().cloned().collect(),
        }
    }
}

/// The key of the head row of a model's definition.
pub(super) fn head_key(model: &ModelName) -> String {
    format!("{HEAD_PREFIX}{model}")
}
