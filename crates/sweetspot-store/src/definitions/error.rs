//! Errors of definitions.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{DefinitionChangeError, ModelName};
use thiserror::Error;

use super::{EntryPath, MAX_DEFINITION_BYTES};
use crate::store::{RequestError, StoreError};

/// An error when changing, storing or reading a definition.
#[derive(Debug, Error)]
pub enum DefinitionError {
    /// The edit is invalid.
    #[error(transparent)]
    Edit(#[from] DefinitionChangeError),
    /// The definition has changed since it was read.
    #[error("the etag is stale: the definition of {model} has changed since it was read; read it again and retry")]
    StaleEtag {
        /// The model.
        model: ModelName,
    },
    /// The etag is missing.
    #[error("the etag is missing: read the definition and send its etag")]
    EtagMissing,
    /// The approved version does not exist.
    #[error("{model} has no approved version {number}: list the definition versions")]
    NoVersion {
        /// The model.
        model: ModelName,
        /// The number of the approved version.
        number: u64,
    },
    /// The definition would be too large to store.
    #[error(
        "the definition would have {bytes} bytes, which exceeds the limit of {MAX_DEFINITION_BYTES}: delete entries \
         that you no longer need"
    )]
    TooLarge {
        /// The size in bytes.
        bytes: usize,
    },
    /// The keys of the definition's entries cannot be read.
    #[error("the stored definition of {model} is damaged: restore a backup of the store")]
    Corrupt {
        /// The model.
        model: ModelName,
    },
    /// An approved version cannot be read.
    #[error(
        "approved version {number} of the definition of {model} is damaged: restore a backup of the store; the \
         definition and its other versions are not affected"
    )]
    VersionCorrupt {
        /// The model.
        model: ModelName,
        /// The number of the approved version.
        number: u64,
    },
    /// Entries of the definition cannot be read.
    #[error(
        "{count} entries of the definition of {model} are damaged, such as {first}: replace or delete them first; \
         for its state or its committee, update the definition with its review date and its approvers (GetDefinition \
         lists them)"
    )]
    UnreadableEntries {
        /// The model.
        model: ModelName,
        /// One of the entries.
        first: EntryPath,
        /// The number of the entries.
        count: usize,
    },
    /// The request id was already used for a different request.
    #[error("request id {id:?} was used for a different request: use a new id for a new request")]
    RequestIdReused {
        /// The request id.
        id: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RequestError> for DefinitionError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Reused { id } => Self::RequestIdReused { id },
            RequestError::Store(source) => Self::Store(source),
        }
    }
}

impl ReportableError for DefinitionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Edit(edit) => kind(edit),
            Self::StaleEtag { .. } => ErrorKind::Aborted,
            Self::EtagMissing | Self::RequestIdReused { .. } => ErrorKind::InvalidArgument,
            Self::NoVersion { .. } => ErrorKind::NotFound,
            Self::TooLarge { .. } => ErrorKind::ResourceExhausted,
            Self::Corrupt { .. } | Self::VersionCorrupt { .. } => ErrorKind::DataLoss,
            Self::UnreadableEntries { .. } => ErrorKind::FailedPrecondition,
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Edit(edit) => reason(edit),
            Self::StaleEtag { .. } => "STALE_ETAG",
            Self::EtagMissing => "ETAG_MISSING",
            Self::NoVersion { .. } => "DEFINITION_VERSION_NOT_FOUND",
            Self::TooLarge { .. } => "DEFINITION_TOO_LARGE",
            Self::Corrupt { .. } | Self::VersionCorrupt { .. } => "DEFINITION_CORRUPT",
            Self::UnreadableEntries { .. } => "UNREADABLE_ENTRIES",
            Self::RequestIdReused { .. } => "REQUEST_ID_REUSED",
            Self::Store(source) => source.reason(),
        }
    }
}

const fn kind(edit: &DefinitionChangeError) -> ErrorKind {
    match edit {
        DefinitionChangeError::Exists { .. }
        | DefinitionChangeError::InReview
        | DefinitionChangeError::SelfApproval { .. }
        | DefinitionChangeError::NotApprover { .. }
        | DefinitionChangeError::AlreadyApproved { .. }
        | DefinitionChangeError::OtherModelVersion { .. }
        | DefinitionChangeError::TooFewApprovers { .. }
        | DefinitionChangeError::CommentNotOpen { .. }
        | DefinitionChangeError::NotInReview => ErrorKind::FailedPrecondition,
        DefinitionChangeError::Missing { .. } => ErrorKind::NotFound,
        DefinitionChangeError::Full { .. } => ErrorKind::ResourceExhausted,
        DefinitionChangeError::Conflict { .. } => ErrorKind::InvalidArgument,
    }
}

const fn reason(edit: &DefinitionChangeError) -> &'static str {
    match edit {
        DefinitionChangeError::Exists { .. } => "ENTRY_EXISTS",
        DefinitionChangeError::Missing { .. } => "ENTRY_NOT_FOUND",
        DefinitionChangeError::Full { .. } => "TOO_MANY_ENTRIES",
        DefinitionChangeError::Conflict { .. } => "INVALID_HYPOTHESIS",
        DefinitionChangeError::InReview => "IN_REVIEW",
        DefinitionChangeError::SelfApproval { .. } => "SELF_APPROVAL",
        DefinitionChangeError::NotApprover { .. } => "NOT_APPROVER",
        DefinitionChangeError::AlreadyApproved { .. } => "ALREADY_APPROVED",
        DefinitionChangeError::OtherModelVersion { .. } => "OTHER_MODEL_VERSION",
        DefinitionChangeError::TooFewApprovers { .. } => "TOO_FEW_APPROVERS",
        DefinitionChangeError::CommentNotOpen { .. } => "COMMENT_NOT_OPEN",
        DefinitionChangeError::NotInReview => "NOT_IN_REVIEW",
    }
}
