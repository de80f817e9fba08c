//! Erases accounts from a workspace: from the versions of its datasets, and from its definitions.
//!
//! Each step leaves an old or a new state behind, so an erasure that was interrupted is completed by repeating it. Model
//! versions are immutable: those that were trained on the accounts are reported.

mod affected_versions;
mod answer;
mod error;

use std::sync::{Arc, Mutex, PoisonError};

pub use self::affected_versions::{AffectedVersion, RemainingAccountData};
pub use self::answer::ErasedCounts;
pub use self::error::ErasureError;
use crate::clock::Clock;
pub use crate::datasets::ErasureRequest;
use crate::datasets::{DatasetErasure, DatasetUseQueries, Datasets};
use crate::definitions::{DefinitionErasure, Definitions};
use crate::jobs::Jobs;
use crate::registry::Registry;
use crate::store::{HeldLease, RequestKey, Store, StoreError, idempotency};

/// The lease of the server that erases.
const LEASE: &str = "erasure";

/// What was erased, or would be, and what remains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErasureReport {
    /// What was erased. For a repeated request, by the first one.
    pub counts: ErasedCounts,
    /// Dataset versions. For a repeated request, empty unless an account was imported again.
    pub datasets: DatasetErasure,
    /// Entries of definitions. As above.
    pub definitions: DefinitionErasure,
    /// The model versions that were trained on customers from which accounts have been erased, by this request or an
    /// earlier one.
    pub affected: Vec<AffectedVersion>,
}

/// Erases accounts.
#[derive(Clone, Debug)]
pub struct Erasure {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    datasets: Datasets,
    definitions: Definitions,
    registry: Arc<Registry>,
    jobs: Jobs,
    /// Held for the whole of an erasure.
    lock: Arc<Mutex<()>>,
}

impl Erasure {
    /// Creates the erasure of a store. The clock provides the times of erasures.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        datasets: Datasets,
        definitions: Definitions,
        registry: Arc<Registry>,
        jobs: Jobs,
    ) -> Self {
        Self { store, clock, datasets, definitions, registry, jobs, lock: Arc::default() }
    }

    /// Erases accounts. If the scope names datasets, the definitions stay as they are, and what they contain about the
    /// accounts is reported. A repeated request has no further effect.
    ///
    /// # Errors
    /// If a training run that has not ended uses one of the dataset versions, the request id was used for a different
    /// request, or the store fails. What was erased before stays erased.
    pub fn erase(&self, scope: &ErasureRequest, request: &RequestKey) -> Result<ErasureReport, ErasureError> {
        let _one = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(_alone) = HeldLease::acquire(&self.store, LEASE)? else {
            return Err(StoreError::Conflict { key: LEASE.to_owned() }.into());
        };
        let request_scope = format!("{}/erase", scope.workspace);
        let answer = idempotency::find_answer(self.store.as_ref(), &request_scope, request)?;
        if let Some(answer) = answer {
            let unchanged = ErasureRequest { validate_only: true, ..scope.clone() };
            return Ok(ErasureReport { counts: answer::decode(&answer)?, ..self.erase_once(&unchanged)? });
        }
        let report = self.erase_once(scope)?;
        if !scope.validate_only {
            let answer = answer::encode(&report.counts)?;
            let commit = idempotency::record_answer(&request_scope, request, &answer, self.clock.now());
            self.store.commit(&commit)?;
        }
        Ok(report)
    }

    /// Removes the files of customers that an erasure replaced, if the process ended before it had removed them.
    pub fn finish_interrupted(&self) {
        let alone = match HeldLease::acquire(&self.store, LEASE) {
            Ok(Some(alone)) => alone,
            // Another server erases, or has started at the same time.
            Ok(None) => return,
            Err(error) => {
                return tracing::warn!(%error, "cannot look for interrupted erasures: the next start tries again");
            }
        };
        if let Err(error) = self.datasets.finish_erasures() {
            tracing::warn!(%error, "files with erased accounts cannot be removed: the next start tries again");
        }
        drop(alone);
    }

    fn erase_once(&self, scope: &ErasureRequest) -> Result<ErasureReport, ErasureError> {
        let ErasureRequest { workspace, datasets: named, ids, validate_only } = scope;
        let (unfinished_runs, all) = (|| self.jobs.unfinished_run_uses(), || self.jobs.uses());
        let datasets =
            self.datasets.erase(scope, DatasetUseQueries { unfinished_runs: &unfinished_runs, all: &all })?;
        let definitions = self.definitions.erase(workspace, ids, *validate_only, !named.is_empty())?;
        let affected = affected_versions::find(&self.registry, &self.datasets, scope, &datasets)?;
        if !validate_only && named.is_empty() {
            // Also if no entry is left: an earlier attempt may have ended before this.
            self.store.discard_removed_rows()?;
        }
        Ok(ErasureReport { counts: ErasedCounts::new(&datasets, &definitions), datasets, definitions, affected })
    }
}
