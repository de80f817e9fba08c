//! The kinds of rows of definitions, and the blobs that they need.

use super::approved_versions::{self, APPROVED_PREFIX};
use super::{HEAD_PREFIX, StoreError};
use crate::store::{Row, RowDigest, RowKind};
use crate::stored::{DefinitionHead, StoredMessage as _};

/// The kinds of rows of definitions.
pub(crate) const ROW_KINDS: [RowKind; 2] = [
    RowKind { prefix: HEAD_PREFIX, name: "definitions", digests: head_digests },
    RowKind { prefix: APPROVED_PREFIX, name: "approved definitions", digests: approved_digests },
];

fn head_digests(row: &Row) -> Result<Vec<RowDigest>, StoreError> {
    blob(&DefinitionHead::from_bytes(&row.value)?.definition)
}

fn approved_digests(row: &Row) -> Result<Vec<RowDigest>, StoreError> {
    blob(&approved_versions::decode(&row.value)?.1)
}

fn blob(digest: &str) -> Result<Vec<RowDigest>, StoreError> {
    let damaged = |source| StoreError::Backend { action: "read the row of a definition", source: Box::new(source) };
    Ok(vec![RowDigest::Blob(digest.parse().map_err(damaged)?)])
}
