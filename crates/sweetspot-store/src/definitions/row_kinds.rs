//! The kinds of rows of definitions, and the blobs that they need.

use sweetspot_core::ModelName;

use super::HEAD_PREFIX;
use super::approved_versions::{self, APPROVED_PREFIX};
use super::entry_rows::ENTRY_PREFIX;
use crate::store::{DigestReference, Row, RowKind, StoreError};
use crate::stored::{DefinitionHead, ReadError, VersionedMessage as _};

/// The kinds of rows of definitions.
pub(crate) const ROW_KINDS: [RowKind; 3] = [
    RowKind { prefix: HEAD_PREFIX, name: "definitions", digests: head_digests },
    // A text of an entry may look like a digest. Damaged entries name no blobs either.
    RowKind { prefix: ENTRY_PREFIX, name: "rows of entries of definitions", digests: |_| Ok(Vec::new()) },
    RowKind { prefix: APPROVED_PREFIX, name: "approved definitions", digests: approved_digests },
];

/// A damaged head row names no blobs either, but one of the old form does.
fn head_digests(row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    match DefinitionHead::from_bytes(&row.value) {
        Err(error @ ReadError::UnknownFormat { .. }) => Err(error.into()),
        Ok(_) | Err(ReadError::Decode { .. } | ReadError::Field(_)) => Ok(Vec::new()),
    }
}

fn approved_digests(row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    Ok(vec![DigestReference::Blob(approved_versions::decode(&row.value)?.1)])
}

/// The model of the definition that a row belongs to. `None` if it belongs to none.
pub(crate) fn model_of(row: &Row) -> Option<ModelName> {
    let name = ROW_KINDS.iter().find_map(|kind| row.key.strip_prefix(kind.prefix))?;
    let end = name.match_indices('/').nth(3).map_or(name.len(), |(place, _)| place);
    name.get(..end)?.parse().ok()
}
