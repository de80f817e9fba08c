//! Reads runs: from memory while they are open, otherwise from the store.

use sweetspot_core::{ModelName, RunName};

use super::run_manager::RunManager;
use super::run_store::StoredRun;
use super::{JobError, RunOptions, RunRecord};

impl RunManager {
    /// Returns a run from memory if it has not ended, otherwise from the store.
    pub(super) fn run(&self, name: &RunName) -> Result<RunRecord, JobError> {
        if let Some(run) = self.unfinished_runs.get(name) {
            return Ok(run.record());
        }
        Ok(self.stored_run(name)?.row.record())
    }

    pub(super) fn stored_run(&self, name: &RunName) -> Result<StoredRun, JobError> {
        self.run_store.load(name)?.ok_or_else(|| JobError::NotFound { run: name.clone() })
    }

    /// Returns the options of a run; see `Jobs::options`.
    pub(super) fn options(&self, name: &RunName) -> Result<RunOptions, JobError> {
        let stored = self.stored_run(name)?;
        Ok(RunOptions { spec: super::execute::read_spec(self, &stored)?, time_limit: stored.row.time_limit })
    }

    /// Returns a page of runs, newest first.
    pub(super) fn runs(
        &self,
        model: &ModelName,
        after: Option<&RunName>,
        limit: usize,
    ) -> Result<Vec<RunRecord>, JobError> {
        let before = after.map(|name| self.stored_run(name)).transpose()?.map(|stored| stored.row.number);
        let stored = self.run_store.list(model, before, limit)?.into_iter().map(|stored| stored.row.record());
        Ok(stored.map(|record| self.unfinished_runs.get(&record.name).map_or(record, |run| run.record())).collect())
    }

    /// Returns a page of runs, oldest first.
    pub(super) fn runs_oldest_first(
        &self,
        model: &ModelName,
        after: Option<&RunName>,
        limit: usize,
    ) -> Result<Vec<RunRecord>, JobError> {
        let mut names = self.run_store.names(model)?;
        names.reverse();
        let start = after.map_or(0, |after| names.iter().position(|name| name == after).map_or(0, |place| place + 1));
        names.iter().skip(start).take(limit).map(|name| self.run(name)).collect()
    }
}
