//! What one workspace may store and run.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{ModelName, WorkspaceName};
use sweetspot_store::datasets::DatasetError;
use sweetspot_store::registry::RegistryError;
use sweetspot_store::workspaces;
use thiserror::Error;

use super::AppState;
use crate::access::WorkspaceCounts;
use crate::config::WorkspaceSettings;

/// The limits of each workspace. Clones share the counts.
#[derive(Clone, Debug)]
pub struct WorkspaceLimits {
    max_models: usize,
    max_stored_bytes: Option<u64>,
    /// Limits the score streams of a workspace.
    pub(super) streams: WorkspaceCounts,
}

/// Why a workspace cannot store more.
#[derive(Debug, Error)]
pub(super) enum WorkspaceLimitError {
    /// It has the maximum number of models.
    #[error("the workspace has {max} models, which is its maximum: delete one that you no longer need")]
    TooManyModels {
        /// The maximum.
        max: usize,
    },
    /// Its datasets and models have the maximum size.
    #[error(
        "the datasets and models of the workspace take {used} bytes, and its maximum is {max}: delete versions that you \
         no longer need"
    )]
    Full {
        /// The size in bytes.
        used: u64,
        /// The maximum in bytes.
        max: u64,
    },
    /// The models cannot be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The datasets cannot be read.
    #[error(transparent)]
    Datasets(#[from] DatasetError),
}

impl ReportableError for WorkspaceLimitError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooManyModels { .. } | Self::Full { .. } => ErrorKind::ResourceExhausted,
            Self::Registry(error) => error.kind(),
            Self::Datasets(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::TooManyModels { .. } => "TOO_MANY_MODELS",
            Self::Full { .. } => "WORKSPACE_FULL",
            Self::Registry(error) => error.reason(),
            Self::Datasets(error) => error.reason(),
        }
    }
}

impl WorkspaceLimits {
    /// Creates the limits of these settings.
    #[must_use]
    pub(crate) fn new(settings: &WorkspaceSettings) -> Self {
        Self {
            max_models: settings.max_models,
            max_stored_bytes: settings.max_stored_size.map(|size| size.0),
            streams: WorkspaceCounts::new(settings.max_score_streams),
        }
    }

    /// Checks that a training or an import may add a version to a model, which may be new. Reads the store.
    pub(super) fn check_new_version(&self, state: &AppState, model: &ModelName) -> Result<(), WorkspaceLimitError> {
        let workspace = WorkspaceName { workspace: model.workspace.clone() };
        self.check_space(state, &workspace)?;
        let is_new = state.registry.model(model).is_err();
        if is_new && workspaces::model_count(&state.registry, &workspace)? >= self.max_models {
            return Err(WorkspaceLimitError::TooManyModels { max: self.max_models });
        }
        Ok(())
    }

    /// Checks that a workspace may store more. Reads the store.
    pub(super) fn check_space(&self, state: &AppState, workspace: &WorkspaceName) -> Result<(), WorkspaceLimitError> {
        let Some(max) = self.max_stored_bytes else { return Ok(()) };
        let used = workspaces::dataset_bytes(&state.datasets, workspace)?
            + workspaces::model_bytes(&state.registry, workspace)?;
        if used < max { Ok(()) } else { Err(WorkspaceLimitError::Full { used, max }) }
    }
}
