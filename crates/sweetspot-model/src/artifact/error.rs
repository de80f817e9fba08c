//! Why bytes are not a model.

use sweetspot_core::fault::{Fault, FaultKind};
use thiserror::Error;

/// Why bytes are not a model.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ArtifactError {
    /// Not the encoding of an artifact.
    #[error("the artifact cannot be decoded")]
    Decode,
    /// Written by a newer program.
    #[error("the artifact has format {found}, and this program reads formats up to {known}: upgrade the program")]
    NewerFormat {
        /// The artifact's format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
}

impl Fault for ArtifactError {
    fn kind(&self) -> FaultKind {
        FaultKind::DataLoss
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Decode => "ARTIFACT_CORRUPT",
            Self::NewerFormat { .. } => "ARTIFACT_TOO_NEW",
        }
    }
}
