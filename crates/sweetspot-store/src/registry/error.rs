//! Why the registry refuses.

use sweetspot_core::fault::{Fault, FaultKind, Violation};
use sweetspot_core::{Alias, ModelName, VersionName, VersionRef};
use sweetspot_model::{ArtifactError, CompileError};
use thiserror::Error;

use super::ThresholdError;
use super::change::MAX_REASON_BYTES;
use crate::store::{RequestError, StoreError};

/// Most bytes of failed checks in one message: a message travels in a header.
const MAX_CHECK_BYTES: usize = 1200;

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
    #[error("{version} does not exist: list the versions of the model")]
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
    #[error("the etag is missing: read the model version and send its etag")]
    EtagMissing,
    /// The model has changed since it was read.
    #[error("the etag is stale: model {model} has changed since it was read; read it again and retry")]
    StaleEtag {
        /// The model.
        model: ModelName,
    },
    /// Promotion checks fail.
    #[error(
        "{version} is not promoted: {}; to promote the version anyway, override the failed checks by name with a reason",
        describe(failed)
    )]
    ChecksFailed {
        /// The version.
        version: VersionName,
        /// The checks, at least one.
        failed: Vec<FailedCheck>,
    },
    /// An override names no check, or one twice.
    #[error(
        "override {check:?} is not the name of a promotion check, or is listed twice: list the model's checks for their names"
    )]
    UnknownCheck {
        /// The name.
        check: String,
    },
    /// A check is to be overridden without a reason.
    #[error("overriding promotion check {check} requires a reason")]
    ReasonMissing {
        /// The check.
        check: String,
    },
    /// Reasons are too long to be kept.
    #[error("the reasons are too long: all reasons of one promotion must have at most {MAX_REASON_BYTES} bytes")]
    ReasonTooLong,
    /// A threshold cannot be set.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// There is nothing to go back to.
    #[error("alias {alias} of model {model} has no earlier version to roll back to")]
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

/// A promotion check that refuses a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCheck {
    /// Its name.
    pub check: &'static str,
    /// The figures, in words.
    pub detail: String,
}

/// Failed checks with their figures, as many as a message has room for.
fn describe(failed: &[FailedCheck]) -> String {
    let mut text = String::new();
    for (number, FailedCheck { check, detail }) in failed.iter().enumerate() {
        let next = format!("{}promotion check {check} failed: {detail}", if number == 0 { "" } else { "; " });
        if number > 0 && text.len() + next.len() > MAX_CHECK_BYTES {
            let more: Vec<&str> = failed.iter().skip(number).map(|failed| failed.check).collect();
            return format!("{text}; and {} failed", more.join(", "));
        }
        text.push_str(&next);
    }
    text
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
            Self::NoLiveVersion { .. } | Self::ChecksFailed { .. } | Self::NothingToRollBack { .. } => {
                FaultKind::FailedPrecondition
            }
            Self::EtagMissing
            | Self::UnknownCheck { .. }
            | Self::ReasonMissing { .. }
            | Self::ReasonTooLong
            | Self::Threshold(_)
            | Self::RequestIdReused { .. } => FaultKind::InvalidArgument,
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
            Self::ChecksFailed { .. } => "PROMOTION_CHECK_FAILED",
            Self::UnknownCheck { .. } => "UNKNOWN_CHECK",
            Self::Threshold(_) => "INVALID_THRESHOLD",
            Self::ReasonMissing { .. } => "REASON_MISSING",
            Self::ReasonTooLong => "REASON_TOO_LONG",
            Self::NothingToRollBack { .. } => "NOTHING_TO_ROLL_BACK",
            Self::RequestIdReused { .. } => "REQUEST_ID_REUSED",
            Self::Artifact { source, .. } => source.reason(),
            Self::Compile { source, .. } => source.reason(),
            Self::Store(source) => source.reason(),
        }
    }

    fn violations(&self) -> Vec<Violation> {
        let Self::ChecksFailed { failed, .. } = self else { return Vec::new() };
        let violation =
            |failed: &FailedCheck| Violation { field: failed.check.to_owned(), description: failed.detail.clone() };
        failed.iter().map(violation).collect()
    }
}
