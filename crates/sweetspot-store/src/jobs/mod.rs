//! Training runs: submission, execution in the background, waiting, cancellation, and recovery after a restart.
//!
//! One thread executes the runs one at a time, in the order of submission. State that must survive the process is in
//! the store; progress is only in memory.

mod active_runs;
mod deletion;
mod error;
mod execute;
mod memory_estimate;
mod priority;
mod reads;
mod record;
mod row_kinds;
mod run_row;
mod run_store;
mod worker;

use std::fmt;
use std::sync::Arc;

use sweetspot_core::{ModelName, RunName};

pub use self::error::JobError;
pub use self::record::{ProcessKind, RunOptions, RunRecord, RunState, TrainingRequest};
pub(crate) use self::row_kinds::ROW_KINDS;
use self::worker::{Worker, WorkerState};
use crate::annotations;
use crate::clock::Clock;
use crate::datasets::{DatasetRecord, DatasetReference, Datasets};
use crate::registry::{DeleteModelRequest, Registry};
use crate::store::{Store, StoreError};

/// Limits on training.
#[derive(Clone, Copy, Debug)]
pub struct JobLimits {
    /// The maximum number of queued runs.
    pub max_queued: usize,
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
    /// Recovers the runs of an earlier process and starts the worker. A run that was interrupted becomes `Failed` with
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
        owner: ProcessKind,
    ) -> Result<Self, JobError> {
        let core = WorkerState::new(store, registry, datasets, clock, limits, owner);
        core.recover()?;
        core.finish_deletions()?;
        Ok(Self { worker: Arc::new(Worker::start(core)?) })
    }

    /// Admits a run durably and returns at once. A repeated request returns the run of the first one.
    ///
    /// # Errors
    /// If the dataset does not exist or needs too much memory, a run of the same model is queued or running, the queue
    /// is full, or the request id was used for a different request.
    pub fn submit(&self, submit: &TrainingRequest) -> Result<RunRecord, JobError> {
        self.annotated(self.worker.core().submit(submit)?)
    }

    /// Returns the record of the dataset that a run would use; `None` if an optional dataset does not exist. Makes the
    /// checks of [`Self::submit`], and those that the run makes before its first fit: reads, labels and encodes the
    /// customers. Writes nothing.
    ///
    /// # Errors
    /// Those of [`Self::submit`], or if the model cannot be trained on the customers.
    pub fn validate(&self, submit: &TrainingRequest) -> Result<Option<DatasetRecord>, JobError> {
        self.worker.core().validate(submit)
    }

    /// Returns the uses of stored customers by model versions and by runs that have not ended.
    ///
    /// # Errors
    /// If the store fails.
    pub fn uses(&self) -> Result<Vec<DatasetReference>, StoreError> {
        self.worker.core().uses()
    }

    /// Returns the uses of stored customers by runs that have not ended.
    ///
    /// # Errors
    /// If the store fails.
    pub fn open_uses(&self) -> Result<Vec<DatasetReference>, StoreError> {
        self.worker.core().open_uses()
    }

    /// Returns a run.
    ///
    /// # Errors
    /// If the run does not exist.
    pub fn run(&self, name: &RunName) -> Result<RunRecord, JobError> {
        self.annotated(self.worker.core().run(name)?)
    }

    /// Returns up to `limit` runs of a model that are older than `after`, newest first.
    ///
    /// # Errors
    /// If the store fails, or `after` does not exist.
    pub fn runs(&self, model: &ModelName, after: Option<&RunName>, limit: usize) -> Result<Vec<RunRecord>, JobError> {
        self.worker.core().runs(model, after, limit)?.into_iter().map(|record| self.annotated(record)).collect()
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
        let records = self.worker.core().runs_oldest_first(model, after, limit)?;
        records.into_iter().map(|record| self.annotated(record)).collect()
    }

    /// Waits until a run has ended. In a command, a run that is queued for a server is returned at once. Cancel-safe:
    /// dropping the future has no effect.
    ///
    /// # Errors
    /// If the run does not exist, or the worker stops before the run starts.
    pub async fn wait(&self, name: &RunName) -> Result<RunRecord, JobError> {
        let core = self.worker.core();
        let Some(mut record) = core.active_runs.watch(name) else { return self.run(name) };
        let mut ended = core.active_runs.ended();
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
        self.annotated(self.worker.core().cancel(name)?)
    }

    /// Returns the options of a run.
    ///
    /// # Errors
    /// If the run does not exist, or its options are missing or damaged.
    pub fn options(&self, name: &RunName) -> Result<RunOptions, JobError> {
        self.worker.core().options(name)
    }

    fn annotated(&self, record: RunRecord) -> Result<RunRecord, JobError> {
        let annotations = annotations::read(self.worker.core().store.as_ref(), &record.name.to_string())?;
        Ok(RunRecord { annotations, ..record })
    }

    /// Deletes a model with its versions, promotion history, thresholds and runs. A repeated request has no effect.
    ///
    /// # Errors
    /// If a run of the model is queued or running, the request does not confirm the deletion, the etag is missing or
    /// stale, or the model does not exist.
    pub fn delete_model(&self, delete: &DeleteModelRequest) -> Result<(), JobError> {
        self.worker.core().delete_model(delete)
    }

    /// Stops the worker: the current run is interrupted and recorded as `INTERRUPTED`; queued runs remain for the next
    /// process.
    pub async fn drain(&self) {
        let active_runs = &self.worker.core().active_runs;
        active_runs.stop();
        // The sender cannot be dropped, because this borrow keeps its owner alive.
        let _ = active_runs.ended().wait_for(|ended| *ended).await;
    }
}

/// The error for a stored row that cannot be decoded.
fn unreadable(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Backend { action: "read a training run", source: Box::new(source) }
}
