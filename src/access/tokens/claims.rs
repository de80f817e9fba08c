//! What a verified token says about its caller.

use jiff::Timestamp;
use serde_json::{Map, Value};
use sweetspot_core::{Id, Role, ScopeSet, WorkspaceName, check_person};
use thiserror::Error;

/// The difference between the clocks of the issuer and of this server that is tolerated, in seconds.
const LEEWAY_SECONDS: i64 = 60;
/// The claim of a token for all workspaces.
const ALL_WORKSPACES: &str = "*";

/// Which tokens are accepted, and where they name the caller.
#[derive(Clone, Debug)]
pub(crate) struct TokenRules {
    /// The issuer of all tokens (`iss`).
    pub(crate) issuer: String,
    /// What tokens must be for (`aud`).
    pub(crate) audience: String,
    /// The claim with the principal.
    pub(crate) principal_claim: String,
    /// The claim with the roles.
    pub(crate) roles_claim: String,
    /// The claim with the workspace.
    pub(crate) workspace_claim: String,
}

/// The holder of a token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TokenCaller {
    /// The person or system that uses the token.
    pub(crate) principal: String,
    /// The only workspace that the token opens; `None` for all.
    pub(crate) workspace: Option<Id>,
    /// Everything that the token permits.
    pub(crate) scopes: ScopeSet,
    /// The issuer of the token.
    pub(crate) issuer: String,
    /// When the token expires, in seconds since 1970.
    expires: i64,
}

/// Why a token is not accepted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum InvalidToken {
    /// It is not a token for this server.
    #[error("the token is not valid: {cause}")]
    Rejected {
        /// What is wrong.
        cause: String,
    },
    /// It is signed with a key that the issuer does not have, or does not have yet.
    #[error("the token is not valid: the issuer has no key with its `kid` and `alg`")]
    UnknownKey,
    /// The keys of the issuer were not fetched yet.
    #[error("the server has not fetched the keys of auth.jwt_keys_url yet: try again later")]
    NoKeys,
    /// It has expired.
    #[error("the token expired on {expires}: get another one")]
    Expired {
        /// When it expired.
        expires: Timestamp,
    },
}

impl InvalidToken {
    pub(super) fn rejected(cause: impl Into<String>) -> Self {
        Self::Rejected { cause: cause.into() }
    }
}

impl TokenRules {
    /// Reads the claims of a token whose signature, issuer and audience are verified.
    pub(super) fn caller(&self, claims: &Map<String, Value>, now: Timestamp) -> Result<TokenCaller, InvalidToken> {
        let seconds = |claim: &str| claims.get(claim).map(|value| value.as_f64().map(|seconds| seconds as i64));
        let Some(Some(expires)) = seconds("exp") else { return Err(refused_claim("exp", "must be a time")) };
        match seconds("nbf") {
            Some(None) => return Err(refused_claim("nbf", "must be a time")),
            Some(Some(begin)) if begin > now.as_second().saturating_add(LEEWAY_SECONDS) => {
                return Err(refused_claim("nbf", "is in the future"));
            }
            None | Some(Some(_)) => (),
        }
        let caller = TokenCaller {
            principal: self.principal(claims)?,
            workspace: self.workspace(claims)?,
            scopes: self.scopes(claims)?,
            issuer: self.issuer.clone(),
            expires,
        };
        caller.check_expiry(now)?;
        Ok(caller)
    }

    fn principal(&self, claims: &Map<String, Value>) -> Result<String, InvalidToken> {
        let name = claims.get(&self.principal_claim).and_then(Value::as_str).unwrap_or_default();
        match check_person(name) {
            None => Ok(name.to_owned()),
            Some(text) => Err(refused_claim(&self.principal_claim, &format!("does not name the caller: {text}"))),
        }
    }

    fn workspace(&self, claims: &Map<String, Value>) -> Result<Option<Id>, InvalidToken> {
        let text = claims.get(&self.workspace_claim).and_then(Value::as_str).unwrap_or_default();
        if text == ALL_WORKSPACES {
            return Ok(None);
        }
        let name = format!("workspaces/{}", text.strip_prefix("workspaces/").unwrap_or(text));
        let wrong = |_| refused_claim(&self.workspace_claim, "must be the id of a workspace, or * for all");
        name.parse().map(|name: WorkspaceName| Some(name.workspace)).map_err(wrong)
    }

    /// Unknown roles are ignored: they are those of other systems.
    fn scopes(&self, claims: &Map<String, Value>) -> Result<ScopeSet, InvalidToken> {
        let names: Vec<&str> = match claims.get(&self.roles_claim) {
            Some(Value::String(text)) => text.split_whitespace().collect(),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
        };
        let roles: Vec<Role> = names.into_iter().filter_map(|name| name.parse().ok()).collect();
        if roles.is_empty() {
            let known = Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
            return Err(refused_claim(&self.roles_claim, &format!("contains none of the roles {known}")));
        }
        Ok(ScopeSet::new(&roles, &[]))
    }
}

impl TokenCaller {
    pub(super) fn check_expiry(&self, now: Timestamp) -> Result<(), InvalidToken> {
        if now.as_second() > self.expires.saturating_add(LEEWAY_SECONDS) {
            return Err(InvalidToken::Expired { expires: Timestamp::from_second(self.expires).unwrap_or(now) });
        }
        Ok(())
    }
}

fn refused_claim(claim: &str, why: &str) -> InvalidToken {
    InvalidToken::rejected(format!("its claim `{claim}` {why}"))
}
