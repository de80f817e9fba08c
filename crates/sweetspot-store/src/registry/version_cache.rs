//! Versions in memory: the live ones, and the most recently used others.

use std::collections::{HashMap, VecDeque};
use std::iter;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionName};
use sweetspot_model::{ModelArtifact, Scorer};

use super::model_state::ModelState;
use super::row_reader::RegistryReader;
use super::{DamagedVersion, LiveFailure, LoadedVersion, RegistryError};
use crate::store::StoreError;

/// The maximum number of versions in memory that are not live.
const MAX_RECENT_VERSIONS: usize = 8;

/// Compiles an artifact for scoring. All versions that answer scores go through this function.
pub(super) fn compile(name: &ModelVersionName, artifact: &ModelArtifact) -> Result<Arc<LoadedVersion>, RegistryError> {
    match Scorer::compile(artifact) {
        Ok(scorer) => Ok(Arc::new(LoadedVersion { name: name.clone(), resource: name.to_string(), scorer })),
        Err(source) => Err(RegistryError::Compile { version: name.clone(), source }),
    }
}

/// Loads a version from the store.
pub(super) fn load_version(
    reader: &RegistryReader,
    name: &ModelVersionName,
) -> Result<Arc<LoadedVersion>, RegistryError> {
    compile(name, &reader.artifact(name)?)
}

/// The version that answers for a model: the live one, or the one before it if the live one cannot be loaded.
#[derive(Clone, Debug)]
pub(super) struct AnsweringVersion {
    /// The version that answers. `None` if neither the live version nor the one before it can be loaded.
    loaded: Option<Arc<LoadedVersion>>,
    /// Set if the live version cannot be loaded, whether another one answers or none.
    failure: Option<Arc<LiveFailure>>,
}

impl From<Arc<LoadedVersion>> for AnsweringVersion {
    fn from(loaded: Arc<LoadedVersion>) -> Self {
        Self { loaded: Some(loaded), failure: None }
    }
}

/// Loads the live version, or, if that fails, the one before it. The alias is unchanged: that is a decision for a
/// person. Of these two, the one in memory stays in use if it cannot be loaded again. Returns `None` if the model has no
/// live version.
pub(super) fn load_live_version(
    reader: &RegistryReader,
    model: &ModelName,
    state: &ModelState,
    in_memory: Option<&Arc<LoadedVersion>>,
) -> Option<AnsweringVersion> {
    let live = state.alias_target(ModelVersionAlias::Live)?;
    let previous = state.alias_target(ModelVersionAlias::Previous).filter(|previous| *previous != live);
    let (mut damaged, mut loaded) = (Vec::new(), None);
    for number in iter::once(live).chain(previous) {
        let name = ModelVersionName { model: model.clone(), number };
        let copy = in_memory.filter(|loaded| loaded.name == name).cloned();
        match (load_version(reader, &name), copy) {
            (Ok(version), _) => loaded = Some(version),
            (Err(error), Some(copy)) if number == live => {
                log_copy_in_use(&copy, &error);
                loaded = Some(copy);
            }
            (Err(error), copy) => {
                damaged.push(damaged_version(reader, name, &error));
                loaded = copy;
            }
        }
        if loaded.is_some() {
            break;
        }
    }
    let stand_in = loaded.as_ref().map(|loaded| loaded.name.clone());
    let failure = (!damaged.is_empty()).then(|| Arc::new(LiveFailure { model: model.clone(), damaged, stand_in }));
    if let Some(failure) = &failure {
        log_failure(failure);
    }
    Some(AnsweringVersion { loaded, failure })
}

/// Loads the version that answers for a model, as [`load_live_version`] does. Another version must not answer only because
/// the store cannot be reached.
///
/// # Errors
/// [`StoreError::Unreachable`].
pub(super) fn load_reachable_version(
    reader: &RegistryReader,
    model: &ModelName,
    state: &ModelState,
    in_memory: Option<&Arc<LoadedVersion>>,
) -> Result<Option<AnsweringVersion>, StoreError> {
    let Some(live) = state.alias_target(ModelVersionAlias::Live) else { return Ok(None) };
    let name = ModelVersionName { model: model.clone(), number: live };
    match load_version(reader, &name) {
        Ok(loaded) => Ok(Some(loaded.into())),
        Err(RegistryError::Store(error @ StoreError::Unreachable { .. })) => Err(error),
        Err(_) => Ok(load_live_version(reader, model, state, in_memory)),
    }
}

fn log_copy_in_use(copy: &LoadedVersion, error: &RegistryError) {
    let cause = error.public();
    tracing::warn!(
        version = %copy.name, cause,
        "cannot load the live version again: the copy in memory stays in use; restore a backup before the next start"
    );
}

fn damaged_version(reader: &RegistryReader, version: ModelVersionName, error: &RegistryError) -> DamagedVersion {
    let (kind, cause) = (error.kind(), error.public());
    DamagedVersion { artifact: reader.artifact_digest(&version).ok(), version, kind, cause }
}

fn log_failure(failure: &LiveFailure) {
    let LiveFailure { model, damaged, stand_in } = failure;
    let causes: Vec<String> = damaged.iter().map(|one| format!("{one}: {}", one.cause)).collect();
    let causes = causes.join("; ");
    if let Some(version) = stand_in {
        tracing::error!(
            %model, causes, stand_in = %version,
            "cannot load the live version, using the version before it: promote a good version"
        );
    } else {
        tracing::error!(
            %model, causes,
            "cannot load the live version, nor one before it: restore a backup, or promote a good version"
        );
    }
}

/// The live version of each model. A read is one atomic load without a lock.
#[derive(Debug)]
pub(super) struct LiveVersions(ArcSwap<HashMap<ModelName, AnsweringVersion, RandomState>>);

impl FromIterator<(ModelName, AnsweringVersion)> for LiveVersions {
    fn from_iter<I: IntoIterator<Item = (ModelName, AnsweringVersion)>>(entries: I) -> Self {
        Self(ArcSwap::from_pointee(entries.into_iter().collect()))
    }
}

impl LiveVersions {
    /// Returns the version that answers for a model.
    ///
    /// # Errors
    /// [`RegistryError::NoLiveVersion`] or [`RegistryError::LiveVersionDamaged`].
    pub(super) fn get(&self, model: &ModelName) -> Result<Arc<LoadedVersion>, RegistryError> {
        match self.0.load().get(model) {
            Some(AnsweringVersion { loaded: Some(loaded), failure: _ }) => Ok(Arc::clone(loaded)),
            Some(AnsweringVersion { loaded: None, failure: Some(failure) }) => {
                Err(RegistryError::LiveVersionDamaged { failure: Arc::clone(failure) })
            }
            Some(AnsweringVersion { loaded: None, failure: None }) | None => {
                Err(RegistryError::NoLiveVersion { model: model.clone() })
            }
        }
    }

    /// Returns the reason why the live version of a model does not answer, if it does not.
    pub(super) fn failure(&self, model: &ModelName) -> Option<Arc<LiveFailure>> {
        self.0.load().get(model)?.failure.clone()
    }

    /// Returns the failures of all models, sorted by the names of the models.
    pub(super) fn failures(&self) -> Vec<Arc<LiveFailure>> {
        let mut failures: Vec<_> = self.0.load().values().filter_map(|entry| entry.failure.clone()).collect();
        failures.sort_by_cached_key(|failure| failure.model.to_string());
        failures
    }

    /// Returns the names of the versions that answer, sorted.
    pub(super) fn names(&self) -> Vec<ModelVersionName> {
        let live = self.0.load();
        let loaded = live.values().filter_map(|entry| entry.loaded.as_ref());
        let mut names: Vec<ModelVersionName> = loaded.map(|loaded| loaded.name.clone()).collect();
        names.sort_by_cached_key(ToString::to_string);
        names
    }

    /// Returns the models that have an entry.
    pub(super) fn models(&self) -> Vec<ModelName> {
        self.0.load().keys().cloned().collect()
    }

    /// Whether any version answers.
    pub(super) fn has_any(&self) -> bool {
        self.0.load().values().any(|entry| entry.loaded.is_some())
    }

    /// Removes a model that was deleted.
    pub(super) fn remove(&self, model: &ModelName) {
        self.0.rcu(|map| {
            let mut next = HashMap::clone(map);
            next.remove(model);
            next
        });
    }

    /// Replaces the live version of a model.
    pub(super) fn insert(&self, model: &ModelName, entry: &AnsweringVersion) {
        self.0.rcu(|map| {
            let mut next = HashMap::clone(map);
            next.insert(model.clone(), entry.clone());
            next
        });
    }
}

/// The most recently used versions, newest first, at most [`MAX_RECENT_VERSIONS`].
#[derive(Debug, Default)]
pub(super) struct RecentVersions(Mutex<VecDeque<Arc<LoadedVersion>>>);

impl RecentVersions {
    /// Returns a version that is still in memory, and marks it as the most recently used.
    pub(super) fn get(&self, name: &ModelVersionName) -> Option<Arc<LoadedVersion>> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = recent.iter().position(|loaded| loaded.name == *name)?;
        let found = recent.remove(place)?;
        recent.push_front(Arc::clone(&found));
        Some(found)
    }

    /// Removes the versions of a model whose numbers `is_deleted` accepts.
    pub(super) fn remove(&self, model: &ModelName, is_deleted: impl Fn(u64) -> bool) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|loaded| loaded.name.model != *model || !is_deleted(loaded.name.number));
    }

    /// Adds a version, which may remove the least recently used one.
    pub(super) fn insert(&self, loaded: &Arc<LoadedVersion>) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|other| other.name != loaded.name);
        recent.push_front(Arc::clone(loaded));
        recent.truncate(MAX_RECENT_VERSIONS);
    }
}
