//! The kinds of rows of definitions, and the blobs that they need.

use super::HEAD_PREFIX;
use super::approved_versions::{self, APPROVED_PREFIX};
use super::entry_rows::ENTRY_PREFIX;
use crate::store::{Row, RowDigest, RowKind, StoreError};
use crate::stored::{DefinitionHead, StoredMessage as _};

/// The kinds of rows of definitions.
pub(crate) const ROW_KINDS: [RowKind; 3] = [
    RowKind { prefix: HEAD_PREFIX, name: "definitions", digests: head_digests },
    // A text of an entry may look like a digest. Damaged entries name no blobs either.
    RowKind { prefix: ENTRY_PREFIX, name: "rows of entries of definitions", digests: |_| Ok(Vec::new()) },
    RowKind { prefix: APPROVED_PREFIX, name: "approved definitions", digests: approved_digests },
];

fn head_digests(row: &Row) -> Result<Vec<RowDigest>, StoreError> {
    DefinitionHead::from_bytes(&row.value)?;
    Ok(Vec::new())
}

fn approved_digests(row: &Row) -> Result<Vec<RowDigest>, StoreError> {
    Ok(vec![RowDigest::Blob(approved_versions::decode(&row.value)?.1)])
}
