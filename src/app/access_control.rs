//! Sets up who may call a server.

use std::sync::Arc;

use crate::access::{AccessControl, Authorizer, DenialLog, OwnerKeyFile, TokenError, TokenRules, TokenVerifier};
use crate::api::AppState;
use crate::config::AuthSettings;

use super::AppError;

/// Creates the authorizer of a server.
///
/// # Errors
/// If credentials are required and none can exist, or a file of credentials cannot be used.
pub(super) fn authorizer(state: &AppState, settings: &AuthSettings) -> Result<Authorizer, AppError> {
    let tokens = tokens(state, settings)?;
    if !settings.required {
        return Ok(Authorizer::Open);
    }
    let owner_key = settings.owner_key_file.as_deref().map(OwnerKeyFile::open);
    let owner_key = owner_key.transpose().map_err(|error| AppError::OwnerKey(error.to_string()))?;
    if owner_key.is_none() && tokens.is_none() && !state.api_keys.has_active() {
        return Err(AppError::NoCredentials);
    }
    let (keys, audit) = (state.api_keys.clone(), state.audit.clone());
    let denials = DenialLog::new(state.denials.clone());
    Ok(Authorizer::required(AccessControl { keys, owner_key, tokens, audit, denials }))
}

/// Returns what accepts tokens; `None` if no setting of them is set.
fn tokens(state: &AppState, settings: &AuthSettings) -> Result<Option<TokenVerifier>, TokenError> {
    let AuthSettings { required, owner_key_file, max_audit_records, jwt_issuer, jwt_audience, .. } = settings.clone();
    if *settings == (AuthSettings { required, owner_key_file, max_audit_records, ..AuthSettings::default() }) {
        return Ok(None);
    }
    if !cfg!(feature = "jwt") {
        return Err(TokenError::NoSupport);
    }
    let (Some(issuer), Some(audience)) = (jwt_issuer, jwt_audience) else { return Err(TokenError::Incomplete) };
    if settings.jwt_keys_ca_file.is_some() && settings.jwt_keys_url.is_none() {
        return Err(TokenError::UnusedAuthorities);
    }
    if !required {
        return Err(TokenError::NotRequired);
    }
    let rules = TokenRules {
        issuer,
        audience,
        principal_claim: settings.jwt_principal_claim.clone(),
        roles_claim: settings.jwt_roles_claim.clone(),
        workspace_claim: settings.jwt_workspace_claim.clone(),
    };
    let clock = Arc::clone(&state.clock);
    match (settings.jwt_keys_file.clone(), &settings.jwt_keys_url) {
        (Some(file), None) => TokenVerifier::open(rules, file, clock).map(Some),
        (None, Some(_)) => Ok(Some(TokenVerifier::without_keys(rules, clock))),
        (None, None) => Err(TokenError::Incomplete),
        (Some(_), Some(_)) => Err(TokenError::TwoSources),
    }
}
