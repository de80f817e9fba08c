//! Errors of an erasure.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

use crate::datasets::DatasetError;
use crate::definitions::DefinitionError;
use crate::store::{RequestError, StoreError};

/// Why accounts could not be erased, or not all of them.
#[derive(Debug, Error)]
pub enum ErasureError {
    /// The request id was used for a different request, or cannot be checked.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A dataset cannot be changed.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A definition cannot be changed.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReportableError for ErasureError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Request(source) => source.kind(),
            Self::Dataset(source) => source.kind(),
            Self::Definition(source) => source.kind(),
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Request(source) => source.reason(),
            Self::Dataset(source) => source.reason(),
            Self::Definition(source) => source.reason(),
            Self::Store(source) => source.reason(),
        }
    }
}
