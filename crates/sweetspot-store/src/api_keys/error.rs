//! Why a key cannot be used or changed.

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

use super::{MAX_ACTIVE_KEYS, MAX_API_KEYS, MAX_WORKSPACE_KEYS};
use crate::store::{RequestError, StoreError};

/// Why a credential is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InvalidCredential {
    /// The text is not a key of this server.
    #[error("the API key is not valid")]
    Unknown,
    /// The key was revoked.
    #[error("the API key was revoked on {revoked}: use another one")]
    Revoked {
        /// When it was revoked.
        revoked: Timestamp,
    },
    /// The key has expired.
    #[error("the API key expired on {expires}: use another one")]
    Expired {
        /// When it expired.
        expires: Timestamp,
    },
}

/// Why keys cannot be changed.
#[derive(Debug, Error)]
pub enum ApiKeyError {
    /// There is no key with this id.
    #[error("there is no API key {id}")]
    NotFound {
        /// The id, truncated.
        id: String,
    },
    /// The key has expired or was revoked.
    #[error("the API key {id} has expired or was revoked: create a new one")]
    NotActive {
        /// The id.
        id: String,
    },
    /// The principal has the maximum number of usable keys.
    #[error("{principal} has {MAX_ACTIVE_KEYS} active API keys, which is the maximum: revoke one of them first")]
    TooManyActive {
        /// The principal.
        principal: String,
    },
    /// The store has the maximum number of keys.
    #[error(
        "there are {MAX_WORKSPACE_KEYS} API keys in the workspace or {MAX_API_KEYS} in the store, which is the maximum: those that no longer work are removed 30 days later"
    )]
    TooMany,
    /// The request was made before, and its answer contained the only copy of the secret.
    #[error(
        "this request created the API key {id}, and its secret was returned then: revoke it and create another one"
    )]
    AlreadyCreated {
        /// The id of the key.
        id: String,
    },
    /// The system has no random numbers.
    #[error("the system provides no random numbers: {cause}")]
    NoRandomness {
        /// The error of the system.
        cause: String,
    },
    /// The request id cannot be used, or the store failed.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl From<StoreError> for ApiKeyError {
    fn from(error: StoreError) -> Self {
        Self::Request(RequestError::Store(error))
    }
}

impl ReportableError for ApiKeyError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::NotActive { .. } | Self::TooManyActive { .. } | Self::AlreadyCreated { .. } => {
                ErrorKind::FailedPrecondition
            }
            Self::TooMany => ErrorKind::ResourceExhausted,
            Self::NoRandomness { .. } => ErrorKind::Internal,
            Self::Request(error) => error.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "API_KEY_NOT_FOUND",
            Self::NotActive { .. } => "API_KEY_NOT_ACTIVE",
            Self::TooManyActive { .. } => "TOO_MANY_ACTIVE_API_KEYS",
            Self::TooMany => "TOO_MANY_API_KEYS",
            Self::AlreadyCreated { .. } => "API_KEY_ALREADY_CREATED",
            Self::NoRandomness { .. } => "NO_RANDOMNESS",
            Self::Request(error) => error.reason(),
        }
    }
}
