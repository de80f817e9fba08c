//! The caller of a call.

use std::net::IpAddr;
use std::sync::Arc;

use sweetspot_core::{Id, Scope, ScopeSet};
use sweetspot_store::api_keys::ApiKey;
use sweetspot_store::audit_log;

use super::TokenCaller;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A server without access control, or a command on a folder of its own: everything is permitted.
    Unrestricted,
    /// The holder of an API key.
    Key(Arc<ApiKey>),
    /// The holder of the key in `auth.owner_key_file`, by the id of the key: everything is permitted.
    Owner(Arc<str>),
    /// The holder of a token of an identity provider.
    Token(Arc<TokenCaller>),
    /// Without a credential: may call what is open to all.
    Anonymous,
}

/// The principal of the key in `auth.owner_key_file`.
const OWNER: &str = "owner";
/// The maximum length of an issuer in an audit record, in characters: a record fits a row of the store.
const MAX_ISSUER_CHARS: usize = 200;

impl Caller {
    /// The person or system behind the credential; `None` without one.
    pub(crate) fn principal(&self) -> Option<&str> {
        match self {
            Self::Unrestricted | Self::Anonymous => None,
            Self::Key(key) => Some(&key.principal),
            Self::Owner(_) => Some(OWNER),
            Self::Token(token) => Some(&token.principal),
        }
    }

    /// Everything that the caller may do.
    pub(crate) fn scopes(&self) -> ScopeSet {
        match self {
            Self::Unrestricted | Self::Owner(_) => ScopeSet::ALL,
            Self::Key(key) => key.scope_set(),
            Self::Token(token) => token.scopes,
            Self::Anonymous => ScopeSet::default(),
        }
    }

    /// Whether the caller has a scope.
    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.scopes().contains(scope)
    }

    /// The only workspace that the caller may name; `None` for all.
    pub(crate) fn workspace(&self) -> Option<&Id> {
        match self {
            Self::Key(key) => key.workspace.as_ref().map(|name| &name.workspace),
            Self::Token(token) => token.workspace.as_ref(),
            Self::Unrestricted | Self::Owner(_) | Self::Anonymous => None,
        }
    }

    /// Whether the caller may name resources of a workspace.
    pub(crate) fn may_name(&self, workspace: &Id) -> bool {
        *self != Self::Anonymous && self.workspace().is_none_or(|own| own == workspace)
    }

    /// The caller as the audit log names it.
    pub(super) fn for_audit(&self, address: Option<IpAddr>) -> audit_log::AuditedCaller {
        let credential = match self {
            Self::Key(key) => format!("key {}", key.id),
            Self::Owner(id) => format!("key {id}"),
            Self::Token(token) => {
                format!("token of {}", token.issuer.chars().take(MAX_ISSUER_CHARS).collect::<String>())
            }
            Self::Unrestricted | Self::Anonymous => String::new(),
        };
        let principal = self.principal().unwrap_or_default().to_owned();
        audit_log::AuditedCaller { principal, credential, address }
    }
}
