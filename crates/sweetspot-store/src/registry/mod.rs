//! Versions, aliases and what is live. The only place that changes what answers a score.
//!
//! Every change of a model is one commit that expects the model's head row to be as it was read; what is live in memory
//! follows the commit, never the other way round.

mod champion;
mod change;
mod checks;
mod error;
mod head;
mod ledger;
mod load;
mod publish;
mod records;
mod rows;
mod thresholds;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sweetspot_core::{Alias, ModelName, VersionName, VersionRef};
use sweetspot_model::ModelArtifact;

pub use self::champion::ComparedVersions;
pub use self::change::MAX_REASON_BYTES;
pub use self::checks::{CheckResult, CheckStatus, PROMOTION_CHECKS, PromotionCheck, Threshold, ThresholdError};
pub use self::error::{FailedCheck, RegistryError};
use self::ledger::Ledger;
use self::load::{LiveVersions, RecentVersions};
pub use self::records::{
    CheckOverride, DataUse, Loaded, Promote, PromotionKind, PromotionRecord, Rollback, SetThresholds, ThresholdsRecord,
    TierCuts, VersionRecord,
};
use crate::clock::Clock;
pub use crate::store::RequestKey;
use crate::store::{Store, StoreError, requests};

/// Versions and what is live.
#[derive(Debug)]
pub struct Registry {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ledger: Ledger,
    live: LiveVersions,
    recent: RecentVersions,
    /// Held for the whole of a change, so that what is live in memory moves in the order of the commits.
    changing: Mutex<()>,
}

impl Registry {
    /// Opens the registry of a store and loads every live version, verified.
    ///
    /// # Errors
    /// Where the store fails. A live version that cannot be loaded falls back to `previous`, with an error in the log.
    pub fn open(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, RegistryError> {
        requests::sweep(store.as_ref(), clock.now())?;
        let ledger = Ledger::new(Arc::clone(&store));
        let heads = ledger.heads()?;
        let live = heads.iter().filter_map(|(model, head)| load::live_version(&ledger, model, head)).collect();
        Ok(Self { store, clock, ledger, live, recent: RecentVersions::default(), changing: Mutex::new(()) })
    }

    /// The version that `live` points at: one atomic load, no lock, no store.
    ///
    /// # Errors
    /// [`RegistryError::NoLiveVersion`] (also for a model that does not exist).
    pub fn live(&self, model: &ModelName) -> Result<Arc<Loaded>, RegistryError> {
        self.live.get(model).ok_or_else(|| RegistryError::NoLiveVersion { model: model.clone() })
    }

    /// The version of a reference, ready to score. Versions that are not live come from a bounded cache or from the store.
    ///
    /// # Errors
    /// Where there is no such version or it cannot be loaded.
    pub fn resolve(&self, version: &VersionRef) -> Result<Arc<Loaded>, RegistryError> {
        let name = match version {
            VersionRef::Number(name) => name.clone(),
            VersionRef::Alias(model, Alias::Live) => return self.live(model),
            VersionRef::Alias(_, Alias::Candidate | Alias::Previous) => self.ledger.resolve(version)?.0,
        };
        let live = self.live.get(&name.model).filter(|live| live.name == name);
        match live.or_else(|| self.recent.get(&name)) {
            Some(loaded) => Ok(loaded),
            None => load::version(&self.ledger, &name).inspect(|loaded| self.recent.keep(loaded)),
        }
    }

    /// Whether any model has a live version.
    #[must_use]
    pub fn any_live(&self) -> bool {
        self.live.any()
    }

    /// What is live, in the order of the models' names.
    #[must_use]
    pub fn live_versions(&self) -> Vec<VersionName> {
        self.live.names()
    }

    /// What is known of a version.
    ///
    /// # Errors
    /// Where there is no such version.
    pub fn version(&self, version: &VersionRef) -> Result<VersionRecord, RegistryError> {
        let (name, head) = self.ledger.resolve(version)?;
        self.ledger.record(&name, &head)
    }

    /// The artifact of a version, verified.
    ///
    /// # Errors
    /// Where there is no such version or it cannot be read.
    pub fn artifact(&self, version: &VersionRef) -> Result<ModelArtifact, RegistryError> {
        let (name, _) = self.ledger.resolve(version)?;
        self.ledger.artifact(&name)
    }

    /// Up to `limit` versions with numbers below `before`, newest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn versions(
        &self,
        model: &ModelName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRecord>, RegistryError> {
        let Some(row) = self.ledger.head(model)? else { return Ok(Vec::new()) };
        let name = |number| VersionName { model: model.clone(), number };
        newest_first(row.head.versions, before).take(limit).map(|n| self.ledger.record(&name(n), &row.head)).collect()
    }

    /// Up to `limit` moves of a model's aliases, newest first, before the `before`-th.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn promotions(
        &self,
        model: &ModelName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, PromotionRecord)>, RegistryError> {
        let Some(row) = self.ledger.head(model)? else { return Ok(Vec::new()) };
        let numbers = newest_first(row.head.moves, before).take(limit);
        numbers.map(|number| Ok((number, self.ledger.promotion(model, number)?))).collect()
    }

    /// What every version of every model was trained on.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn data_uses(&self) -> Result<Vec<DataUse>, StoreError> {
        self.ledger.data_uses()
    }

    fn one_at_a_time(&self) -> MutexGuard<'_, ()> {
        // Nothing is kept under the lock, so a panic elsewhere has left nothing half changed.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The numbers from `newest`, or from below `before`, down to 1.
fn newest_first(newest: u64, before: Option<u64>) -> impl Iterator<Item = u64> {
    let end = before.map_or(newest, |before| newest.min(before.saturating_sub(1)));
    (1..=end).rev()
}
