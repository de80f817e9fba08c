//! The kinds of rows of datasets, and the blobs that they need.

use sweetspot_core::DatasetName;

use super::versions::{HEAD_PREFIX, VERSION_PREFIX, version_number};
use super::{delete, erased_accounts, replaced_customers, row};
use crate::store::{DigestReference, Row, RowKind, StoreError};

/// The kinds of rows of datasets.
pub(crate) const ROW_KINDS: [RowKind; 6] = [
    RowKind { prefix: HEAD_PREFIX, name: "datasets", digests: head_digests },
    RowKind { prefix: VERSION_PREFIX, name: "dataset versions", digests: version_digests },
    delete::ROW_KIND,
    replaced_customers::ROW_KIND,
    erased_accounts::TOMBSTONE_KIND,
    erased_accounts::SALT_KIND,
];

fn head_digests(row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    let name: DatasetName = row.key.strip_prefix(HEAD_PREFIX).unwrap_or_default().parse().map_err(damaged)?;
    let (_, only) = row::decode_head(&name, &row.value).map_err(damaged)?;
    Ok(only.map(|record| DigestReference::Blob(record.data)).into_iter().collect())
}

fn version_digests(row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    let version = row.key.strip_prefix(VERSION_PREFIX).unwrap_or_default();
    let dataset = version.rsplit_once('/').map_or(version, |(dataset, _)| dataset).parse().map_err(damaged)?;
    let record = row::decode(&dataset, version_number(&row.key).unwrap_or_default(), &row.value).map_err(damaged)?;
    Ok(vec![DigestReference::Blob(record.data)])
}

fn damaged(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Backend { action: "read the row of a dataset", source: Box::new(source) }
}
