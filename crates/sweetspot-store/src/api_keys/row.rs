//! The stored form of a key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ApiKey, StoredKey};
use crate::store::{DigestReference, RowKind, StoreError, find_digests, json_format};

pub(super) const PREFIX: &str = "api-key/";

/// The kind of rows with keys.
pub(crate) const ROW_KIND: RowKind = RowKind {
    prefix: PREFIX,
    name: "API keys",
    digests: |row| {
        StoredKey::decode(&row.value)?;
        Ok(find_digests(&row.value).into_iter().map(DigestReference::Other).collect())
    },
};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct KeyRow {
    id: String,
    /// The SHA-256 of the full text of the key, in hexadecimal digits.
    sha256: String,
    principal: String,
    /// Absent for all workspaces.
    workspace: Option<String>,
    roles: Vec<String>,
    scopes: Vec<String>,
    created: String,
    created_by: String,
    expires: Option<String>,
    revoked: Option<String>,
}

pub(super) fn key_of(id: &str) -> String {
    format!("{PREFIX}{id}")
}

impl StoredKey {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { key, secret_hash } = self;
        let ApiKey { id, principal, workspace, roles, scopes, created, created_by, expires, revoked } = &**key;
        let row = KeyRow {
            id: id.clone(),
            sha256: secret_hash.to_string(),
            principal: principal.clone(),
            workspace: workspace.as_ref().map(ToString::to_string),
            roles: roles.iter().map(ToString::to_string).collect(),
            scopes: scopes.iter().map(ToString::to_string).collect(),
            created: created.to_string(),
            created_by: created_by.clone(),
            expires: expires.as_ref().map(ToString::to_string),
            revoked: revoked.as_ref().map(ToString::to_string),
        };
        // A struct of texts always has a JSON form.
        serde_json::to_vec(&row).unwrap_or_default()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        Self::parse(bytes).map_err(|source| {
            let source = json_format::unknown("API key", bytes).map_or(source, Into::into);
            StoreError::Backend { action: "read an API key", source }
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let row: KeyRow = serde_json::from_slice(bytes)?;
        let time = |text: &String| text.parse::<Timestamp>();
        let key = ApiKey {
            id: row.id,
            principal: row.principal,
            workspace: row.workspace.map(|name| name.parse()).transpose()?,
            roles: row.roles.iter().map(|role| role.parse()).collect::<Result<_, _>>()?,
            scopes: row.scopes.iter().map(|scope| scope.parse()).collect::<Result<_, _>>()?,
            created: time(&row.created)?,
            created_by: row.created_by,
            expires: row.expires.as_ref().map(time).transpose()?,
            revoked: row.revoked.as_ref().map(time).transpose()?,
        };
        Ok(Self { key: std::sync::Arc::new(key), secret_hash: row.sha256.parse()? })
    }
}
