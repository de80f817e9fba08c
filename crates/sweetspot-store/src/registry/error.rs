//! Errors of the registry.

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError, Violation};
use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionName, ModelVersionRef};
use sweetspot_model::{ArtifactError, CompileError};
use thiserror::Error;

use super::ThresholdError;
use super::live_failure::LiveFailure;
use super::promotion::MAX_REASON_BYTES;
use crate::store::{RequestError, StoreError};

/// The maximum length of the failed checks in a message, in bytes: the message is sent in a header.
const MAX_CHECK_BYTES: usize = 1200;

/// An error of the registry.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// The model does not exist: it has no versions.
    #[error("model {model} {}: train one first", absence("has no versions", *deleted))]
    NoModel {
        /// The model.
        model: ModelName,
        /// The time of its deletion. `None` if no model of this name was deleted.
        deleted: Option<Timestamp>,
    },
    /// The version does not exist.
    #[error("{version} {}: list the versions of the model", absence("does not exist", *deleted))]
    NoVersion {
        /// The requested version.
        version: ModelVersionRef,
        /// The time of its deletion. `None` if it never existed.
        deleted: Option<Timestamp>,
    },
    /// The version cannot be deleted because it is in use.
    #[error("{version} cannot be deleted: {why}")]
    VersionInUse {
        /// The version.
        version: ModelVersionName,
        /// The use.
        why: String,
    },
    /// The deletion of a model was not confirmed.
    #[error(
        "deleting {model} also deletes its {count} versions, its training runs, its promotion history and the \
         thresholds of its promotion checks, but not its definition: set force to delete all of them"
    )]
    ModelNotEmpty {
        /// The model.
        model: ModelName,
        /// The number of its versions.
        count: u64,
    },
    /// The model has no live version.
    #[error("model {model} has no live version: promote one, or name a version")]
    NoLiveVersion {
        /// The model.
        model: ModelName,
    },
    /// Neither the live version nor the one before it can be loaded.
    #[error("{failure}")]
    LiveVersionDamaged {
        /// The versions, with their blobs.
        failure: Arc<LiveFailure>,
    },
    /// The etag is missing.
    #[error("the etag is missing: read the model version and send its etag")]
    EtagMissing,
    /// The model has changed since it was read.
    #[error("the etag is stale: model {model} has changed since it was read; read it again and retry")]
    StaleEtag {
        /// The model.
        model: ModelName,
    },
    /// Promotion checks failed.
    #[error(
        "{version} is not promoted: {}; to promote the version anyway, override the failed checks by name with a reason",
        describe(failed)
    )]
    ChecksFailed {
        /// The version.
        version: ModelVersionName,
        /// The failed checks, at least one.
        failed: Vec<FailedCheck>,
    },
    /// An override does not name a check, or a check is overridden twice.
    #[error(
        "override {check:?} is not the name of a promotion check, or is listed twice: list the model's checks for their names"
    )]
    UnknownCheck {
        /// The given name.
        check: String,
    },
    /// A check is overridden without a reason.
    #[error("promotion check {check} is overridden without a reason: give one")]
    ReasonMissing {
        /// The check.
        check: String,
    },
    /// The reasons are too long to store.
    #[error("the reasons of one promotion exceed {MAX_REASON_BYTES} bytes together: shorten them")]
    ReasonTooLong,
    /// A threshold cannot be set.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// The alias has no earlier version to roll back to: promote another version instead.
    #[error("alias {alias} of model {model} has no earlier version to roll back to: promote another version instead")]
    NothingToRollBack {
        /// The model.
        model: ModelName,
        /// The alias.
        alias: ModelVersionAlias,
    },
    /// The request id was already used for a different request.
    #[error("request id {id:?} was used for a different request: use a new id for a new request")]
    RequestIdReused {
        /// The request id.
        id: String,
    },
    /// The artifact cannot be read.
    #[error("{version} cannot be loaded: {source}")]
    Artifact {
        /// The version.
        version: ModelVersionName,
        /// The cause.
        source: ArtifactError,
    },
    /// The artifact cannot be compiled for scoring.
    #[error("{version} cannot be loaded: {source}")]
    Compile {
        /// The version.
        version: ModelVersionName,
        /// The cause.
        source: CompileError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A promotion check that the version failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCheck {
    /// The name of the check.
    pub check: &'static str,
    /// An explanation with the figures.
    pub detail: String,
}

/// Describes why something does not exist.
fn absence(never: &str, deleted: Option<Timestamp>) -> String {
    match deleted {
        Some(time) => format!("was deleted on {}", time.strftime("%Y-%m-%d at %H:%M:%S UTC")),
        None => never.to_owned(),
    }
}

/// Describes the failed checks, up to the maximum length of a message.
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

impl ReportableError for RegistryError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoModel { .. } | Self::NoVersion { .. } => ErrorKind::NotFound,
            Self::NoLiveVersion { .. }
            | Self::ChecksFailed { .. }
            | Self::NothingToRollBack { .. }
            | Self::VersionInUse { .. }
            | Self::ModelNotEmpty { .. } => ErrorKind::FailedPrecondition,
            Self::EtagMissing
            | Self::UnknownCheck { .. }
            | Self::ReasonMissing { .. }
            | Self::ReasonTooLong
            | Self::Threshold(_)
            | Self::RequestIdReused { .. } => ErrorKind::InvalidArgument,
            Self::StaleEtag { .. } => ErrorKind::Aborted,
            Self::LiveVersionDamaged { failure } => failure.kind(),
            Self::Artifact { source, .. } => source.kind(),
            Self::Compile { source, .. } => source.kind(),
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NoModel { .. } => "MODEL_NOT_FOUND",
            Self::NoVersion { .. } => "VERSION_NOT_FOUND",
            Self::VersionInUse { .. } => "VERSION_IN_USE",
            Self::ModelNotEmpty { .. } => "MODEL_NOT_EMPTY",
            Self::NoLiveVersion { .. } => "NO_LIVE_VERSION",
            Self::LiveVersionDamaged { .. } => "LIVE_VERSION_DAMAGED",
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
