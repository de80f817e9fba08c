//! A definition during a change.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sweetspot_core::{Definition, DefinitionChangeError, Entry, ModelName};

use super::loaded::LoadedDefinition;
use super::{DefinitionError, EntryPath};

/// A definition that is being changed.
pub(super) struct EditedDefinition {
    pub(super) definition: Definition,
    pub(super) unreadable: BTreeSet<EntryPath>,
    /// The number of the state that the change creates.
    pub(super) revision: u64,
    pub(super) approved_versions: u64,
    /// Whether the change is an approval that leaves the definition in review.
    pub(super) is_partial_approval: bool,
    pub(super) now: Timestamp,
}

impl EditedDefinition {
    /// Starts a change. Fails if the etag is neither empty nor that of the definition.
    pub(super) fn new(
        before: &LoadedDefinition,
        model: &ModelName,
        etag: &str,
        now: Timestamp,
    ) -> Result<Self, DefinitionError> {
        if !etag.is_empty() && etag != before.etag(model) {
            return Err(DefinitionError::StaleEtag { model: model.clone() });
        }
        Ok(Self {
            definition: before.entries.definition.clone(),
            unreadable: before.entries.unreadable.clone(),
            revision: before.revision.map_or_else(|| lost_revision(now), |revision| revision + 1),
            approved_versions: before.approved_versions,
            is_partial_approval: false,
            now,
        })
    }

    /// Adds an entry. Fails if its id exists, also as that of an entry that cannot be read.
    pub(super) fn add<E: Entry>(&mut self, entry: E) -> Result<(), DefinitionError> {
        if self.unreadable.contains(&EntryPath::new::<E>(entry.id())) {
            return Err(DefinitionChangeError::Exists { kind: E::KIND, id: entry.id().to_owned() }.into());
        }
        Ok(self.definition.add(entry, self.now)?)
    }

    /// Removes an entry, also one that cannot be read.
    pub(super) fn remove<E: Entry>(&mut self, id: &str) -> Result<(), DefinitionError> {
        if !self.unreadable.remove(&EntryPath::new::<E>(id)) {
            self.definition.remove::<E>(id)?;
        } else if E::KIND.needs_approval() {
            self.definition.reopen();
        }
        Ok(())
    }

    /// The id of the comment that the change may add. Zero-padded, so that ids sort in the order of creation.
    pub(super) fn comment_id(&self) -> String {
        comment_id(self.revision)
    }
}

/// The revision after one that was lost: more than any before it, as no definition changes a thousand times a second.
fn lost_revision(now: Timestamp) -> u64 {
    now.as_millisecond().max(1).cast_unsigned()
}

/// The id of the comment that a change adds. Zero-padded, so that ids sort in the order of creation.
pub(super) fn comment_id(revision: u64) -> String {
    format!("c-{revision:09}")
}
