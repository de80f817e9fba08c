//! Versions in memory: the live ones, and the most recently used others.

use std::collections::{HashMap, VecDeque};
use std::iter;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use sweetspot_core::{Alias, ModelName, VersionName};
use sweetspot_model::{ModelArtifact, Scorer};

use super::model_state::ModelState;
use super::version_store::VersionStore;
use super::{LoadedVersion, RegistryError};

/// The maximum number of versions in memory that are not live.
const MAX_RECENT_VERSIONS: usize = 8;

/// Compiles an artifact for scoring. All versions that answer scores go through this function.
pub(super) fn compile(name: &VersionName, artifact: &ModelArtifact) -> Result<Arc<LoadedVersion>, RegistryError> {
    match Scorer::compile(artifact) {
        Ok(scorer) => Ok(Arc::new(LoadedVersion { name: name.clone(), resource: name.to_string(), scorer })),
        Err(source) => Err(RegistryError::Compile { version: name.clone(), source }),
    }
}

/// Loads a version from the store.
pub(super) fn load_version(ledger: &VersionStore, name: &VersionName) -> Result<Arc<LoadedVersion>, RegistryError> {
    compile(name, &ledger.artifact(name)?)
}

/// Loads the live version, or, if that fails, the one before it. The alias is unchanged: that is a decision for a
/// person.
pub(super) fn load_live_version(
    ledger: &VersionStore,
    model: &ModelName,
    head: &ModelState,
) -> Option<Arc<LoadedVersion>> {
    let live = head.alias_target(Alias::Live)?;
    iter::once(live).chain(head.alias_target(Alias::Previous)).find_map(|number| {
        let name = VersionName { model: model.clone(), number };
        load_version(ledger, &name).inspect_err(|error| log_load_failure(&name, error)).ok()
    })
}

fn log_load_failure(version: &VersionName, error: &RegistryError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, %version, "cannot load the live version, using the version before it: promote a good version");
}

/// The live version of each model. A read is one atomic load without a lock.
#[derive(Debug)]
pub(super) struct LiveVersions(ArcSwap<HashMap<ModelName, Arc<LoadedVersion>, RandomState>>);

impl FromIterator<Arc<LoadedVersion>> for LiveVersions {
    fn from_iter<I: IntoIterator<Item = Arc<LoadedVersion>>>(versions: I) -> Self {
        let by_model = versions.into_iter().map(|loaded| (loaded.name.model.clone(), loaded));
        Self(ArcSwap::from_pointee(by_model.collect()))
    }
}

impl LiveVersions {
    /// Returns the live version of a model.
    pub(super) fn get(&self, model: &ModelName) -> Option<Arc<LoadedVersion>> {
        self.0.load().get(model).cloned()
    }

    /// Returns the names of the live versions, sorted.
    pub(super) fn names(&self) -> Vec<VersionName> {
        let mut names: Vec<VersionName> = self.0.load().values().map(|loaded| loaded.name.clone()).collect();
        names.sort_by_cached_key(ToString::to_string);
        names
    }

    /// Whether any version is live.
    pub(super) fn has_any(&self) -> bool {
        !self.0.load().is_empty()
    }

    /// Replaces the live version of a model.
    pub(super) fn insert(&self, loaded: &Arc<LoadedVersion>) {
        self.0.rcu(|map| {
            let mut next = HashMap::clone(map);
            next.insert(loaded.name.model.clone(), Arc::clone(loaded));
            next
        });
    }
}

/// The most recently used versions, newest first, at most [`MAX_RECENT_VERSIONS`].
#[derive(Debug, Default)]
pub(super) struct RecentVersions(Mutex<VecDeque<Arc<LoadedVersion>>>);

impl RecentVersions {
    /// Returns a version that is still in memory, and marks it as the most recently used.
    pub(super) fn get(&self, name: &VersionName) -> Option<Arc<LoadedVersion>> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = recent.iter().position(|loaded| loaded.name == *name)?;
        let found = recent.remove(place)?;
        recent.push_front(Arc::clone(&found));
        Some(found)
    }

    /// Adds a version, which may remove the least recently used one.
    pub(super) fn insert(&self, loaded: &Arc<LoadedVersion>) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|other| other.name != loaded.name);
        recent.push_front(Arc::clone(loaded));
        recent.truncate(MAX_RECENT_VERSIONS);
    }
}
