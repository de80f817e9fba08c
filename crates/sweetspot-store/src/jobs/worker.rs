//! Executes runs one at a time, on a separate thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tracing::{error, info, warn};

use super::execute::{panic_state, run_training};
use super::run_manager::RunManager;
use super::run_store::StoredRun;
use super::unfinished_runs::{Reporter, UnfinishedRun};
use super::{EndedRun, JobError, RunRecord, RunState};
use crate::store::StoreError;

/// The interval at which the end of a run is stored again after an error.
const END_RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// The training thread. Dropping it interrupts the current run.
#[derive(Debug)]
pub(super) struct Worker {
    manager: Arc<RunManager>,
}

impl Worker {
    /// Starts the worker thread.
    pub(super) fn start(manager: RunManager) -> Result<Self, StoreError> {
        let manager = Arc::new(manager);
        let (shared, unfinished_runs) = (Arc::clone(&manager), Arc::clone(&manager.unfinished_runs));
        thread::Builder::new()
            .name("training".to_owned())
            .spawn(move || {
                while let Some(run) = unfinished_runs.next() {
                    shared.execute(&run);
                }
                // A caller that waits for the end may open the store again at once.
                drop(shared);
                unfinished_runs.set_ended();
            })
            .map_err(|source| StoreError::Backend { action: "start the training thread", source: Box::new(source) })?;
        Ok(Self { manager })
    }

    /// The manager that `Jobs` and the worker thread share.
    pub(super) fn manager(&self) -> &RunManager {
        &self.manager
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.manager.unfinished_runs.stop();
    }
}

impl RunManager {
    /// Marks a run as started. Returns `None` if it is no longer queued.
    fn mark_running(&self, run: &UnfinishedRun) -> Result<Option<StoredRun>, JobError> {
        let _changing = self.lock();
        if run.record().state != RunState::Queued {
            return Ok(None);
        }
        let state = RunState::Running { stage: "starting".to_owned(), progress: 0.0 };
        run.set(self.save(&self.stored_run(&run.name)?, state)?);
        Ok(Some(self.stored_run(&run.name)?))
    }

    fn execute(&self, run: &Arc<UnfinishedRun>) {
        let admitted = run.record().state;
        if admitted.is_final() {
            return self.store_end(run, &admitted);
        }
        let stored = match self.mark_running(run) {
            Ok(Some(stored)) => stored,
            Ok(None) => return,
            Err(fault) => return self.end_later(run, &RunState::failed(&fault), &fault),
        };
        let reporter = Reporter::start(run, self.owner, stored.row.time_limit);
        // A panic must not end the worker: later runs are not affected.
        let state =
            catch_unwind(AssertUnwindSafe(|| run_training(self, &stored, &reporter))).unwrap_or_else(|_| panic_state());
        let (duration, stages) = (Some(reporter.elapsed()), reporter.stages());
        self.end_observer.report(&EndedRun { name: &run.name, state: &state, duration, stages: &stages });
        match self.end(run, &state) {
            Ok(()) => log_end(run, &state),
            Err(fault) => self.end_later(run, &state, &fault),
        }
    }

    /// Stores the final state of a run.
    fn end(&self, run: &UnfinishedRun, state: &RunState) -> Result<(), JobError> {
        let _changing = self.lock();
        // Read again, because a cancellation may have been stored in the meantime.
        run.set(self.save(&self.stored_run(&run.name)?, state.clone())?);
        self.unfinished_runs.remove(&run.name);
        Ok(())
    }

    /// Ends a run whose final state cannot be stored: at once for its callers, and in the store as soon as that accepts
    /// changes. Otherwise, the next process would execute a run whose callers know that it failed. If this process ends
    /// before, the next one finds the run as it was stored.
    fn end_later(&self, run: &UnfinishedRun, state: &RunState, why: &dyn std::error::Error) {
        error!(run = %run.name, error = %why, "cannot store the end of a training run: trying again");
        run.set(RunRecord { state: state.clone(), ended: Some(self.clock.now()), ..run.record() });
        self.store_end(run, state);
    }

    /// Stores the final state of a run as soon as the store accepts changes. Returns once it is stored, if the run does
    /// not exist, or if the process is shutting down.
    fn store_end(&self, run: &UnfinishedRun, state: &RunState) {
        loop {
            let is_stopping = self.unfinished_runs.wait(END_RETRY_INTERVAL);
            match self.end(run, state) {
                Ok(()) => return info!(run = %run.name, "stored the end of a training run"),
                Err(JobError::NotFound { .. }) => return self.unfinished_runs.remove(&run.name),
                Err(_) if is_stopping => return,
                Err(_) => {}
            }
        }
    }
}

fn log_end(run: &UnfinishedRun, state: &RunState) {
    let run = &run.name;
    match state {
        RunState::Succeeded { version } => info!(%run, %version, "training run succeeded"),
        RunState::Failed { kind: _, reason, message: _ } => warn!(%run, reason, "training run failed"),
        RunState::Cancelled => info!(%run, "training run canceled"),
        // Not the states of a run that has ended.
        RunState::Queued | RunState::Running { .. } => {}
    }
}
