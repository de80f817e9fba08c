//! Training runs: submission, execution in the background, waiting, cancellation, and recovery after a restart.
//!
//! One thread executes the runs one at a time, in the order of submission. State that must survive the process is in
//! the store; progress is only in memory.

mod delete_model;
mod end_observer;
mod error;
mod execute;
mod memory_estimate;
mod priority;
mod reads;
mod record;
mod row_kinds;
mod run_manager;
mod run_row;
mod run_store;
mod shared_runs;
mod unfinished_runs;
mod worker;

use std::fmt;
use std::sync::Arc;

use sweetspot_core::{ModelName, RunName};

use self::end_observer::EndObserver;
pub use self::end_observer::EndedRun;
pub use self::error::JobError;
pub use self::record::{RunOptions, RunRecord, RunState, SubmittingProcess, TrainingRequest};
pub(crate) use self::row_kinds::ROW_KINDS;
use self::run_manager::RunManager;
use self::worker::Worker;
use crate::annotations;
use crate::clock::Clock;
use crate::datasets::{DatasetRecord, DatasetReference, Datasets};
use crate::registry::{DeleteModelRequest, Registry};
use crate::store::{ChangedKeys, Store, StoreError};

/// Limits on training.
#[derive(Clone, Copy, Debug)]
pub struct JobLimits {
    /// The maximum number of queued runs.
    pub max_queued: usize,
    /// The maximum number of queued runs of one workspace.
    pub max_queued_per_workspace: usize,
    /// The number of threads of a run.
    pub threads: usize,
    /// The maximum memory of a run in bytes, as estimated before it is admitted.
    pub max_memory_bytes: u64,
}

/// The training runs of a store. Clones share one worker, which stops when the last clone is dropped.
#[derive(Clone)]
pub struct Jobs {
    worker: Arc<Worker>,
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs").finish_non_exhaustive()
    }
}

impl Jobs {
    /// Recovers the runs of an earlier process and starts the worker. In a store that several processes use, one of them
    /// at a time recovers and executes runs, whichever process they were submitted to. A run that was interrupted becomes `Failed` with
    /// reason `INTERRUPTED`, and so does one that a command queued. Runs that a server queued remain queued, and are
    /// executed if this process is a server.
    ///
    /// # Errors
    /// If the store fails.
    pub fn start(
        store: Arc<dyn Store>,
        registry: Arc<Registry>,
        datasets: Datasets,
        clock: Arc<dyn Clock>,
        limits: JobLimits,
        owner: SubmittingProcess,
    ) -> Result<Self, JobError> {
        let manager = RunManager::new(store, registry, datasets, clock, limits, owner);
        if !manager.is_shared() {
            manager.recover()?;
            manager.finish_deletions()?;
        }
        Ok(Self { worker: Arc::new(Worker::start(manager)?) })
    }

    /// Admits a run durably and returns at once. A repeated request returns the run of the first one.
    ///
    /// # Errors
    /// If the dataset does not exist or needs too much memory, a run of the same model is queued or running, the queue
    /// is full, or the request id was used for a different request.
    pub fn submit(&self, submit: &TrainingRequest) -> Result<RunRecord, JobError> {
        self.annotated(self.worker.manager().submit(submit)?)
    }

    /// Returns the record of the dataset that a run would use; `None` if an optional dataset does not exist. Makes the
    /// checks of [`Self::submit`], and those that the run makes before its first fit: reads, labels and encodes the
    /// customers. Writes nothing.
    ///
    /// # Errors
    /// Those of [`Self::submit`], or if the model cannot be trained on the customers.
    pub fn validate(&self, submit: &TrainingRequest) -> Result<Option<DatasetRecord>, JobError> {
        self.worker.manager().validate(submit)
    }

    /// Returns the uses of stored customers by model versions and by runs that have not ended.
    ///
    /// # Errors
    /// If the store fails.
    pub fn uses(&self) -> Result<Vec<DatasetReference>, StoreError> {
        self.worker.manager().uses()
    }

    /// Returns the uses of stored customers by runs that have not ended.
    ///
    /// # Errors
    /// If the store fails.
    pub fn unfinished_run_uses(&self) -> Result<Vec<DatasetReference>, StoreError> {
        self.worker.manager().unfinished_run_uses()
    }

    /// Returns a run.
    ///
    /// # Errors
    /// If the run does not exist.
    pub fn run(&self, name: &RunName) -> Result<RunRecord, JobError> {
        self.annotated(self.worker.manager().run(name)?)
    }

    /// Returns up to `limit` runs of a model that are older than `after`, newest first.
    ///
    /// # Errors
    /// If the store fails, or `after` does not exist.
    pub fn runs(&self, model: &ModelName, after: Option<&RunName>, limit: usize) -> Result<Vec<RunRecord>, JobError> {
        self.worker.manager().runs(model, after, limit)?.into_iter().map(|record| self.annotated(record)).collect()
    }

    /// Returns up to `limit` runs of a model that are newer than `after`, oldest first.
    ///
    /// # Errors
    /// If the store fails, or `after` does not exist.
    pub fn runs_oldest_first(
        &self,
        model: &ModelName,
        after: Option<&RunName>,
        limit: usize,
    ) -> Result<Vec<RunRecord>, JobError> {
        let records = self.worker.manager().runs_oldest_first(model, after, limit)?;
        records.into_iter().map(|record| self.annotated(record)).collect()
    }

    /// Waits until a run has ended. In a command, a run that is queued for a server is returned at once. Cancel-safe:
    /// dropping the future has no effect.
    ///
    /// # Errors
    /// If the run does not exist, or the worker stops before the run starts.
    pub async fn wait(&self, name: &RunName) -> Result<RunRecord, JobError> {
        let manager = self.worker.manager();
        let watched = manager.unfinished_runs.watch(name);
        let watched = match watched {
            None if manager.is_shared() => {
                // Another process may have admitted it just before.
                manager.refresh()?;
                manager.unfinished_runs.watch(name)
            }
            watched => watched,
        };
        let Some(mut record) = watched else { return self.run(name) };
        let mut ended = manager.unfinished_runs.ended();
        tokio::select! {
            biased;
            Ok(record) = record.wait_for(|record| record.state.is_final()) => self.annotated(record.clone()),
            _ = ended.wait_for(|ended| *ended) => Err(JobError::Draining),
        }
    }

    /// Requests a run to stop and returns its current record. Has no effect on a run that has ended.
    ///
    /// # Errors
    /// If the run does not exist.
    pub fn cancel(&self, name: &RunName) -> Result<RunRecord, JobError> {
        self.annotated(self.worker.manager().cancel(name)?)
    }

    /// Returns the options of a run.
    ///
    /// # Errors
    /// If the run does not exist, or its options are missing or damaged.
    pub fn options(&self, name: &RunName) -> Result<RunOptions, JobError> {
        self.worker.manager().options(name)
    }

    fn annotated(&self, record: RunRecord) -> Result<RunRecord, JobError> {
        let annotations = annotations::read(self.worker.manager().store.as_ref(), &record.name.to_string())?;
        Ok(RunRecord { annotations, ..record })
    }

    /// Deletes a model with its versions, promotion history, thresholds and runs. A repeated request has no effect.
    ///
    /// # Errors
    /// If a run of the model is queued or running, the request does not confirm the deletion, the etag is missing or
    /// stale, or the model does not exist.
    pub fn delete_model(&self, delete: &DeleteModelRequest) -> Result<(), JobError> {
        self.worker.manager().delete_model(delete)
    }

    /// Reads the unfinished runs again if one of them may have changed.
    ///
    /// # Errors
    /// If the store fails.
    pub fn refresh(&self, keys: &ChangedKeys) -> Result<(), JobError> {
        if keys.has_prefix(run_store::ROWS_PREFIX) { self.worker.manager().refresh() } else { Ok(()) }
    }

    /// Calls `observe` with each run that ends from now on. Can be set once; further calls have no effect.
    pub fn observe_ends(&self, observe: impl Fn(&EndedRun<'_>) + Send + Sync + 'static) {
        self.worker.manager().end_observer.set(observe);
    }

    /// The number of runs that wait, and of those that are being trained.
    #[must_use]
    pub fn unfinished_counts(&self) -> [usize; 2] {
        self.worker.manager().unfinished_runs.counts()
    }

    /// Stops the worker: the current run is interrupted and recorded as `INTERRUPTED`; queued runs remain for the next
    /// process.
    pub async fn drain(&self) {
        let unfinished_runs = &self.worker.manager().unfinished_runs;
        unfinished_runs.stop();
        // The sender cannot be dropped, because this borrow keeps its owner alive.
        let _ = unfinished_runs.ended().wait_for(|ended| *ended).await;
    }
}

/// The error for a stored row that cannot be decoded.
fn unreadable(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Backend { action: "read a training run", source: Box::new(source) }
}
