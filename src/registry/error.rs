//! Why the registry refuses.

use thiserror::Error;

use super::change::MAX_REASON_BYTES;
use crate::domain::{Alias, ModelName, VersionName, VersionRef};
use crate::fault::{Fault, FaultKind};
use crate::model::{ArtifactError, CompileError};
use crate::store::{RequestError, StoreError};

/// Why the registry refuses.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// The model has no versions at all.
    #[error("model {model} has no versions: train one first")]
    NoModel {
        /// The model.
        model: ModelName,
    },
    /// No such version.
    #[error("{version} does not exist: list the versions of the model to see which do")]
    NoVersion {
        /// What was asked for.
        version: VersionRef,
    },
    /// Nothing is live.
    #[error("model {model} has no live version: promote one, or name a version")]
    NoLiveVersion {
        /// The model.
        model: ModelName,
    },
    /// The etag is not given.
    #[error("the etag is missing: read the model version and send its etag along")]
    EtagMissing,
    /// The model has changed since it was read.
    #[error("the etag is stale: model {model} has changed since it was read; read it again and decide again")]
    StaleEtag {
        /// The model.
        model: ModelName,
    },
    /// A quality gate fails.
    #[error(
        "version {version} fails gate {gate}: {why}; override the gates with a reason if it is to be promoted all the same"
    )]
    GateFailed {
        /// The version.
        version: VersionName,
        /// The gate.
        gate: &'static str,
        /// What it found.
        why: String,
    },
    /// Gates are to be overridden without a reason.
    #[error("overriding the gates needs a reason")]
    ReasonMissing,
    /// A reason is too long to be kept.
    #[error("the reason is too long: {MAX_REASON_BYTES} bytes are kept")]
    ReasonTooLong,
    /// There is nothing to go back to.
    #[error("alias {alias} of model {model} has no earlier version to go back to")]
    NothingToRollBack {
        /// The model.
        model: ModelName,
        /// The alias.
        alias: Alias,
    },
    /// The request id was used for another request.
    #[error("request id {id:?} was used for a different request: use a new id for a new request")]
    RequestIdReused {
        /// The id.
        id: String,
    },
    /// The artifact cannot be read.
    #[error("version {version} cannot be loaded")]
    Artifact {
        /// The version.
        version: VersionName,
        /// Why.
        source: ArtifactError,
    },
    /// The artifact does not compile.
    #[error("version {version} cannot be loaded")]
    Compile {
        /// The version.
        version: VersionName,
        /// Why.
        source: CompileError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RequestError> for RegistryError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Reused { id } => Self::RequestIdReused { id },
            RequestError::Store(source) => Self::Store(source),
        }
    }
}

impl Fault for RegistryError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NoModel { .. } | Self::NoVersion { .. } => FaultKind::NotFound,
            Self::NoLiveVersion { .. } | Self::GateFailed { .. } | Self::NothingToRollBack { .. } => {
                FaultKind::FailedPrecondition
            }
            Self::EtagMissing | Self::ReasonMissing | Self::ReasonTooLong | Self::RequestIdReused { .. } => {
                FaultKind::InvalidArgument
            }
            Self::StaleEtag { .. } => FaultKind::Aborted,
            Self::Artifact { source, .. } => source.kind(),
            Self::Compile { source, .. } => source.kind(),
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NoModel { .. } => "MODEL_NOT_FOUND",
            Self::NoVersion { .. } => "VERSION_NOT_FOUND",
            Self::NoLiveVersion { .. } => "NO_LIVE_VERSION",
            Self::EtagMissing => "ETAG_MISSING",
            Self::StaleEtag { .. } => "STALE_ETAG",
            Self::GateFailed { .. } => "GATE_FAILED",
            Self::ReasonMissing => "REASON_MISSING",
            Self::ReasonTooLong => "REASON_TOO_LONG",
            Self::NothingToRollBack { .. } => "NOTHING_TO_ROLL_BACK",
            Self::RequestIdReused { .. } => "REQUEST_ID_REUSED",
            Self::Artifact { source, .. } => source.reason(),
            Self::Compile { source, .. } => source.reason(),
            Self::Store(source) => source.reason(),
        }
    }
}
