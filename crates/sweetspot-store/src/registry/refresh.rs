//! Brings the versions in memory in line with the store, after another server has changed it.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::{ModelName, ModelVersionAlias};

use super::row_reader::{MODEL_PREFIX, version_from_key, version_from_tiers_key};
use super::{Registry, RegistryError, version_cache};
use crate::store::ChangedKeys;

/// What changed of the models: the versions of each whose rows changed.
type ChangedModels = BTreeMap<ModelName, BTreeSet<u64>>;

impl Registry {
    /// Loads the live versions of the models that changed, if they differ from those in memory, and forgets other
    /// versions that changed. A live version in memory stays in use if its artifact is missing or damaged meanwhile.
    ///
    /// # Errors
    /// If the store fails. The versions in memory then stay in use.
    pub fn refresh(&self, keys: &ChangedKeys) -> Result<(), RegistryError> {
        match keys {
            ChangedKeys::Some(keys) => {
                for (model, versions) in changed_models(keys) {
                    self.recent.remove(&model, |number| versions.contains(&number));
                    self.refresh_live(&model, |live| versions.contains(&live))?;
                }
            }
            ChangedKeys::All => {
                let stored = self.reader.model_states()?.into_iter().map(|(model, _)| model);
                let models: BTreeSet<ModelName> = stored.chain(self.live.models()).collect();
                for model in models {
                    self.recent.remove(&model, |_| true);
                    self.refresh_live(&model, |_| true)?;
                }
            }
        }
        self.update_cache(keys)
    }

    /// Loads the live version of a model if it is another one than in memory, or if `has_changed`.
    fn refresh_live(&self, model: &ModelName, has_changed: impl Fn(u64) -> bool) -> Result<(), RegistryError> {
        // Live versions in memory change in the order of the commits.
        let _one = self.lock();
        let state = self.reader.model_state(model)?.map(|row| row.state);
        let live = state.as_ref().and_then(|state| state.alias_target(ModelVersionAlias::Live));
        let (Some(state), Some(live)) = (state, live) else {
            self.live.remove(model);
            return Ok(());
        };
        let in_memory = self.live.get(model).ok();
        let is_in_memory = in_memory.as_ref().is_some_and(|loaded| loaded.name.number == live);
        if is_in_memory && !has_changed(live) && self.live.failure(model).is_none() {
            return Ok(());
        }
        let loaded = version_cache::load_reachable_version(&self.reader, model, &state, in_memory.as_ref())?;
        if let Some(entry) = loaded {
            self.live.insert(model, &entry);
            if !is_in_memory {
                tracing::info!(%model, version = live, "another server has changed the live version");
            }
        }
        Ok(())
    }
}

/// Returns the models that keys are about, with the versions whose own rows they are.
pub(super) fn changed_models(keys: &BTreeSet<String>) -> ChangedModels {
    let mut changed = ChangedModels::new();
    for key in keys {
        if let Some(model) = key.strip_prefix(MODEL_PREFIX).and_then(|name| name.parse().ok()) {
            changed.entry(model).or_default();
        } else if let Some(name) = version_from_key(key).or_else(|| version_from_tiers_key(key)) {
            changed.entry(name.model).or_default().insert(name.number);
        }
    }
    changed
}
