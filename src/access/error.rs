//! Why a call is not permitted.

use sweetspot_core::Scope;
use sweetspot_store::api_keys::InvalidCredential;
use thiserror::Error;
use tonic::Code;

use super::InvalidToken;

/// Why a call is not permitted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum AccessError {
    /// The call has no credential.
    #[error("this server requires a credential: send the header `authorization: Bearer swt_…` with an API key")]
    NoCredential,
    /// The credential is not one that this server accepts.
    #[error(transparent)]
    InvalidCredential(#[from] InvalidCredential),
    /// The token is not one that this server accepts.
    #[error(transparent)]
    InvalidToken(#[from] InvalidToken),
    /// The caller lacks a scope.
    #[error("{method} needs the scope {scope}, which this credential does not have")]
    NoScope {
        /// The method.
        method: String,
        /// The missing scope.
        scope: Scope,
    },
    /// The method concerns all workspaces, and the credential is for one.
    #[error("{method} concerns all workspaces, and this credential is for one")]
    OneWorkspace {
        /// The method.
        method: String,
    },
}

impl AccessError {
    /// The gRPC code of the error.
    pub(crate) const fn code(&self) -> Code {
        match self {
            Self::InvalidToken(InvalidToken::NoKeys) => Code::Unavailable,
            Self::NoCredential | Self::InvalidCredential(_) | Self::InvalidToken(_) => Code::Unauthenticated,
            Self::NoScope { .. } | Self::OneWorkspace { .. } => Code::PermissionDenied,
        }
    }

    /// The reason of the error, which clients match on.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::NoCredential => "CREDENTIAL_MISSING",
            Self::InvalidCredential(InvalidCredential::Unknown)
            | Self::InvalidToken(InvalidToken::Rejected { .. } | InvalidToken::UnknownKey) => "CREDENTIAL_INVALID",
            Self::InvalidToken(InvalidToken::NoKeys) => "TOKEN_KEYS_MISSING",
            Self::InvalidCredential(InvalidCredential::Expired { .. })
            | Self::InvalidToken(InvalidToken::Expired { .. }) => "CREDENTIAL_EXPIRED",
            Self::InvalidCredential(InvalidCredential::Revoked { .. }) => "CREDENTIAL_REVOKED",
            Self::NoScope { .. } => "SCOPE_MISSING",
            Self::OneWorkspace { .. } => "WORKSPACE_NOT_PERMITTED",
        }
    }
}
