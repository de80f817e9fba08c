//! Executes runs one at a time, on a separate thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tracing::{error, info, warn};

use super::execute::{panic_state, run_training};
use super::run_manager::{MAX_ATTEMPTS, RunManager};
use super::run_store::StoredRun;
use super::unfinished_runs::{Reporter, UnfinishedRun};
use super::{EndedRun, JobError, RunRecord, RunState};
use crate::store::{HeldLease, LeaseToken, StoreError};

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
                if shared.is_shared() {
                    shared.execute_in_turn();
                } else {
                    while let Some(run) = unfinished_runs.next() {
                        shared.execute(&run, None);
                    }
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
    fn mark_running(&self, run: &UnfinishedRun, lease: Option<&LeaseToken>) -> Result<Option<StoredRun>, JobError> {
        let _changing = self.lock();
        if run.record().state != RunState::Queued {
            return Ok(None);
        }
        let state = RunState::Running { stage: "starting".to_owned(), progress: 0.0 };
        let stored = self.stored_run(&run.name)?;
        if stored.row.state != RunState::Queued {
            // Another server has changed it; this one reads that soon.
            return Ok(None);
        }
        run.set(self.save(&stored, state, lease)?);
        run.set_executed_here(true);
        Ok(Some(self.stored_run(&run.name)?))
    }

    /// Executes a run, under a lease if several processes use the store.
    pub(super) fn execute(&self, run: &Arc<UnfinishedRun>, lease: Option<&HeldLease>) {
        let token = lease.map(HeldLease::token);
        let admitted = run.record().state;
        if admitted.is_final() {
            return self.store_end(run, &admitted, token);
        }
        let stored = match self.mark_running(run, token) {
            Ok(Some(stored)) => stored,
            Ok(None) => return,
            // It stays queued, for this process or another one.
            Err(fault) if lease.is_some() => {
                warn!(run = %run.name, error = %fault, "cannot start a training run yet");
                self.unfinished_runs.wait(END_RETRY_INTERVAL);
                return;
            }
            Err(fault) => return self.end_later(run, &RunState::failed(&fault), &fault, token),
        };
        let mut reporter = Reporter::start(run, self.owner, stored.row.time_limit);
        if let Some(lease) = lease {
            reporter = reporter.with_loss(lease.loss());
        }
        // A panic must not end the worker: later runs are not affected.
        let state = catch_unwind(AssertUnwindSafe(|| run_training(self, &stored, &reporter, token)))
            .unwrap_or_else(|_| panic_state());
        let (duration, stages) = (Some(reporter.elapsed()), reporter.stages());
        self.end_observer.report(&EndedRun { name: &run.name, state: &state, duration, stages: &stages });
        match self.end(run, &state, token) {
            Ok(()) => log_end(run, &state),
            Err(JobError::Store(StoreError::LeaseLost { .. })) => self.give_up(run),
            Err(fault) => self.end_later(run, &state, &fault, token),
        }
    }

    /// Stores the final state of a run.
    fn end(&self, run: &UnfinishedRun, state: &RunState, lease: Option<&LeaseToken>) -> Result<(), JobError> {
        let _changing = self.lock();
        let mut attempts = 1..MAX_ATTEMPTS;
        let record = loop {
            // Read again, because a cancellation may have been stored in the meantime.
            let stored = self.stored_run(&run.name)?;
            if stored.row.state.is_final() {
                break stored.row.record();
            }
            match self.save(&stored, state.clone(), lease) {
                Err(StoreError::Conflict { .. }) if attempts.next().is_some() => {}
                saved => break saved?,
            }
        };
        run.set(record);
        self.unfinished_runs.remove(&run.name);
        Ok(())
    }

    /// Ends a run whose final state cannot be stored: at once for its callers, and in the store as soon as that accepts
    /// changes. Otherwise, the next process would execute a run whose callers know that it failed. If this process ends
    /// before, the next one finds the run as it was stored.
    fn end_later(
        &self,
        run: &UnfinishedRun,
        state: &RunState,
        why: &dyn std::error::Error,
        lease: Option<&LeaseToken>,
    ) {
        error!(run = %run.name, error = %why, "cannot store the end of a training run: trying again");
        run.set(RunRecord { state: state.clone(), ended: Some(self.clock.now()), ..run.record() });
        self.store_end(run, state, lease);
    }

    /// Stops to execute a run that another process has taken over.
    fn give_up(&self, run: &UnfinishedRun) {
        warn!(run = %run.name, "another server has taken over a training run");
        run.set_executed_here(false);
        if let Err(error) = self.refresh() {
            warn!(run = %run.name, %error, "cannot read the state of a training run yet");
        }
    }

    /// Stores the final state of a run as soon as the store accepts changes. Returns once it is stored, if the run does
    /// not exist, or if the process is shutting down.
    fn store_end(&self, run: &UnfinishedRun, state: &RunState, lease: Option<&LeaseToken>) {
        loop {
            let is_stopping = self.unfinished_runs.wait(END_RETRY_INTERVAL);
            match self.end(run, state, lease) {
                Ok(()) => return info!(run = %run.name, "stored the end of a training run"),
                Err(JobError::Store(StoreError::LeaseLost { .. })) => return self.give_up(run),
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
