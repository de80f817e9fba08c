//! Model versions, aliases and live versions. All changes to the version that answers scores are made here.
//!
//! Each change of a model is one commit that expects the model's state row to be unchanged since it was read. The live
//! version in memory is updated after the commit, never before.

mod cached;
mod checks;
mod compare;
mod delete;
mod error;
mod live_failure;
mod model_state;
mod models;
mod promotion;
mod publish;
mod records;
mod refresh;
mod retention;
mod row_kinds;
mod row_reader;
mod rows;
mod thresholds;
mod tombstones;
mod update;
mod version_cache;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionName, ModelVersionRef};
use sweetspot_model::ModelArtifact;

pub use self::checks::{CheckResult, CheckStatus, PROMOTION_CHECKS, PromotionCheck, ThresholdError, ThresholdSpec};
pub use self::compare::PromotionComparison;
pub use self::delete::{FindApproval, VersionApproval};
pub use self::error::{FailedCheck, RegistryError};
pub use self::live_failure::{DamagedVersion, LiveFailure};
pub use self::promotion::MAX_REASON_BYTES;
pub use self::records::{
    CheckOverride, CheckThresholds, DeleteModelRequest, DeleteVersionRequest, ImportVersionRequest, LoadedVersion,
    ModelRecord, PromoteRequest, PromotionKind, PromotionRecord, RollbackRequest, SetThresholdsRequest, TierCutsChoice,
    TrainingDataRef, UpdateVersionRequest, VersionRecord,
};
pub use self::retention::VersionRetention;
pub(crate) use self::row_kinds::ROW_KINDS;
pub(crate) use self::row_reader::MODEL_PREFIX;
use self::row_reader::RegistryReader;
use self::version_cache::{LiveVersions, RecentVersions};
use crate::clock::Clock;
pub use crate::store::RequestKey;
use crate::store::{LocalCache, Store, StoreError, idempotency};

/// The registry of model versions.
#[derive(Debug)]
pub struct Registry {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    reader: RegistryReader,
    live: LiveVersions,
    recent: RecentVersions,
    retention: OnceLock<VersionRetention>,
    /// Held for the whole of a change, so that live versions in memory change in the order of the commits.
    write_lock: Mutex<()>,
}

impl Registry {
    /// Opens the registry of a store, and loads and verifies all live versions.
    ///
    /// # Errors
    /// If the store fails. A live version that cannot be loaded is not an error: the version before it answers in its
    /// place, and [`Self::live_failures`] reports both.
    pub fn open(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, RegistryError> {
        Self::open_with_cache(store, clock, None)
    }

    /// Opens the registry of a store, with copies of the live versions in a folder. If the store cannot be reached, the
    /// live versions are those of the copies until [`Self::refresh`] succeeds.
    ///
    /// # Errors
    /// If the store fails, or cannot be reached and there are no copies.
    pub fn open_with_cache(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cache: Option<Arc<LocalCache>>,
    ) -> Result<Self, RegistryError> {
        let reader = RegistryReader::with_cache(Arc::clone(&store), cache.clone());
        let opened = idempotency::sweep(store.as_ref(), clock.now()).and_then(|_| live_versions(&reader));
        let live = match (opened, cache) {
            (Err(error @ StoreError::Unreachable { .. }), Some(cache)) if !cache.is_empty() => {
                tracing::warn!(%error, "starting with the live versions that were copied last");
                live_versions(&RegistryReader::new(Arc::new(cache.to_store()?)))?
            }
            (opened, _) => opened?,
        };
        Ok(Self {
            store,
            clock,
            reader,
            live,
            recent: RecentVersions::default(),
            retention: OnceLock::new(),
            write_lock: Mutex::new(()),
        })
    }

    /// Returns the live version: one atomic load, without a lock or access to the store.
    ///
    /// # Errors
    /// [`RegistryError::NoLiveVersion`], also if the model does not exist; [`RegistryError::LiveVersionDamaged`] if
    /// neither the live version nor the one before it can be loaded.
    pub fn live(&self, model: &ModelName) -> Result<Arc<LoadedVersion>, RegistryError> {
        self.live.get(model)
    }

    /// Returns the reason why the live version of a model does not answer. `None` if it does, or if the model has none.
    #[must_use]
    pub fn live_failure(&self, model: &ModelName) -> Option<Arc<LiveFailure>> {
        self.live.failure(model)
    }

    /// Returns the reasons of all models whose live version does not answer, sorted by the names of the models.
    #[must_use]
    pub fn live_failures(&self) -> Vec<Arc<LiveFailure>> {
        self.live.failures()
    }

    /// Returns the version of a reference, ready to score. Other versions than live ones come from a bounded cache or
    /// the store.
    ///
    /// # Errors
    /// If the version does not exist or cannot be loaded.
    pub fn resolve(&self, version: &ModelVersionRef) -> Result<Arc<LoadedVersion>, RegistryError> {
        let name = match version {
            ModelVersionRef::Number(name) => name.clone(),
            ModelVersionRef::Alias(model, ModelVersionAlias::Live) => return self.live(model),
            ModelVersionRef::Alias(_, ModelVersionAlias::Candidate | ModelVersionAlias::Previous) => {
                self.reader.resolve(version)?.0
            }
        };
        let live = self.live.get(&name.model).ok().filter(|live| live.name == name);
        if let Some(loaded) = live.or_else(|| self.recent.get(&name)) {
            return Ok(loaded);
        }
        let loaded = version_cache::load_version(&self.reader, &name)?;
        self.recent.insert(&loaded);
        // It may have been deleted after it was read, and before it was inserted.
        let forget = |_: &RegistryError| self.recent.remove(&name.model, |number| number == name.number);
        self.reader.artifact_digest(&name).inspect_err(forget)?;
        Ok(loaded)
    }

    /// Whether a version answers for any model.
    #[must_use]
    pub fn has_live_version(&self) -> bool {
        self.live.has_any()
    }

    /// Returns the versions that answer for their models, sorted by name: the live ones, or those in their place.
    #[must_use]
    pub fn live_versions(&self) -> Vec<ModelVersionName> {
        self.live.names()
    }

    /// Returns the record of a version.
    ///
    /// # Errors
    /// If the version does not exist.
    pub fn version(&self, version: &ModelVersionRef) -> Result<VersionRecord, RegistryError> {
        let (name, state) = self.reader.resolve(version)?;
        self.reader.record(&name, &state)
    }

    /// Returns the verified artifact of a version.
    ///
    /// # Errors
    /// If the version does not exist or cannot be read.
    pub fn artifact(&self, version: &ModelVersionRef) -> Result<ModelArtifact, RegistryError> {
        let (name, _) = self.reader.resolve(version)?;
        self.reader.artifact(&name)
    }

    /// Returns up to `limit` versions with numbers below `before`, newest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn versions(
        &self,
        model: &ModelName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRecord>, RegistryError> {
        let Some(row) = self.reader.model_state(model)? else { return Ok(Vec::new()) };
        let oldest = self.reader.first_state(model)?.versions;
        let mut records = Vec::new();
        for number in newest_first(row.state.versions, before).take_while(|number| *number > oldest) {
            if records.len() >= limit {
                break;
            }
            match self.reader.record(&ModelVersionName { model: model.clone(), number }, &row.state) {
                // It was deleted.
                Err(RegistryError::NoVersion { .. }) => {}
                record => records.push(record?),
            }
        }
        Ok(records)
    }

    /// Returns up to `limit` versions with numbers above `after`, oldest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn versions_oldest_first(
        &self,
        model: &ModelName,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRecord>, RegistryError> {
        let Some(row) = self.reader.model_state(model)? else { return Ok(Vec::new()) };
        let names = self.reader.version_names(model, after, limit)?;
        names.iter().map(|name| self.reader.record(name, &row.state)).collect()
    }

    /// Returns up to `limit` entries of a model's promotion history with numbers below `before`, newest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn promotions(
        &self,
        model: &ModelName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, PromotionRecord)>, RegistryError> {
        let Some(row) = self.reader.model_state(model)? else { return Ok(Vec::new()) };
        // The history of a deleted model of this name is gone.
        let oldest = self.reader.first_state(model)?.moves;
        let numbers = newest_first(row.state.moves, before).take_while(|number| *number > oldest).take(limit);
        numbers.map(|number| Ok((number, self.reader.promotion(model, number)?))).collect()
    }

    /// Returns the training data of all versions of all models.
    ///
    /// # Errors
    /// If the store fails.
    pub fn data_uses(&self) -> Result<Vec<TrainingDataRef>, StoreError> {
        self.reader.data_uses()
    }

    /// Runs `work` while no version is published, promoted or deleted. `work` must not change the registry, which would
    /// wait for itself.
    pub fn hold_versions<T>(&self, work: impl FnOnce() -> T) -> T {
        let _unchanged = self.lock();
        work()
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        // No data is stored in the mutex, so a panic in another thread cannot leave an inconsistent state.
        self.write_lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Loads the live versions of all models.
fn live_versions(reader: &RegistryReader) -> Result<LiveVersions, StoreError> {
    let mut live = Vec::new();
    for (model, state) in reader.model_states()? {
        if let Some(entry) = version_cache::load_reachable_version(reader, &model, &state, None)? {
            live.push((model, entry));
        }
    }
    Ok(live.into_iter().collect())
}

/// The numbers from `newest`, or from below `before`, down to 1.
fn newest_first(newest: u64, before: Option<u64>) -> impl Iterator<Item = u64> {
    let end = before.map_or(newest, |before| newest.min(before.saturating_sub(1)));
    (1..=end).rev()
}
