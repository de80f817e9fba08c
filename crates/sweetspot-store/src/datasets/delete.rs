//! Deletion of a whole dataset.

use sweetspot_core::DatasetName;

use super::row::{self, DeletedDatasetRow};
use super::versions::{head_key, version_key};
use super::{DatasetError, Datasets, ListUses};
use crate::store::{RequestKey, RowKind, StoreError, idempotency};

const DELETED_PREFIX: &str = "deleted-dataset/";

/// The kind of rows of deleted datasets.
pub(super) const ROW_KIND: RowKind = RowKind {
    prefix: DELETED_PREFIX,
    name: "deleted datasets",
    digests: |row| {
        serde_json::from_slice::<DeletedDatasetRow>(&row.value).map_err(|source| StoreError::Backend {
            action: "read the row of a deleted dataset",
            source: Box::new(source),
        })?;
        Ok(Vec::new())
    },
};

/// A request to delete a dataset.
#[derive(Clone, Debug)]
pub struct DeleteDatasetRequest {
    /// The dataset.
    pub name: DatasetName,
    /// Whether to delete its versions.
    pub force: bool,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}

impl Datasets {
    /// Deletes a dataset with all its versions, and their customers if they are not in use elsewhere. A later import
    /// continues with the next number. A repeated request has no effect.
    ///
    /// # Errors
    /// If a version is in use, the request does not confirm the deletion of the versions, or the dataset does not
    /// exist.
    pub fn delete_dataset(&self, delete: &DeleteDatasetRequest, uses: ListUses<'_>) -> Result<(), DatasetError> {
        let DeleteDatasetRequest { name, force, request } = delete;
        let scope = format!("{}/delete-dataset", name.workspace);
        let records = {
            let _changing = self.lock();
            if idempotency::find_answer(self.store.as_ref(), &scope, request)?.is_some() {
                return Ok(());
            }
            let before = self.existing_head(name)?;
            let records = self.versions(name, None, usize::MAX)?;
            if !force && !records.is_empty() {
                return Err(DatasetError::NotEmpty { name: name.clone(), count: records.len() as u64 });
            }
            let uses = uses()?;
            for record in &records {
                if let (Some(version), Some(one)) =
                    (record.version_name(), uses.iter().find(|one| one.refers_to(record)))
                {
                    return Err(DatasetError::InUse { version, by: one.user.clone() });
                }
            }
            let now = self.clock.now();
            let tombstone = row::encode(&DeletedDatasetRow { newest: before.head.newest, time: now.to_string() })?;
            let mut commit = idempotency::record_answer(&scope, request, b"", now);
            commit.expectations.push((head_key(name), Some(before.bytes)));
            commit.writes.push((head_key(name), None));
            commit.writes.push((deleted_key(name), Some(tombstone)));
            for record in &records {
                commit.writes.push((version_key(name, record.version.unwrap_or_default()), None));
            }
            self.store.commit(&commit)?;
            tracing::info!(dataset = %name, versions = records.len(), "dataset deleted");
            records
        };
        let data: Vec<_> = records.into_iter().map(|record| record.data).collect();
        self.remove_unused(&data, uses)
    }

    /// The error for a dataset that does not exist.
    pub(super) fn not_found(&self, name: &DatasetName) -> Result<DatasetError, DatasetError> {
        let corrupt = |_| DatasetError::Corrupt { name: name.clone() };
        let deleted = self.deleted(name)?.map(|row| row.time.parse().map_err(corrupt)).transpose()?;
        Ok(DatasetError::NotFound { name: name.clone(), deleted })
    }

    /// Returns what stays of a deleted dataset.
    pub(super) fn deleted(&self, name: &DatasetName) -> Result<Option<DeletedDatasetRow>, DatasetError> {
        let Some(bytes) = self.store.get(&deleted_key(name))? else { return Ok(None) };
        Ok(Some(serde_json::from_slice(&bytes).map_err(|_| DatasetError::Corrupt { name: name.clone() })?))
    }
}

fn deleted_key(name: &DatasetName) -> String {
    format!("{DELETED_PREFIX}{name}")
}
