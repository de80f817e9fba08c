//! Versions in memory: what is live, and the few that were asked for last.

use std::collections::{HashMap, VecDeque};
use std::iter;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use sweetspot_core::{Alias, ModelName, VersionName};
use sweetspot_model::{ModelArtifact, Scorer};

use super::head::Head;
use super::ledger::Ledger;
use super::{Loaded, RegistryError};

/// How many versions that are not live stay in memory.
const RECENT: usize = 8;

/// Makes an artifact ready to score. The only way from one to the other.
pub(super) fn compile(name: &VersionName, artifact: &ModelArtifact) -> Result<Arc<Loaded>, RegistryError> {
    match Scorer::compile(artifact) {
        Ok(scorer) => Ok(Arc::new(Loaded { name: name.clone(), resource: name.to_string(), scorer })),
        Err(source) => Err(RegistryError::Compile { version: name.clone(), source }),
    }
}

/// Loads a version from the store.
pub(super) fn version(ledger: &Ledger, name: &VersionName) -> Result<Arc<Loaded>, RegistryError> {
    compile(name, &ledger.artifact(name)?)
}

/// Loads what `live` points at, or else what it pointed at before. The alias itself stays: a person has to decide.
pub(super) fn live_version(ledger: &Ledger, model: &ModelName, head: &Head) -> Option<Arc<Loaded>> {
    let live = head.at(Alias::Live)?;
    iter::once(live).chain(head.at(Alias::Previous)).find_map(|number| {
        let name = VersionName { model: model.clone(), number };
        version(ledger, &name).inspect_err(|error| cannot_go_live(&name, error)).ok()
    })
}

fn cannot_go_live(version: &VersionName, error: &RegistryError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, %version, "cannot load the live version, using the version before it: promote a good version");
}

/// The live version of each model. Readers take one atomic load and no lock.
#[derive(Debug)]
pub(super) struct LiveVersions(ArcSwap<HashMap<ModelName, Arc<Loaded>, RandomState>>);

impl FromIterator<Arc<Loaded>> for LiveVersions {
    fn from_iter<I: IntoIterator<Item = Arc<Loaded>>>(versions: I) -> Self {
        let by_model = versions.into_iter().map(|loaded| (loaded.name.model.clone(), loaded));
        Self(ArcSwap::from_pointee(by_model.collect()))
    }
}

impl LiveVersions {
    /// The live version of a model.
    pub(super) fn get(&self, model: &ModelName) -> Option<Arc<Loaded>> {
        self.0.load().get(model).cloned()
    }

    /// Their names, in order.
    pub(super) fn names(&self) -> Vec<VersionName> {
        let mut names: Vec<VersionName> = self.0.load().values().map(|loaded| loaded.name.clone()).collect();
        names.sort_by_cached_key(ToString::to_string);
        names
    }

    /// Whether there is any.
    pub(super) fn any(&self) -> bool {
        !self.0.load().is_empty()
    }

    /// Swaps in another live version of its model.
    pub(super) fn put(&self, loaded: &Arc<Loaded>) {
        self.0.rcu(|map| {
            let mut next = HashMap::clone(map);
            next.insert(loaded.name.model.clone(), Arc::clone(loaded));
            next
        });
    }
}

/// The versions asked for last, newest first, at most [`RECENT`].
#[derive(Debug, Default)]
pub(super) struct RecentVersions(Mutex<VecDeque<Arc<Loaded>>>);

impl RecentVersions {
    /// A version that is still in memory; asking for it keeps it there longer.
    pub(super) fn get(&self, name: &VersionName) -> Option<Arc<Loaded>> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = recent.iter().position(|loaded| loaded.name == *name)?;
        let found = recent.remove(place)?;
        recent.push_front(Arc::clone(&found));
        Some(found)
    }

    /// Keeps a version for a while.
    pub(super) fn keep(&self, loaded: &Arc<Loaded>) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|other| other.name != loaded.name);
        recent.push_front(Arc::clone(loaded));
        recent.truncate(RECENT);
    }
}
