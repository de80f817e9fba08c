//! Runs of a store that several processes use: each knows all unfinished runs, and one at a time executes them.
//!
//! The rows of the runs are the truth. The list in memory follows them, so that callers can wait for a run, whichever
//! process executes it. A run that was being executed when its process ended is found by the next holder of the lease.

use std::collections::BTreeSet;
use std::time::Duration;

use sweetspot_core::RunName;
use tracing::{error, warn};

use super::run_manager::RunManager;
use super::run_store::StoredRun;
use super::unfinished_runs::{StopCause, UnfinishedRun};
use super::{JobError, RunState};
use crate::store::HeldLease;

/// The lease of the process that executes runs.
const LEASE: &str = "training";
/// The interval at which a process tries to get the lease while there are unfinished runs.
const LEASE_INTERVAL: Duration = Duration::from_millis(500);

impl RunManager {
    /// Brings the list of unfinished runs in line with the store, if other processes use it.
    pub(super) fn refresh(&self) -> Result<(), JobError> {
        let _changing = self.lock();
        self.read_unfinished()
    }

    /// As [`Self::refresh`], with the lock held.
    pub(super) fn read_unfinished(&self) -> Result<(), JobError> {
        if !self.is_shared() {
            return Ok(());
        }
        let stored = self.run_store.unfinished_runs()?;
        let names: BTreeSet<&RunName> = stored.iter().map(|run| &run.row.name).collect();
        for known in self.unfinished_runs.all() {
            if !names.contains(&known.name) && !known.is_executed_here() {
                self.remove_ended(&known)?;
            }
        }
        for run in &stored {
            self.follow(run);
        }
        Ok(())
    }

    /// Adds a run to the list, or updates it.
    fn follow(&self, stored: &StoredRun) {
        let row = &stored.row;
        let Some(known) = self.unfinished_runs.get(&row.name) else {
            let run = UnfinishedRun::new(row.record());
            match row.state {
                RunState::Queued => self.unfinished_runs.enqueue(run),
                RunState::Running { .. }
                | RunState::Succeeded { .. }
                | RunState::Failed { .. }
                | RunState::Cancelled => {
                    self.unfinished_runs.track(run);
                }
            }
            return;
        };
        if known.is_executed_here() {
            if row.cancelling {
                known.request_stop(StopCause::Cancel);
            }
            return;
        }
        if row.state == RunState::Queued {
            self.unfinished_runs.queue_again(&known);
        }
        let record = row.record();
        if known.record() != record {
            known.set(record);
        }
    }

    /// Removes a run that is no longer in the list of the store.
    fn remove_ended(&self, known: &UnfinishedRun) -> Result<(), JobError> {
        match self.stored_run(&known.name) {
            // It was admitted after the list was read.
            Ok(stored) if !stored.row.state.is_final() => return Ok(()),
            Ok(stored) => known.set(stored.row.record()),
            // It was deleted with its model, which only runs that have ended are.
            Err(JobError::NotFound { .. }) => {
                let mut record = known.record();
                record.state = RunState::Cancelled;
                known.set(record);
            }
            Err(error) => return Err(error),
        }
        self.unfinished_runs.remove(&known.name);
        Ok(())
    }

    /// Executes runs while this process holds the lease of training, until it shuts down.
    pub(super) fn execute_in_turn(&self) {
        while self.unfinished_runs.wait_for_any() {
            // Otherwise, another process executes runs, or the store does not answer.
            if let Ok(Some(lease)) = HeldLease::acquire(&self.store, LEASE) {
                self.execute_queued(&lease);
            }
            if self.unfinished_runs.wait(LEASE_INTERVAL) {
                return;
            }
        }
    }

    fn execute_queued(&self, lease: &HeldLease) {
        if let Err(error) = self.recover_interrupted(lease) {
            warn!(%error, "cannot recover the runs of a server that ended: trying again");
            return;
        }
        while !lease.is_lost()
            && let Some(run) = self.unfinished_runs.pop()
        {
            self.execute(&run, Some(lease));
        }
    }

    /// Ends the runs that were being executed by a process that lost the lease, and finishes its deletions.
    fn recover_interrupted(&self, lease: &HeldLease) -> Result<(), JobError> {
        {
            let _changing = self.lock();
            for stored in self.run_store.unfinished_runs()? {
                if stored.row.state == RunState::Queued {
                    continue;
                }
                let cancelled = stored.row.cancelling.then_some(RunState::Cancelled);
                let state = cancelled.unwrap_or_else(|| RunState::interrupted(stored.row.owner));
                error!(run = %stored.row.name, "a training run was interrupted: its server ended");
                self.save(&stored, state, Some(lease.token()))?;
            }
            self.read_unfinished()?;
        }
        self.finish_deletions()
    }
}
