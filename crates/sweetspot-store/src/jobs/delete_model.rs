//! Deletion of a model together with its runs.

use sweetspot_core::ModelName;
use tracing::warn;

use super::JobError;
use super::run_manager::RunManager;
use crate::registry::{DeleteModelRequest, RegistryError};

impl RunManager {
    /// Deletes a model; see `Jobs::delete_model`.
    pub(super) fn delete_model(&self, delete: &DeleteModelRequest) -> Result<(), JobError> {
        let model = &delete.model;
        let _no_submission = self.lock();
        self.read_unfinished()?;
        // A run that is queued for a server is not in the memory of a command.
        let stored = self.run_store.unfinished_runs()?.into_iter().map(|run| run.row.name);
        let open = self.unfinished_runs.unfinished_run(model).into_iter().chain(stored).find(|run| run.model == *model);
        if let Some(running) = open {
            return Err(JobError::AlreadyRunning { running });
        }
        self.registry.delete_model(delete)?;
        self.finish_deletion(model)
    }

    /// Removes what an earlier process left of the models that it deleted.
    pub(super) fn finish_deletions(&self) -> Result<(), JobError> {
        let _no_submission = self.lock();
        for model in self.registry.unfinished_deletions()? {
            match self.finish_deletion(&model) {
                // The next process will try again, and so will a training of the model.
                Err(JobError::Store(error) | JobError::Registry(RegistryError::Store(error))) if error.is_refusal() => {
                    warn!(%model, %error, "the rows of a deleted model stay");
                }
                finished => finished?,
            }
        }
        Ok(())
    }

    /// Removes the runs, versions and history of a deleted model. The caller holds the lock of the runs.
    pub(super) fn finish_deletion(&self, model: &ModelName) -> Result<(), JobError> {
        if !self.registry.unfinished_deletions()?.contains(model) {
            return Ok(());
        }
        self.run_store.remove_all(model)?;
        Ok(self.registry.finish_deletion(model)?)
    }
}
