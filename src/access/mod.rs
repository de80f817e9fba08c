//! Who calls, and what the caller may do.
//!
//! The layers find the caller of a call from its credential, and check that the caller may call the method. The API asks
//! for the caller when it reads the name of a resource or of a person: [`call::Call`] is there for the duration of a call.

mod authorizer;
mod call;
mod caller;
mod denial_log;
mod error;
mod methods;
mod owner_key;
mod peer;
mod tokens;
mod workspace_counts;

pub(crate) use self::authorizer::{AccessControl, Authorizer};
pub(crate) use self::call::Call;
pub(crate) use self::caller::Caller;
pub(crate) use self::denial_log::DenialLog;
pub(crate) use self::error::AccessError;
pub(crate) use self::methods::{MethodAccess, method_access};
pub(crate) use self::owner_key::OwnerKeyFile;
pub(crate) use self::peer::Peer;
#[cfg(feature = "jwt")]
pub(crate) use self::tokens::MAX_KEY_SET_BYTES;
pub(crate) use self::tokens::{InvalidToken, TokenCaller, TokenError, TokenRules, TokenVerifier};
pub(crate) use self::workspace_counts::{WorkspaceCounts, WorkspacePermit};
