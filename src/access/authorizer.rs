//! Finds the caller of a call, and checks that it may call the method.

use std::sync::Arc;

use sweetspot_store::api_keys::{ApiKeySecret, ApiKeys, InvalidCredential};
use sweetspot_store::audit_log::AuditLog;
use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::header::AUTHORIZATION;

use super::denial_log::DenialLog;
use super::owner_key::OwnerKeyFile;
use super::{AccessError, Call, Caller, MethodAccess, TokenVerifier};

/// What a server needs to control access.
#[derive(Debug)]
pub(crate) struct AccessControl {
    /// The keys in the store.
    pub(crate) keys: ApiKeys,
    /// The key of the owner, from a file that is read again when it changes.
    pub(crate) owner_key: Option<OwnerKeyFile>,
    /// Accepts tokens of an identity provider.
    pub(crate) tokens: Option<TokenVerifier>,
    /// Where calls are recorded.
    pub(crate) audit: AuditLog,
    /// Where refused calls are recorded.
    pub(crate) denials: DenialLog,
}

/// Decides who may call what. Clones share the state.
#[derive(Clone, Debug)]
pub(crate) enum Authorizer {
    /// Every call is allowed, without a credential.
    Open,
    /// Each call needs a credential.
    Required(Arc<AccessControl>),
}

impl Authorizer {
    /// Requires a credential for each call.
    pub(crate) fn required(access: AccessControl) -> Self {
        Self::Required(Arc::new(access))
    }

    /// Returns the caller of a call, if it may call a method. `path` is that of the gRPC call.
    ///
    /// # Errors
    /// Why it may not, with the caller as far as it is known.
    pub(crate) fn authorize(
        &self,
        path: &str,
        access: MethodAccess,
        headers: &HeaderMap,
    ) -> Result<Caller, (Caller, AccessError)> {
        let Self::Required(control) = self else { return Ok(Caller::Unrestricted) };
        if access == MethodAccess::Open {
            return Ok(Caller::Anonymous);
        }
        let caller = control.authenticate(headers).map_err(|error| (Caller::Anonymous, error))?;
        let method = || path.rsplit('/').next().unwrap_or_default().to_owned();
        let scope = match access {
            MethodAccess::Open | MethodAccess::Authenticated => return Ok(caller),
            MethodAccess::AllWorkspaces(_) if caller.workspace().is_some() => {
                return Err((caller, AccessError::OneWorkspace { method: method() }));
            }
            MethodAccess::Scope(scope) | MethodAccess::AllWorkspaces(scope) => scope,
        };
        if caller.has(scope) { Ok(caller) } else { Err((caller, AccessError::NoScope { method: method(), scope })) }
    }

    /// Where calls are recorded; `None` without access control.
    pub(crate) fn audit(&self) -> Option<&AuditLog> {
        match self {
            Self::Open => None,
            Self::Required(control) => Some(&control.audit),
        }
    }

    /// What accepts tokens, if anything does.
    pub(crate) fn tokens(&self) -> Option<&TokenVerifier> {
        match self {
            Self::Open => None,
            Self::Required(control) => control.tokens.as_ref(),
        }
    }

    /// Records that a call was refused. Returns at once; a burst of refusals gets few records.
    pub(crate) fn record_denial(&self, call: &Call, path: &str, reason: &str, request_id: &str) {
        if let Self::Required(control) = self {
            control.denials.record(call.audited_caller(), path, reason, request_id);
        }
    }

    /// The file of the owner's key, to be read again from time to time.
    pub(crate) fn owner_key_file(&self) -> Option<&OwnerKeyFile> {
        match self {
            Self::Open => None,
            Self::Required(control) => control.owner_key.as_ref(),
        }
    }
}

impl AccessControl {
    /// Returns the caller with this credential.
    fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, AccessError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let header = values.next().ok_or(AccessError::NoCredential)?;
        // Two credentials could be read differently by a proxy and by this server.
        if values.next().is_some() {
            return Err(InvalidCredential::Unknown.into());
        }
        let text = header.to_str().map_err(|_| InvalidCredential::Unknown)?;
        let (scheme, token) = text.split_once(' ').ok_or(InvalidCredential::Unknown)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(InvalidCredential::Unknown.into());
        }
        let token = token.trim();
        if let Some(tokens) = self.tokens.as_ref().filter(|_| !ApiKeySecret::is_form_of(token)) {
            return Ok(Caller::Token(tokens.authenticate(token)?));
        }
        let secret: ApiKeySecret = token.parse()?;
        let owner = self.owner_key.as_ref().map(OwnerKeyFile::current);
        match owner {
            Some(owner) if *owner.id == *secret.id() && secret.matches(&owner.hash) => {
                Ok(Caller::Owner(Arc::clone(&owner.id)))
            }
            _ => Ok(Caller::Key(self.keys.authenticate(&secret)?)),
        }
    }
}

#[cfg(test)]
mod tests;
