//! Errors of decoding an artifact.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

/// The error of decoding an artifact.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ArtifactError {
    /// The bytes are not an encoded artifact.
    #[error("the stored model is damaged: restore a backup of the store, or train again")]
    Decode,
    /// The artifact was written by a newer release.
    #[error("the artifact has format {found}, and this program reads formats up to {known}: upgrade the program")]
    NewerFormat {
        /// The artifact's format.
        found: u32,
        /// The newest format that this program reads.
        known: u32,
    },
}

impl ReportableError for ArtifactError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::DataLoss
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Decode => "ARTIFACT_CORRUPT",
            Self::NewerFormat { .. } => "ARTIFACT_TOO_NEW",
        }
    }
}
