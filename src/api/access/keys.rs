//! The methods of API keys.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use prost::Message;
use sweetspot_core::{Digest, Role, Scope, ScopeSet, UnknownAccessWord, WorkspaceName, check_person};
use sweetspot_proto::v1;
use sweetspot_store::api_keys::{ApiKey, ApiKeyError, NewApiKey};
use sweetspot_store::store::RequestKey;
use tonic::Status;

use super::AccessApi;
use crate::access::Call;
use crate::api::convert::time::parse_duration;
use crate::api::pagination::PageRequest;
use crate::api::status::require_scope;
use crate::api::violations::Violations;
use crate::messages::entries::wire_timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The maximum lifetime of a key.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 365 * DAY.as_secs());
/// The maximum time for which both keys of a rotation work.
const MAX_OVERLAP: Duration = Duration::from_secs(30 * DAY.as_secs());

impl AccessApi {
    /// Creates a key.
    pub(super) async fn create_api_key(
        &self,
        request: v1::CreateApiKeyRequest,
    ) -> Result<v1::CreateApiKeyResponse, Status> {
        let body = digest(&request);
        let v1::CreateApiKeyRequest { principal, workspace, roles, scopes, lifetime, request_id } = request;
        let mut problems = Violations::default();
        if let Some(text) = check_person(&principal) {
            problems.add("INVALID_PERSON", "principal", text);
        }
        Call::note_subject(|| format!("API key of {principal}"));
        let workspace = parse_workspace(&workspace, &mut problems);
        let roles: Vec<Role> = parse_words("roles", &roles, &mut problems);
        let scopes: Vec<Scope> = parse_words("scopes", &scopes, &mut problems);
        if roles.is_empty() && scopes.is_empty() {
            problems.add("NO_RIGHTS", "roles", "a key needs a role or a scope");
        }
        let now = self.state.clock.now();
        let expires = parse_lifetime(lifetime, now, &mut problems);
        problems.check_request_id(&request_id);
        let (workspace, expires) = problems.finish(workspace.zip(expires))?;
        check_grant(ScopeSet::new(&roles, &scopes))?;
        let new = NewApiKey { principal, workspace, roles, scopes, expires, created_by: caller_name() };
        let (keys, request) = (self.state.api_keys.clone(), RequestKey { id: request_id, body });
        let (key, secret) = self.pool.run_store(move || keys.create(new, &request)).await?;
        Ok(v1::CreateApiKeyResponse { key: Some(wire_key(&key, now)), secret: secret.reveal().to_owned() })
    }

    /// Lists keys.
    #[expect(clippy::unused_async, reason = "every method of a service is async")]
    pub(super) async fn list_api_keys(
        &self,
        request: v1::ListApiKeysRequest,
    ) -> Result<v1::ListApiKeysResponse, Status> {
        let v1::ListApiKeysRequest { page_size, page_token } = request;
        let mut problems = Violations::default();
        let page = PageRequest::parse("ListApiKeys", "", page_size, &page_token, &mut problems);
        let page = problems.finish(page)?;
        let now = self.state.clock.now();
        let keys = self.state.api_keys.list();
        let keys = keys.iter().filter(|key| is_visible(key));
        let keys = keys.filter(|key| page.after.as_ref().is_none_or(|after| key.id > *after));
        let (keys, next_page_token) =
            page.fill(keys.map(|key| (key.id.clone(), wire_key(key, now))), self.max_response_bytes);
        Ok(v1::ListApiKeysResponse { keys, next_page_token })
    }

    /// Revokes a key.
    pub(super) async fn revoke_api_key(
        &self,
        request: v1::RevokeApiKeyRequest,
    ) -> Result<v1::RevokeApiKeyResponse, Status> {
        let v1::RevokeApiKeyRequest { id, request_id } = request;
        note_key(&id);
        let mut problems = Violations::default();
        problems.check_request_id(&request_id);
        problems.finish(Some(()))?;
        let keys = self.state.api_keys.clone();
        let revoke = move || {
            check_visible(&*keys.get(&id)?)?;
            keys.revoke(&id)
        };
        let key = self.pool.run_store(revoke).await?;
        Ok(v1::RevokeApiKeyResponse { key: Some(wire_key(&key, self.state.clock.now())) })
    }

    /// Creates a second key with the rights of another one.
    pub(super) async fn rotate_api_key(
        &self,
        request: v1::RotateApiKeyRequest,
    ) -> Result<v1::RotateApiKeyResponse, Status> {
        let body = digest(&request);
        let v1::RotateApiKeyRequest { id, overlap, lifetime, request_id } = request;
        note_key(&id);
        let mut problems = Violations::default();
        let now = self.state.clock.now();
        let expires = parse_lifetime(lifetime, now, &mut problems);
        let overlap = overlap.map_or(Some(DAY), |wire| parse_duration(&wire)).filter(|overlap| *overlap <= MAX_OVERLAP);
        if overlap.is_none() {
            problems.add("INVALID_DURATION", "overlap", "the old key can work for at most 30 more days");
        }
        problems.check_request_id(&request_id);
        let old_expires = overlap.and_then(|overlap| after(now, overlap));
        let (expires, old_expires) = problems.finish(expires.zip(old_expires))?;
        let keys = self.state.api_keys.clone();
        let old = keys.get(&id).and_then(|key| check_visible(&key).map(|()| key));
        let old = old.map_err(|fault| crate::api::status::status(&fault))?;
        check_grant(old.scope_set())?;
        let (request, by) = (RequestKey { id: request_id, body }, caller_name());
        let rotate = move || keys.rotate(&old.id, expires, old_expires, by, &request);
        let (key, secret) = self.pool.run_store(rotate).await?;
        Ok(v1::RotateApiKeyResponse { key: Some(wire_key(&key, now)), secret: secret.reveal().to_owned() })
    }
}

/// The digest of a request, including its id: a repeated request has the same id.
fn digest(request: &impl Message) -> Digest {
    Digest::new(&request.encode_to_vec())
}

/// Notes the id of a key for the audit log.
fn note_key(id: &str) {
    Call::note_subject(|| format!("API key {}", id.chars().take(64).collect::<String>()));
}

fn caller_name() -> String {
    Call::current().caller().principal().unwrap_or_default().to_owned()
}

/// Checks that the caller has every scope that it grants.
fn check_grant(granted: ScopeSet) -> Result<(), Status> {
    Scope::ALL.iter().filter(|scope| granted.contains(**scope)).try_for_each(|scope| require_scope(*scope))
}

/// Whether the caller may see a key: each one, or those of its workspace.
fn is_visible(key: &ApiKey) -> bool {
    let call = Call::current();
    call.caller().workspace().is_none_or(|own| key.workspace.as_ref().is_some_and(|name| name.workspace == *own))
}

fn check_visible(key: &ApiKey) -> Result<(), ApiKeyError> {
    if is_visible(key) { Ok(()) } else { Err(ApiKeyError::NotFound { id: key.id.clone() }) }
}

/// Reads the workspace of a new key: `Some(None)` for all, `None` if it is invalid.
#[expect(clippy::option_option, reason = "all workspaces differ from an invalid one")]
fn parse_workspace(text: &str, problems: &mut Violations) -> Option<Option<WorkspaceName>> {
    match (text, Call::own_workspace()) {
        ("", own) => Some(own.map(|workspace| WorkspaceName { workspace })),
        (text, _) => problems.parse_name("workspace", text).map(Some),
    }
}

fn parse_words<T: FromStr<Err = UnknownAccessWord> + Ord>(
    field: &str,
    words: &[String],
    problems: &mut Violations,
) -> Vec<T> {
    let mut parsed = Vec::new();
    for (index, word) in words.iter().enumerate() {
        match word.parse::<T>() {
            Ok(word) => parsed.push(word),
            Err(error) => problems.add("UNKNOWN_RIGHT", format!("{field}[{index}]"), error.to_string()),
        }
    }
    parsed.sort_unstable();
    parsed.dedup();
    parsed
}

/// Reads the expiry of a new key: `Some(None)` for never, `None` if it is invalid.
#[expect(clippy::option_option, reason = "no expiry differs from an invalid one")]
fn parse_lifetime(
    lifetime: Option<prost_types::Duration>,
    now: Timestamp,
    problems: &mut Violations,
) -> Option<Option<Timestamp>> {
    let Some(lifetime) = lifetime else { return Some(None) };
    let valid = parse_duration(&lifetime).filter(|lifetime| (MINUTE..=MAX_LIFETIME).contains(lifetime));
    let expires = valid.and_then(|lifetime| after(now, lifetime));
    if expires.is_none() {
        problems.add("INVALID_DURATION", "lifetime", "a lifetime is from one minute to ten years");
    }
    expires.map(Some)
}

fn after(now: Timestamp, duration: Duration) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from(duration).ok()?).ok()
}

fn wire_key(key: &Arc<ApiKey>, now: Timestamp) -> v1::ApiKey {
    let active = key.is_active(now);
    let ApiKey { id, principal, workspace, roles, scopes, created, created_by, expires, revoked } = &**key;
    v1::ApiKey {
        id: id.clone(),
        principal: principal.clone(),
        workspace: workspace.as_ref().map(ToString::to_string).unwrap_or_default(),
        roles: roles.iter().map(ToString::to_string).collect(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        create_time: Some(wire_timestamp(*created)),
        created_by: created_by.clone(),
        expire_time: expires.map(wire_timestamp),
        revoke_time: revoked.map(wire_timestamp),
        active,
    }
}
