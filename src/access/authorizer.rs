//! Finds the caller of a call, and checks that it may call the method.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sweetspot_core::Digest;
use sweetspot_store::api_keys::{ApiKeySecret, ApiKeys, InvalidCredential};
use sweetspot_store::audit_log::AuditLog;
use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::header::AUTHORIZATION;

use super::denial_log::DenialLog;
use super::{AccessError, Caller, MethodAccess, TokenVerifier};

/// What a server needs to control access.
#[derive(Clone, Debug)]
pub(crate) struct AccessControl {
    /// The keys in the store.
    pub(crate) keys: ApiKeys,
    /// The key of the owner, from a file.
    pub(crate) owner_key: Option<OwnerKey>,
    /// Accepts tokens of an identity provider.
    pub(crate) tokens: Option<TokenVerifier>,
    /// Where calls and refusals are recorded.
    pub(crate) audit: AuditLog,
}

/// The key with all rights that comes from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnerKey {
    id: Arc<str>,
    hash: Digest,
}

impl From<&ApiKeySecret> for OwnerKey {
    fn from(secret: &ApiKeySecret) -> Self {
        Self { id: secret.id().into(), hash: secret.hash() }
    }
}

/// Decides who may call what. Clones share the state.
#[derive(Clone, Debug)]
pub(crate) enum Authorizer {
    /// Everybody may call everything.
    Open,
    /// Each call needs a credential.
    Required(Arc<AccessControl>, Arc<DenialLog>),
}

impl Authorizer {
    /// Requires a credential for each call.
    pub(crate) fn required(access: AccessControl) -> Self {
        let denials = DenialLog::new(access.audit.clone());
        Self::Required(Arc::new(access), Arc::new(denials))
    }

    /// Returns the caller of a call, if it may call a method. `path` is that of the gRPC call.
    ///
    /// # Errors
    /// Why it may not.
    pub(crate) fn authorize(
        &self,
        path: &str,
        access: MethodAccess,
        headers: &HeaderMap,
    ) -> Result<Caller, AccessError> {
        let Self::Required(control, _) = self else { return Ok(Caller::Unrestricted) };
        if access == MethodAccess::Open {
            return Ok(Caller::Anonymous);
        }
        let caller = control.authenticate(headers)?;
        let method = || path.rsplit('/').next().unwrap_or_default().to_owned();
        let scope = match access {
            MethodAccess::Open | MethodAccess::Authenticated => return Ok(caller),
            MethodAccess::Scope(scope) => scope,
            MethodAccess::AllWorkspaces(_) if caller.workspace().is_some() => {
                return Err(AccessError::OneWorkspace { method: method() });
            }
            MethodAccess::AllWorkspaces(scope) => scope,
        };
        if caller.has(scope) { Ok(caller) } else { Err(AccessError::NoScope { method: method(), scope }) }
    }

    /// Where calls are recorded; `None` without access control.
    pub(crate) fn audit(&self) -> Option<&AuditLog> {
        match self {
            Self::Open => None,
            Self::Required(control, _) => Some(&control.audit),
        }
    }

    /// What accepts tokens, if anything does.
    pub(crate) fn tokens(&self) -> Option<&TokenVerifier> {
        match self {
            Self::Open => None,
            Self::Required(control, _) => control.tokens.as_ref(),
        }
    }

    /// Records that a call was refused. Returns at once; a burst of refusals gets few records.
    pub(crate) fn record_denial(&self, path: &str, headers: &HeaderMap, error: &AccessError, request_id: &str) {
        if let Self::Required(control, denials) = self {
            let caller = control.authenticate(headers).unwrap_or(Caller::Anonymous);
            denials.record(&caller, path, error, request_id);
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
        match &self.owner_key {
            Some(owner) if *owner.id == *secret.id() && secret.matches(&owner.hash) => {
                Ok(Caller::Owner(Arc::clone(&owner.id)))
            }
            _ => Ok(Caller::Key(self.keys.authenticate(&secret)?)),
        }
    }
}

/// Why `auth.owner_key_file` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OwnerKeyError {
    /// It does not contain a key.
    #[error("{} does not contain an API key: write one line of the form swt_ID_SECRET, or delete the file to get a new one", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read, or created.
    #[error("cannot {action} {}: {cause}", path.display())]
    File {
        /// What failed.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why, from the system.
        cause: String,
    },
}

impl OwnerKey {
    /// Reads the key in a file. If the file does not exist, creates it with a new key that only its owner can read.
    ///
    /// # Errors
    /// If the file contains no key, or cannot be read or created.
    pub(crate) fn from_file(path: &Path) -> Result<Self, OwnerKeyError> {
        let failed = |action, cause: String| OwnerKeyError::File { action, path: path.to_owned(), cause };
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let secret = text.trim().parse().map_err(|_| OwnerKeyError::NotAKey { path: path.to_owned() })?;
                Ok(Self::from(&secret))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret = ApiKeySecret::generate().map_err(|error| failed("create a key for", error.to_string()))?;
                write_private(path, &format!("{}\n", secret.reveal()))
                    .map_err(|error| failed("create", error.to_string()))?;
                tracing::info!(path = %path.display(), "created an API key with all rights");
                Ok(Self::from(&secret))
            }
            Err(error) => Err(failed("read", error.to_string())),
        }
    }
}

/// Creates a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
