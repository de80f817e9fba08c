//! Copies of the live versions in a folder, for a start without the store.

use std::collections::BTreeSet;

use sweetspot_core::{Digest, ModelName, ModelVersionAlias, ModelVersionName};

use super::refresh::changed_models;
use super::row_reader::{
    MODEL_PREFIX, TIERS_PREFIX, VERSION_PREFIX, model_state_key, tiers_key, tiers_prefix, version_key, versions_prefix,
};
use super::rows::{self, ModelVersionRow};
use super::{Registry, RegistryError};
use crate::store::{ChangedKeys, LocalCache, Row, StoreError};

impl Registry {
    /// Copies what changed of the live versions, and removes copies of others.
    pub(super) fn update_cache(&self, keys: &ChangedKeys) -> Result<(), RegistryError> {
        let Some(cache) = &self.reader.cache else { return Ok(()) };
        match keys {
            ChangedKeys::Some(keys) => {
                let models = changed_models(keys);
                if models.is_empty() {
                    return Ok(());
                }
                for model in models.into_keys() {
                    let (state, rows) = (model_state_key(&model), self.copy_live(cache, &model)?);
                    let of_versions = [versions_prefix(&model), tiers_prefix(&model)];
                    let is_of_model =
                        |key: &str| key == state || of_versions.iter().any(|prefix| key.starts_with(prefix));
                    cache.replace(is_of_model, rows)?;
                }
            }
            ChangedKeys::All => {
                let mut rows = Vec::new();
                for (model, _) in self.reader.model_states()? {
                    rows.extend(self.copy_live(cache, &model)?);
                }
                let prefixes = [MODEL_PREFIX, VERSION_PREFIX, TIERS_PREFIX];
                cache.replace(|key| prefixes.iter().any(|prefix| key.starts_with(prefix)), rows)?;
            }
        }
        Ok(cache.retain_blobs(&named_artifacts(cache)?)?)
    }

    /// Copies the artifact of a live version. Returns the rows that its load reads; none without a live version, or if its
    /// artifact is missing or damaged.
    fn copy_live(&self, cache: &LocalCache, model: &ModelName) -> Result<Vec<Row>, RegistryError> {
        let Some(state) = self.reader.model_state(model)? else { return Ok(Vec::new()) };
        let Some(number) = state.state.alias_target(ModelVersionAlias::Live) else { return Ok(Vec::new()) };
        let name = ModelVersionName { model: model.clone(), number };
        let mut rows = vec![Row { key: model_state_key(model), value: state.bytes }];
        for key in [version_key(&name), tiers_key(&name)] {
            rows.extend(self.store.get(&key)?.map(|value| Row { key, value }));
        }
        let digest = self.reader.artifact_digest(&name)?;
        if cache.blob(&digest).is_none() {
            match self.store.blob(&digest) {
                Ok(bytes) => cache.put_blob(&bytes)?,
                Err(error @ StoreError::Unreachable { .. }) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(%error, version = %name, "cannot copy the artifact of a live version");
                    return Ok(Vec::new());
                }
            }
        }
        Ok(rows)
    }
}

/// The digests of the artifacts that the rows of a cache name.
fn named_artifacts(cache: &LocalCache) -> Result<BTreeSet<Digest>, RegistryError> {
    let versions = cache.rows().into_iter().filter(|row| row.key.starts_with(VERSION_PREFIX));
    versions.map(|row| Ok(rows::decode::<ModelVersionRow>(&row.value)?.artifact()?)).collect()
}
