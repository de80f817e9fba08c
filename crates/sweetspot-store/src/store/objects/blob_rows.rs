//! The rows that say which object contains a blob.
//!
//! Each object has a name of its own, which is never used again. A blob is the object that its row names. The name of an
//! object that no row of a blob names, because it is not complete yet or no longer needed, is in a row of its own until
//! the object is removed.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sweetspot_core::Digest;
use uuid::Uuid;

use crate::store::{Commit, StoreError, json_format};
use crate::stored::ReadError;

/// The start of the keys of blobs.
pub(super) const BLOB_PREFIX: &str = "objects/blob/";
/// The start of the keys of blobs that are removed at the end of a hold.
pub(super) const REMOVAL_PREFIX: &str = "objects/removal/";
/// The start of the keys of objects that no blob names.
pub(super) const UNUSED_PREFIX: &str = "objects/unused/";

/// A blob.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct BlobRow {
    /// The name of the object.
    pub(super) object: String,
    /// Its size in bytes.
    pub(super) bytes: u64,
    /// When it was last stored, in microseconds since 1970.
    pub(super) stored: i64,
}

/// An object that no blob names.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct UnusedRow {
    /// Since when, in microseconds since 1970.
    pub(super) since: i64,
    /// Whether it is being removed: no blob will name it.
    pub(super) is_removed: bool,
}

impl BlobRow {
    /// When it was last stored.
    pub(super) fn stored(&self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.stored).ok()
    }
}

/// The name of a new object.
pub(super) fn new_object(digest: &Digest) -> String {
    let (name, id) = (digest.to_string(), Uuid::new_v4().simple());
    format!("{}/{name}-{id}", name.get(..2).unwrap_or_default())
}

/// The key of a blob.
pub(super) fn blob_key(digest: &Digest) -> String {
    format!("{BLOB_PREFIX}{digest}")
}

/// The start of the keys of the blobs whose digest begins with this byte.
pub(super) fn blob_prefix(first_byte: u8) -> String {
    format!("{BLOB_PREFIX}{first_byte:02x}")
}

/// The key of a blob that is removed at the end of a hold.
pub(super) fn removal_key(digest: &Digest) -> String {
    format!("{REMOVAL_PREFIX}{digest}")
}

/// The key of an object that no blob names.
pub(super) fn unused_key(object: &str) -> String {
    format!("{UNUSED_PREFIX}{object}")
}

/// The digest in the key of a blob or of a removal.
pub(super) fn digest_of_key(key: &str) -> Option<Digest> {
    key.rsplit('/').next()?.parse().ok()
}

/// Reads a row.
pub(super) fn decode<T: DeserializeOwned>(name: &'static str, bytes: &[u8]) -> Result<T, StoreError> {
    let read = serde_json::from_slice(bytes);
    read.map_err(|_| {
        let unknown = json_format::unknown(name, bytes);
        unknown.unwrap_or(ReadError::Decode { name }).into()
    })
}

/// Writes a row.
pub(super) fn encode<T: Serialize>(row: &T) -> Result<Vec<u8>, StoreError> {
    let written = serde_json::to_vec(row);
    written.map_err(|source| StoreError::Backend { action: "write a record of an object", source: source.into() })
}

/// A commit that removes this row, which must have this value.
pub(super) fn remove(key: String, before: Vec<u8>) -> Commit {
    Commit { lease: None, expectations: vec![(key.clone(), Some(before))], writes: vec![(key, None)] }
}
