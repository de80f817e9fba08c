//! Reads the records of models.

use jiff::Timestamp;
use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionName, WorkspaceName};

use super::model_state::ModelState;
use super::row_reader::{StoredModelState, read_error};
use super::{ModelRecord, Registry, RegistryError, rows};

impl Registry {
    /// Returns the record of a model.
    ///
    /// # Errors
    /// If the model does not exist.
    pub fn model(&self, model: &ModelName) -> Result<ModelRecord, RegistryError> {
        let row = self.existing_state(model)?;
        self.model_record(model.clone(), &row.state)
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
        let states = self.reader.model_states_of(workspace, after, limit)?;
        states.into_iter().map(|(model, state)| self.model_record(model, &state)).collect()
    }

    /// Returns the state of a model.
    ///
    /// # Errors
    /// If the model does not exist.
    pub(super) fn existing_state(&self, model: &ModelName) -> Result<StoredModelState, RegistryError> {
        match self.reader.model_state(model)? {
            Some(row) => Ok(row),
            None => Err(self.reader.no_model(model)?),
        }
    }

    fn model_record(&self, name: ModelName, state: &ModelState) -> Result<ModelRecord, RegistryError> {
        Ok(ModelRecord {
            alias_targets: ModelVersionAlias::ALL.map(|alias| state.alias_target(alias)),
            version_count: state.version_count(),
            created: self.model_time(&name, state.created.as_deref(), 1)?,
            updated: self.model_time(&name, state.updated.as_deref(), state.versions)?,
            etag: rows::etag(&name, state.revision),
            live_failure: self.live_failure(&name),
            name,
        })
    }

    /// Returns a stored time of a model, or, if an earlier release did not store it, that of one of its versions.
    fn model_time(&self, model: &ModelName, stored: Option<&str>, version: u64) -> Result<Timestamp, RegistryError> {
        match stored {
            Some(text) => Ok(text.parse().map_err(|source| read_error("read the times of a model", source))?),
            None => self.reader.created(&ModelVersionName { model: model.clone(), number: version }),
        }
    }
}
