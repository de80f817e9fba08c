//! The rows of definitions as they are kept: JSON, closed to unknown fields.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sweetspot_core::{Digest, ModelName};

use crate::store::StoreError;

/// What points at a model's definition.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadRow {
    /// Grows with every change; 0 before the first.
    pub(super) revision: u64,
    /// How many states were approved.
    pub(super) approved: u64,
    /// Digest of the definition.
    pub(super) data: String,
}

/// An approved state.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovedRow {
    /// Number of the model's version.
    pub(super) version: u64,
    /// Who approved it.
    pub(super) by: String,
    /// When, in RFC 3339.
    pub(super) at: String,
    /// Digest of the definition.
    pub(super) data: String,
}

/// The bytes of a row.
pub(super) fn encode(row: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row)
        .map_err(|source| StoreError::Backend { action: "write a definition", source: Box::new(source) })
}

/// The row of these bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(unreadable)
}

/// A row that cannot be read back.
pub(super) fn unreadable(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Backend { action: "read a definition", source: Box::new(source) }
}

/// The etag of a definition at a revision: another one for every model and revision, and none of a model's own.
pub(super) fn etag(model: &ModelName, revision: u64) -> String {
    let mut digest = Digest::of(format!("definition of {model} {revision}").as_bytes()).to_string();
    digest.truncate(16);
    digest
}
