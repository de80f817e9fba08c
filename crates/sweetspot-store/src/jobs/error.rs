//! Errors of training runs.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{DatasetName, RunName};
use sweetspot_model::TrainError;
use thiserror::Error;

use crate::datasets::DatasetError;
use crate::registry::RegistryError;
use crate::store::{RequestError, StoreError};

/// An error when submitting or reading a run.
#[derive(Debug, Error)]
pub enum JobError {
    /// The run does not exist.
    #[error("{run} does not exist: list the training runs of the model")]
    NotFound {
        /// The run.
        run: RunName,
    },
    /// The model is already being trained.
    #[error("{running} is still training this model: wait for it or cancel it")]
    AlreadyRunning {
        /// The other run.
        running: RunName,
    },
    /// The queue is full.
    #[error("the training queue is full ({queued} waiting): try again when a run has ended")]
    QueueFull {
        /// The number of queued runs.
        queued: usize,
    },
    /// The workspace has the maximum number of queued runs.
    #[error("{queued} runs of this workspace are queued already: wait until one of them starts")]
    WorkspaceQueueFull {
        /// The number of queued runs of the workspace.
        queued: usize,
    },
    /// Training on the dataset would need too much memory.
    #[error(
        "training on {dataset} needs about {} MiB of memory, and the limit is {} MiB: import fewer accounts or \
         attributes, or raise training.max_memory",
        .needed.div_ceil(1 << 20),
        .limit >> 20
    )]
    TooLarge {
        /// The dataset.
        dataset: DatasetName,
        /// The estimated memory in bytes.
        needed: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The request id was already used for a different request.
    #[error("request id {id:?} was used for a different request: use a new id for a new request")]
    RequestIdReused {
        /// The request id.
        id: String,
    },
    /// The process is shutting down.
    #[error("the server is shutting down: retry on another server, or after it has restarted")]
    Draining,
    /// The model cannot be trained on the customers.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The model cannot be deleted.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The dataset cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RequestError> for JobError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Reused { id } => Self::RequestIdReused { id },
            RequestError::Store(source) => Self::Store(source),
        }
    }
}

impl ReportableError for JobError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::AlreadyRunning { .. } => ErrorKind::Aborted,
            Self::QueueFull { .. } | Self::WorkspaceQueueFull { .. } | Self::TooLarge { .. } => {
                ErrorKind::ResourceExhausted
            }
            Self::RequestIdReused { .. } => ErrorKind::InvalidArgument,
            Self::Draining => ErrorKind::Unavailable,
            Self::Train(source) => source.kind(),
            Self::Registry(source) => source.kind(),
            Self::Dataset(source) => source.kind(),
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "TRAINING_RUN_NOT_FOUND",
            Self::AlreadyRunning { .. } => "ALREADY_TRAINING",
            Self::QueueFull { .. } => "QUEUE_FULL",
            Self::WorkspaceQueueFull { .. } => "WORKSPACE_QUEUE_FULL",
            Self::TooLarge { .. } => "TRAINING_TOO_LARGE",
            Self::RequestIdReused { .. } => "REQUEST_ID_REUSED",
            Self::Draining => "DRAINING",
            Self::Train(source) => source.reason(),
            Self::Registry(source) => source.reason(),
            Self::Dataset(source) => source.reason(),
            Self::Store(source) => source.reason(),
        }
    }
}
