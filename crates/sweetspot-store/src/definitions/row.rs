//! The stored form of definition rows: JSON that rejects unknown fields.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sweetspot_core::{Digest, ModelName};

use crate::store::StoreError;

/// The head row of a model's definition.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefinitionHeadRow {
    /// Incremented with each change; 0 before the first.
    pub(super) revision: u64,
    /// The number of approved versions.
    pub(super) approved: u64,
    /// The digest of the definition.
    pub(super) data: String,
}

/// The row of an approved version.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovedVersionRow {
    /// The number of the model version.
    pub(super) version: u64,
    /// The user who approved it.
    pub(super) by: String,
    /// The time of the approval, in RFC 3339.
    pub(super) at: String,
    /// The digest of the definition.
    pub(super) data: String,
}

/// Encodes a row.
pub(super) fn encode(row: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row)
        .map_err(|source| StoreError::Backend { action: "write a definition", source: Box::new(source) })
}

/// Decodes a row.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(unreadable)
}

/// The error for a row that cannot be decoded.
pub(super) fn unreadable(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Backend { action: "read a definition", source: Box::new(source) }
}

/// The etag of a definition at a revision: unique to the model and revision, and different from the etags of models.
pub(super) fn etag(model: &ModelName, revision: u64) -> String {
    let mut digest = Digest::new(format!("definition of {model} {revision}").as_bytes()).to_string();
    digest.truncate(16);
    digest
}
