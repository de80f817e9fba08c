//! Sets up who may call a server.

use crate::access::{AccessControl, Authorizer, OwnerKeyFile};
use crate::api::AppState;
use crate::config::AuthSettings;

use super::AppError;

/// Creates the authorizer of a server.
///
/// # Errors
/// If credentials are required and none can exist, or the file of the owner's key cannot be used.
pub(super) fn authorizer(state: &AppState, settings: &AuthSettings) -> Result<Authorizer, AppError> {
    if !settings.required {
        return Ok(Authorizer::Open);
    }
    let owner_key = settings.owner_key_file.as_deref().map(OwnerKeyFile::open);
    let owner_key = owner_key.transpose().map_err(|error| AppError::OwnerKey(error.to_string()))?;
    if owner_key.is_none() && !state.api_keys.has_active() {
        return Err(AppError::NoCredentials);
    }
    Ok(Authorizer::required(AccessControl {
        keys: state.api_keys.clone(),
        owner_key,
        audit: state.audit.clone(),
        denials: state.denials.clone(),
    }))
}
