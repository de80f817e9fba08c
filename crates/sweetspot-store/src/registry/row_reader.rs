//! Reads the registry's rows from the store.

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::{Digest, ModelName, ModelVersionAlias, ModelVersionName, ModelVersionRef, RunName, WorkspaceName};
use sweetspot_model::ModelArtifact;

use super::model_state::ModelState;
use super::rows::{self, AliasMoveRow, ModelVersionRow, TiersRow};
use super::{PromotionRecord, RegistryError, TrainingDataRef, VersionRecord};
use crate::annotations;
use crate::store::{LocalCache, Row, Store, StoreError};

/// The prefix of the states of models.
pub(crate) const MODEL_PREFIX: &str = "model/";
/// The prefix of versions.
pub(super) const VERSION_PREFIX: &str = "version/";
/// The prefix of the entries of promotion histories.
pub(super) const PROMOTION_PREFIX: &str = "promotion/";
/// The prefix of tier cuts that a promotion kept.
pub(super) const TIERS_PREFIX: &str = "tiers/";
/// The prefix of the version numbers that runs published.
pub(super) const PUBLISHED_PREFIX: &str = "published/";
/// The number of rows that are read at a time.
const PAGE_ROWS: usize = 256;

/// The key of a model's state row.
pub(super) fn model_state_key(model: &ModelName) -> String {
    format!("{MODEL_PREFIX}{model}")
}

/// The key of a version's row.
pub(super) fn version_key(name: &ModelVersionName) -> String {
    format!("{}{:020}", versions_prefix(&name.model), name.number)
}

/// The prefix of the rows of a model's versions.
pub(super) fn versions_prefix(model: &ModelName) -> String {
    format!("{VERSION_PREFIX}{model}/")
}

/// Parses the key of a version's row.
pub(super) fn version_from_key(key: &str) -> Option<ModelVersionName> {
    let (model, number) = key.strip_prefix(VERSION_PREFIX)?.rsplit_once('/')?;
    Some(ModelVersionName { model: model.parse().ok()?, number: number.parse().ok()? })
}

/// Parses the key of the tier cuts of a version.
pub(super) fn version_from_tiers_key(key: &str) -> Option<ModelVersionName> {
    let (model, number) = key.strip_prefix(TIERS_PREFIX)?.rsplit_once('/')?;
    Some(ModelVersionName { model: model.parse().ok()?, number: number.parse().ok()? })
}

/// The key of an entry of a model's promotion history.
pub(super) fn move_key(model: &ModelName, number: u64) -> String {
    format!("{}{number:020}", moves_prefix(model))
}

/// The prefix of a model's promotion history.
pub(super) fn moves_prefix(model: &ModelName) -> String {
    format!("{PROMOTION_PREFIX}{model}/")
}

/// The key of the tier cuts of a version whose promotion kept those of the previous live version.
pub(super) fn tiers_key(name: &ModelVersionName) -> String {
    format!("{}{:020}", tiers_prefix(&name.model), name.number)
}

/// The prefix of the tier cuts of a model's versions.
pub(super) fn tiers_prefix(model: &ModelName) -> String {
    format!("{TIERS_PREFIX}{model}/")
}

/// The name under which the annotations of a version are stored. Its number has a fixed length.
pub(super) fn annotations_name(name: &ModelVersionName) -> String {
    format!("{}/versions/{:020}", name.model, name.number)
}

/// The key of the version number that a run published.
pub(super) fn published_key(run: &RunName) -> String {
    format!("{PUBLISHED_PREFIX}{run}")
}

/// A model's state with the bytes it was read from.
#[derive(Debug)]
pub(super) struct StoredModelState {
    /// The state.
    pub(super) state: ModelState,
    /// The bytes, which the commit of a change expects to be unchanged.
    pub(super) bytes: Vec<u8>,
}

/// Reads the registry's rows.
#[derive(Debug)]
pub(super) struct RegistryReader {
    pub(super) store: Arc<dyn Store>,
    /// Copies of artifacts.
    pub(super) cache: Option<Arc<LocalCache>>,
}

impl RegistryReader {
    /// Opens the rows of a store.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self::with_cache(store, None)
    }

    /// Opens the rows of a store, with copies of artifacts.
    pub(super) fn with_cache(store: Arc<dyn Store>, cache: Option<Arc<LocalCache>>) -> Self {
        Self { store, cache }
    }

    /// Returns all models with their states.
    pub(super) fn model_states(&self) -> Result<Vec<(ModelName, ModelState)>, StoreError> {
        let mut states = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.scan(MODEL_PREFIX, after.as_deref(), PAGE_ROWS)?;
            let Some(last) = page.last() else { return Ok(states) };
            after = Some(last.key.clone());
            for row in &page {
                states.push(read_model_state(row)?);
            }
        }
    }

    /// Returns up to `limit` models of a workspace after `after`, with their states, in the order of their names.
    pub(super) fn model_states_of(
        &self,
        workspace: &WorkspaceName,
        after: Option<&ModelName>,
        limit: usize,
    ) -> Result<Vec<(ModelName, ModelState)>, StoreError> {
        let after = after.map(model_state_key);
        let rows = self.store.scan(&format!("{MODEL_PREFIX}{workspace}/"), after.as_deref(), limit)?;
        rows.iter().map(read_model_state).collect()
    }

    /// Returns the state of a model. `None` if the model does not exist.
    pub(super) fn model_state(&self, model: &ModelName) -> Result<Option<StoredModelState>, StoreError> {
        let Some(bytes) = self.store.get(&model_state_key(model))? else { return Ok(None) };
        Ok(Some(StoredModelState { state: rows::decode(&bytes)?, bytes }))
    }

    /// Returns the version that a run has published, if any.
    pub(super) fn published(&self, run: &RunName) -> Result<Option<ModelVersionName>, StoreError> {
        let Some(bytes) = self.store.get(&published_key(run))? else { return Ok(None) };
        Ok(Some(ModelVersionName { model: run.model.clone(), number: rows::decode(&bytes)? }))
    }

    /// Resolves a reference to a version, and returns the state of its model too.
    pub(super) fn resolve(&self, version: &ModelVersionRef) -> Result<(ModelVersionName, ModelState), RegistryError> {
        let model = version.model();
        let Some(StoredModelState { state, .. }) = self.model_state(model)? else {
            return Err(match version {
                ModelVersionRef::Alias(model, ModelVersionAlias::Live) => {
                    RegistryError::NoLiveVersion { model: model.clone() }
                }
                ModelVersionRef::Alias(model, ModelVersionAlias::Candidate | ModelVersionAlias::Previous)
                | ModelVersionRef::Number(ModelVersionName { model, .. }) => self.no_model(model)?,
            });
        };
        let number = match version {
            ModelVersionRef::Number(name) if self.store.get(&version_key(name))?.is_none() => {
                return Err(self.no_version(name)?);
            }
            ModelVersionRef::Number(name) => Some(name.number),
            ModelVersionRef::Alias(_, alias) => state.alias_target(*alias),
        };
        match (number, version) {
            (Some(number), _) => Ok((ModelVersionName { model: model.clone(), number }, state)),
            (None, ModelVersionRef::Alias(model, ModelVersionAlias::Live)) => {
                Err(RegistryError::NoLiveVersion { model: model.clone() })
            }
            (
                None,
                ModelVersionRef::Alias(_, ModelVersionAlias::Candidate | ModelVersionAlias::Previous)
                | ModelVersionRef::Number(_),
            ) => Err(RegistryError::NoVersion { version: version.clone(), deleted: None }),
        }
    }

    /// The error for a model that does not exist.
    pub(super) fn no_model(&self, model: &ModelName) -> Result<RegistryError, StoreError> {
        Ok(RegistryError::NoModel { model: model.clone(), deleted: self.model_deleted_at(model)? })
    }

    /// The error for a version that does not exist.
    fn no_version(&self, name: &ModelVersionName) -> Result<RegistryError, StoreError> {
        let deleted = self.version_deleted_at(name)?;
        Ok(RegistryError::NoVersion { version: ModelVersionRef::Number(name.clone()), deleted })
    }

    /// Returns the names of up to `limit` versions with numbers above `after`, oldest first.
    pub(super) fn version_names(
        &self,
        model: &ModelName,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<ModelVersionName>, StoreError> {
        let after = after.map(|number| version_key(&ModelVersionName { model: model.clone(), number }));
        let rows = self.store.scan(&versions_prefix(model), after.as_deref(), limit)?;
        let name = |row: &Row| {
            version_from_key(&row.key).ok_or_else(|| read_error("read the name of a version", "it is damaged"))
        };
        rows.iter().map(name).collect()
    }

    /// Returns the training data of all versions of all models.
    pub(super) fn data_uses(&self) -> Result<Vec<TrainingDataRef>, StoreError> {
        let mut uses = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.scan(VERSION_PREFIX, after.as_deref(), PAGE_ROWS)?;
            let Some(last) = page.last() else { return Ok(uses) };
            after = Some(last.key.clone());
            for row in &page {
                let version = version_from_key(&row.key)
                    .ok_or_else(|| read_error("read the name of a version", "it is damaged"))?;
                let row: ModelVersionRow = rows::decode(&row.value)?;
                uses.push(TrainingDataRef { version, dataset: row.dataset()?, data: row.data()? });
            }
        }
    }

    /// Returns the record of a version, given the state of its model.
    pub(super) fn record(&self, name: &ModelVersionName, state: &ModelState) -> Result<VersionRecord, RegistryError> {
        let annotations = annotations::read(self.store.as_ref(), &annotations_name(name))?;
        Ok(self.version(name)?.record(name, state, self.stored_tier_cuts(name)?, annotations)?)
    }

    /// Returns the verified artifact of a version with its current tiers.
    pub(super) fn artifact(&self, name: &ModelVersionName) -> Result<ModelArtifact, RegistryError> {
        self.artifact_with(name, self.stored_tier_cuts(name)?)
    }

    /// Returns the verified artifact of a version with these tier cuts, or by default those of its own training.
    pub(super) fn artifact_with(
        &self,
        name: &ModelVersionName,
        cuts: Option<[f64; 3]>,
    ) -> Result<ModelArtifact, RegistryError> {
        let digest = self.version(name)?.artifact()?;
        let copy = self.cache.as_ref().and_then(|cache| cache.blob(&digest));
        let bytes = copy.map_or_else(|| self.store.blob(&digest), Ok)?;
        let artifact = ModelArtifact::from_bytes(&bytes)
            .map_err(|source| RegistryError::Artifact { version: name.clone(), source })?;
        Ok(match cuts {
            Some(cuts) => artifact.with_tier_cuts(cuts),
            None => artifact,
        })
    }

    /// Returns the time of publication of a version.
    pub(super) fn created(&self, name: &ModelVersionName) -> Result<Timestamp, RegistryError> {
        Ok(self.version(name)?.created()?)
    }

    /// Returns the digest of a version's artifact, without reading the artifact.
    pub(super) fn artifact_digest(&self, name: &ModelVersionName) -> Result<Digest, RegistryError> {
        Ok(self.version(name)?.artifact()?)
    }

    /// Returns the tier cuts of a version whose promotion kept those of the previous live version.
    fn stored_tier_cuts(&self, name: &ModelVersionName) -> Result<Option<[f64; 3]>, StoreError> {
        let Some(bytes) = self.store.get(&tiers_key(name))? else { return Ok(None) };
        Ok(Some(rows::decode::<TiersRow>(&bytes)?.cuts))
    }

    /// Returns an entry of a model's promotion history.
    pub(super) fn promotion(&self, model: &ModelName, number: u64) -> Result<PromotionRecord, RegistryError> {
        let bytes = self.store.get(&move_key(model, number))?;
        let bytes = bytes.ok_or_else(|| read_error("read the promotion history", "an entry is missing"))?;
        Ok(rows::decode::<AliasMoveRow>(&bytes)?.record(model, number)?)
    }

    fn version(&self, name: &ModelVersionName) -> Result<ModelVersionRow, RegistryError> {
        match self.store.get(&version_key(name))? {
            Some(bytes) => Ok(rows::decode(&bytes)?),
            None if self.model_state(&name.model)?.is_none() => Err(self.no_model(&name.model)?),
            None => Err(self.no_version(name)?),
        }
    }
}

fn read_model_state(row: &Row) -> Result<(ModelName, ModelState), StoreError> {
    let model = row.key.strip_prefix(MODEL_PREFIX).unwrap_or_default().parse();
    Ok((model.map_err(|source| read_error("read the name of a model", source))?, rows::decode(&row.value)?))
}

/// The error for a row that cannot be read.
pub(super) fn read_error(
    action: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Backend { action, source: source.into() }
}
