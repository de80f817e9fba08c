//! Why a dataset cannot be kept or read.

use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_core::{DatasetName, DatasetVersionName, Digest};
use thiserror::Error;

use crate::store::{RequestError, StoreError};

/// Why a dataset cannot be kept or read.
#[derive(Debug, Error)]
pub enum DatasetError {
    /// No such dataset.
    #[error("{name} does not exist: import accounts into it first")]
    NotFound {
        /// The name.
        name: DatasetName,
    },
    /// The dataset exists, and its current version was deleted.
    #[error("{name} has no current version: restore one of its versions, or import accounts again")]
    Empty {
        /// The name.
        name: DatasetName,
    },
    /// No such version.
    #[error("{version} does not exist: list the versions of the dataset")]
    VersionNotFound {
        /// The version.
        version: DatasetVersionName,
    },
    /// Something stands on the version.
    #[error("{version} cannot be deleted because {by} depends on it: its documents are computed from these customers")]
    InUse {
        /// The version.
        version: DatasetVersionName,
        /// A version of a model, or a training run.
        by: String,
    },
    /// The request id was used for another import.
    #[error("request id {id:?} was used for a different import: use a new id for a new import")]
    RequestIdReused {
        /// The id.
        id: String,
    },
    /// The kept bytes cannot be decoded.
    #[error("{name} cannot be read: import it again")]
    Corrupt {
        /// The name.
        name: DatasetName,
    },
    /// Kept customers cannot be decoded, whatever dataset they belong to.
    #[error("the customers with digest {data} cannot be read: import them again, and train again")]
    Unreadable {
        /// The digest of their bytes.
        data: Digest,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RequestError> for DatasetError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Reused { id } => Self::RequestIdReused { id },
            RequestError::Store(source) => Self::Store(source),
        }
    }
}

impl Fault for DatasetError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotFound { .. } | Self::Empty { .. } | Self::VersionNotFound { .. } => FaultKind::NotFound,
            Self::InUse { .. } => FaultKind::FailedPrecondition,
            Self::RequestIdReused { .. } => FaultKind::InvalidArgument,
            Self::Corrupt { .. } | Self::Unreadable { .. } => FaultKind::DataLoss,
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "DATASET_NOT_FOUND",
            Self::Empty { .. } => "DATASET_EMPTY",
            Self::VersionNotFound { .. } => "DATASET_VERSION_NOT_FOUND",
            Self::InUse { .. } => "DATASET_VERSION_IN_USE",
            Self::RequestIdReused { .. } => "REQUEST_ID_REUSED",
            Self::Corrupt { .. } | Self::Unreadable { .. } => "DATASET_CORRUPT",
            Self::Store(source) => source.reason(),
        }
    }
}
