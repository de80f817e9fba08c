//! The kinds of rows of the registry, and the blobs that they need.

use super::model_state::ModelState;
use super::row_reader::{MODEL_PREFIX, PROMOTION_PREFIX, PUBLISHED_PREFIX, TIERS_PREFIX, VERSION_PREFIX};
use super::rows::{self, AliasMoveRow, ModelVersionRow, TiersRow};
use super::tombstones::{DELETED_MODEL_PREFIX, DELETED_VERSION_PREFIX, DeletedModelRow, DeletedVersionRow};
use crate::annotations;
use crate::store::{DigestReference, Row, RowKind, StoreError};

/// The kinds of rows of the registry.
pub(crate) const ROW_KINDS: [RowKind; 8] = [
    RowKind { prefix: MODEL_PREFIX, name: "models", digests: |row| readable::<ModelState>(row) },
    RowKind { prefix: VERSION_PREFIX, name: "model versions", digests: version_digests },
    RowKind { prefix: PROMOTION_PREFIX, name: "promotions", digests: |row| readable::<AliasMoveRow>(row) },
    RowKind { prefix: TIERS_PREFIX, name: "tiers of versions", digests: |row| readable::<TiersRow>(row) },
    RowKind {
        prefix: DELETED_VERSION_PREFIX,
        name: "deleted model versions",
        digests: |row| readable::<DeletedVersionRow>(row),
    },
    RowKind { prefix: DELETED_MODEL_PREFIX, name: "deleted models", digests: |row| readable::<DeletedModelRow>(row) },
    annotations::ROW_KIND,
    RowKind { prefix: PUBLISHED_PREFIX, name: "results of runs", digests: |row| readable::<u64>(row) },
];

/// Reads a row that contains no digests.
fn readable<T: serde::de::DeserializeOwned>(row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    rows::decode::<T>(&row.value)?;
    Ok(Vec::new())
}

fn version_digests(row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    let version: ModelVersionRow = rows::decode(&row.value)?;
    // Comparisons and promotion checks read the customers. They may be replaced by others (`Datasets::current_data`).
    let (artifact, customers) = (version.artifact()?, version.data()?);
    Ok(vec![
        DigestReference::Blob(artifact),
        DigestReference::OptionalBlob(customers),
        DigestReference::Other(version.schema()?),
    ])
}
