//! Training runs: submitted, run in the background, waited for, cancelled, recovered after a restart.
//!
//! One thread trains, one run at a time, in the order of submission. What must survive the process is in the store; progress
//! is in memory alone.

mod attempt;
mod board;
mod error;
mod gate_row;
mod hypothesis_row;
mod ledger;
mod memory;
mod priority;
mod record;
mod rows;
mod spec_row;
mod test_row;
mod worker;

use std::fmt;
use std::sync::Arc;

use sweetspot_core::{ModelName, RunName};

pub use self::error::JobError;
pub use self::record::{Owner, RunRecord, RunState, Submit};
use self::worker::{Core, Worker};
use crate::clock::Clock;
use crate::datasets::{DatasetRecord, Datasets, Use};
use crate::registry::Registry;
use crate::store::{Store, StoreError};

/// How much training is admitted.
#[derive(Clone, Copy, Debug)]
pub struct JobLimits {
    /// Runs that may wait.
    pub queued: usize,
    /// Threads of one run.
    pub threads: usize,
    /// Bytes that one run may need, as estimated before it is admitted.
    pub memory: u64,
}

/// The training runs of a store. Clones share one worker; when the last of them goes, the worker stops.
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
    /// Recovers what an earlier process left and starts the worker: a run cut off is `Failed` with reason `INTERRUPTED`, and
    /// so is one that waited in a command; what waited in a server waits on, and is trained if this process is a server.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn start(
        store: Arc<dyn Store>,
        registry: Arc<Registry>,
        datasets: Datasets,
        clock: Arc<dyn Clock>,
        limits: JobLimits,
        owner: Owner,
    ) -> Result<Self, JobError> {
        let core = Core::new(store, registry, datasets, clock, limits, owner);
        core.recover()?;
        Ok(Self { worker: Arc::new(Worker::start(core)?) })
    }

    /// Admits a run, durably, and returns at once. A repeated request gets the run it got the first time.
    ///
    /// # Errors
    /// An unknown dataset, one that needs too much memory, a run of the same model under way, a full queue, a request id used
    /// for something else.
    pub fn submit(&self, submit: &Submit) -> Result<RunRecord, JobError> {
        self.worker.core().submit(submit)
    }

    /// What a run would train on; nothing for an optional dataset that is not there. Refuses what [`Self::submit`] refuses, and
    /// what the run would refuse before it fits anything: it reads the customers and labels and encodes them. Changes nothing.
    ///
    /// # Errors
    /// Those of [`Self::submit`], and customers that carry no model.
    pub fn validate(&self, submit: &Submit) -> Result<Option<DatasetRecord>, JobError> {
        self.worker.core().validate(submit)
    }

    /// What stands on kept customers: versions of models, and runs that are not over.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn uses(&self) -> Result<Vec<Use>, StoreError> {
        self.worker.core().uses()
    }

    /// One run.
    ///
    /// # Errors
    /// Where there is no such run.
    pub fn run(&self, name: &RunName) -> Result<RunRecord, JobError> {
        self.worker.core().run(name)
    }

    /// Up to `limit` runs of a model, newest first, after (older than) `after`.
    ///
    /// # Errors
    /// Where the store fails, or `after` does not exist.
    pub fn runs(&self, model: &ModelName, after: Option<&RunName>, limit: usize) -> Result<Vec<RunRecord>, JobError> {
        self.worker.core().runs(model, after, limit)
    }

    /// Waits until a run has ended; one that waits for a server while this is a command is returned at once. Cancel-safe:
    /// dropping the future changes nothing.
    ///
    /// # Errors
    /// Where there is no such run, or the worker stops before its turn.
    pub async fn wait(&self, name: &RunName) -> Result<RunRecord, JobError> {
        let core = self.worker.core();
        let Some(mut record) = core.board.watch(name) else { return core.run(name) };
        let mut ended = core.board.ended();
        tokio::select! {
            biased;
            Ok(record) = record.wait_for(|record| record.state.is_final()) => Ok(record.clone()),
            _ = ended.wait_for(|ended| *ended) => Err(JobError::Draining),
        }
    }

    /// Asks a run to stop and tells where it is. A run that has ended stays as it is.
    ///
    /// # Errors
    /// Where there is no such run.
    pub fn cancel(&self, name: &RunName) -> Result<RunRecord, JobError> {
        self.worker.core().cancel(name)
    }

    /// Stops the worker: the run under way is cut off and recorded as `INTERRUPTED`, waiting ones stay for the next process.
    pub async fn drain(&self) {
        let board = &self.worker.core().board;
        board.stop();
        // The sender lives in the board, which this borrow keeps.
        let _ = board.ended().wait_for(|ended| *ended).await;
    }
}

/// A kept row that cannot be read back.
fn unreadable(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Backend { action: "read a training run", source: Box::new(source) }
}
