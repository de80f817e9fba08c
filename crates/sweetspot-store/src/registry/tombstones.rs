//! What is known of deleted versions and models: when each was deleted, by whom, and the numbers that are taken.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sweetspot_core::{ModelName, ModelVersionName};

use super::model_state::ModelState;
use super::row_reader::{RegistryReader, read_error};
use super::rows;
use crate::store::StoreError;

/// The prefix of the tombstones of models.
pub(super) const DELETED_MODEL_PREFIX: &str = "deleted-model/";
/// The prefix of the tombstones of versions.
pub(super) const DELETED_VERSION_PREFIX: &str = "deleted-version/";
/// The maximum number of tombstones of models that are read at a time.
const PAGE_ROWS: usize = 256;

/// The row of a deleted version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeletedVersionRow {
    pub(super) time: String,
    pub(super) actor: String,
    pub(super) reason: String,
}

/// The row of a deleted model. It stays if the model is trained again, so that no number is reused.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeletedModelRow {
    pub(super) time: String,
    pub(super) actor: String,
    pub(super) reason: String,
    /// The numbers of the newest version, of the newest entry of the history, and of the last revision.
    pub(super) versions: u64,
    pub(super) moves: u64,
    pub(super) revision: u64,
    /// Whether all rows of the model are removed. Until then, the removal continues when the store is opened.
    pub(super) is_removed: bool,
}

/// The key of the tombstone of a version.
pub(super) fn version_key(name: &ModelVersionName) -> String {
    format!("{}{:020}", version_prefix(&name.model), name.number)
}

/// The prefix of the tombstones of a model's versions.
pub(super) fn version_prefix(model: &ModelName) -> String {
    format!("{DELETED_VERSION_PREFIX}{model}/")
}

/// The key of the tombstone of a model.
pub(super) fn model_key(model: &ModelName) -> String {
    format!("{DELETED_MODEL_PREFIX}{model}")
}

impl RegistryReader {
    /// Returns the time at which a version was deleted. `None` if it was not.
    pub(super) fn version_deleted_at(&self, name: &ModelVersionName) -> Result<Option<Timestamp>, StoreError> {
        if let Some(bytes) = self.store.get(&version_key(name))? {
            return Ok(Some(parse_time(&rows::decode::<DeletedVersionRow>(&bytes)?.time)?));
        }
        let row = self.deleted_model(&name.model)?.filter(|row| (1..=row.versions).contains(&name.number));
        row.map(|row| parse_time(&row.time)).transpose()
    }

    /// Returns the time at which a model was deleted. `None` if it was not.
    pub(super) fn model_deleted_at(&self, model: &ModelName) -> Result<Option<Timestamp>, StoreError> {
        self.deleted_model(model)?.map(|row| parse_time(&row.time)).transpose()
    }

    /// Returns the tombstone of a model.
    pub(super) fn deleted_model(&self, model: &ModelName) -> Result<Option<DeletedModelRow>, StoreError> {
        self.store.get(&model_key(model))?.map(|bytes| rows::decode(&bytes)).transpose()
    }

    /// Returns the state of a model before its first version: numbers continue after those of a deleted model.
    pub(super) fn first_state(&self, model: &ModelName) -> Result<ModelState, StoreError> {
        let Some(DeletedModelRow { versions, moves, revision, .. }) = self.deleted_model(model)? else {
            return Ok(ModelState::default());
        };
        let mut state = ModelState::default();
        (state.versions, state.deleted, state.moves, state.revision) = (versions, versions, moves, revision);
        Ok(state)
    }

    /// Returns the deleted models whose rows are not all removed.
    pub(super) fn unfinished_deletions(&self) -> Result<Vec<ModelName>, StoreError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.scan(DELETED_MODEL_PREFIX, after.as_deref(), PAGE_ROWS)?;
            let Some(last) = page.last() else { return Ok(found) };
            after = Some(last.key.clone());
            for row in &page {
                if rows::decode::<DeletedModelRow>(&row.value)?.is_removed {
                    continue;
                }
                let model = row.key.strip_prefix(DELETED_MODEL_PREFIX).unwrap_or_default().parse();
                found.push(model.map_err(|source| read_error("read the name of a model", source))?);
            }
        }
    }
}

fn parse_time(text: &str) -> Result<Timestamp, StoreError> {
    text.parse().map_err(|source| read_error("read the time of a deletion", source))
}
