//! Reads the records of models.

use jiff::Timestamp;
use sweetspot_core::{Alias, ModelName, VersionName, WorkspaceName};

use super::model_state::ModelState;
use super::version_store::{ModelStateRow, read_error};
use super::{ModelRecord, Registry, RegistryError, rows};

impl Registry {
    /// Returns the record of a model.
    ///
    /// # Errors
    /// If the model does not exist.
    pub fn model(&self, model: &ModelName) -> Result<ModelRecord, RegistryError> {
        let row = self.existing_state(model)?;
        self.model_record(model.clone(), &row.head)
    }

    /// Returns up to `limit` models of a workspace that come after `after`, in the order of their names.
    ///
    /// # Errors
    /// If the store fails.
    pub fn models(
        &self,
        workspace: &WorkspaceName,
        after: Option<&ModelName>,
        limit: usize,
    ) -> Result<Vec<ModelRecord>, RegistryError> {
        let states = self.version_store.model_states_of(workspace, after, limit)?;
        states.into_iter().map(|(model, head)| self.model_record(model, &head)).collect()
    }

    /// Returns the state of a model.
    ///
    /// # Errors
    /// If the model does not exist.
    pub(super) fn existing_state(&self, model: &ModelName) -> Result<ModelStateRow, RegistryError> {
        match self.version_store.model_state(model)? {
            Some(row) => Ok(row),
            None => Err(self.version_store.no_model(model)?),
        }
    }

    fn model_record(&self, name: ModelName, head: &ModelState) -> Result<ModelRecord, RegistryError> {
        Ok(ModelRecord {
            alias_targets: Alias::ALL.map(|alias| head.alias_target(alias)),
            version_count: head.version_count(),
            created: self.model_time(&name, head.created.as_deref(), 1)?,
            updated: self.model_time(&name, head.updated.as_deref(), head.versions)?,
            etag: rows::etag(&name, head.revision),
            live_failure: self.live_failure(&name),
            name,
        })
    }

    /// Returns a stored time of a model, or, if an earlier release did not store it, that of one of its versions.
    fn model_time(&self, model: &ModelName, stored: Option<&str>, version: u64) -> Result<Timestamp, RegistryError> {
        match stored {
            Some(text) => Ok(text.parse().map_err(|source| read_error("read the times of a model", source))?),
            None => self.version_store.created(&VersionName { model: model.clone(), number: version }),
        }
    }
}
