//! Errors of datasets.

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{DatasetName, DatasetVersionName, Digest};
use thiserror::Error;

use crate::store::{RequestError, StoreError};

/// An error when storing or reading a dataset.
#[derive(Debug, Error)]
pub enum DatasetError {
    /// The dataset does not exist.
    #[error("{name} {}: import accounts into it first", absence(*deleted))]
    NotFound {
        /// The dataset.
        name: DatasetName,
        /// The time of its deletion. `None` if no dataset of this name was deleted.
        deleted: Option<Timestamp>,
    },
    /// The dataset exists, but its current version was deleted.
    #[error("{name} has no current version: restore one of its versions, or import accounts again")]
    Empty {
        /// The dataset.
        name: DatasetName,
    },
    /// The dataset version does not exist.
    #[error("{version} does not exist: list the versions of the dataset")]
    VersionNotFound {
        /// The version.
        version: DatasetVersionName,
    },
    /// The deletion of a dataset was not confirmed.
    #[error("deleting {name} also deletes its {count} versions with their customers: set force to delete all of them")]
    NotEmpty {
        /// The dataset.
        name: DatasetName,
        /// The number of its versions.
        count: u64,
    },
    /// The version cannot be deleted because it is in use.
    #[error(
        "{version} cannot be deleted: {by} uses its customers, a model version for good and a training run until it ends"
    )]
    InUse {
        /// The version.
        version: DatasetVersionName,
        /// The resource name of the user: a model version or a training run.
        by: String,
    },
    /// A training run that has not ended uses the version, so no account can be erased from it.
    #[error("{run} uses {version} and would store values of its accounts: wait until it ends, or cancel it, and retry")]
    InTraining {
        /// The version.
        version: DatasetVersionName,
        /// The resource name of the run.
        run: String,
    },
    /// The import contains accounts that were erased, which it refuses.
    #[error(
        "{count} accounts of the import were erased before, such as {first:?}: remove them from the import, or import \
         them again without refusing erased accounts"
    )]
    Erased {
        /// The id of one of them.
        first: String,
        /// The number of them.
        count: u64,
    },
    /// The request id was already used for a different import.
    #[error("request id {id:?} was used for a different import: use a new id for a new import")]
    RequestIdReused {
        /// The request id.
        id: String,
    },
    /// The stored bytes cannot be decoded.
    #[error("{name} cannot be read: import it again")]
    Corrupt {
        /// The dataset.
        name: DatasetName,
    },
    /// Stored customers cannot be decoded; the dataset they belong to is not known.
    #[error("the stored customers (digest {data}) are damaged: import them again, and train again")]
    Unreadable {
        /// The digest of the stored bytes.
        data: Digest,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Describes why a dataset does not exist.
fn absence(deleted: Option<Timestamp>) -> String {
    match deleted {
        Some(time) => format!("was deleted on {}", time.strftime("%Y-%m-%d at %H:%M:%S UTC")),
        None => "does not exist".to_owned(),
    }
}

impl From<RequestError> for DatasetError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Reused { id } => Self::RequestIdReused { id },
            RequestError::Store(source) => Self::Store(source),
        }
    }
}

impl ReportableError for DatasetError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } | Self::Empty { .. } | Self::VersionNotFound { .. } => ErrorKind::NotFound,
            Self::InUse { .. } | Self::InTraining { .. } | Self::Erased { .. } | Self::NotEmpty { .. } => {
                ErrorKind::FailedPrecondition
            }
            Self::RequestIdReused { .. } => ErrorKind::InvalidArgument,
            Self::Corrupt { .. } | Self::Unreadable { .. } => ErrorKind::DataLoss,
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "DATASET_NOT_FOUND",
            Self::Empty { .. } => "DATASET_EMPTY",
            Self::VersionNotFound { .. } => "DATASET_VERSION_NOT_FOUND",
            Self::InUse { .. } => "DATASET_VERSION_IN_USE",
            Self::NotEmpty { .. } => "DATASET_NOT_EMPTY",
            Self::InTraining { .. } => "DATASET_VERSION_IN_TRAINING",
            Self::Erased { .. } => "ERASED_ACCOUNTS",
            Self::RequestIdReused { .. } => "REQUEST_ID_REUSED",
            Self::Corrupt { .. } | Self::Unreadable { .. } => "DATASET_CORRUPT",
            Self::Store(source) => source.reason(),
        }
    }
}
