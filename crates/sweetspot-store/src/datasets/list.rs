//! Reads datasets, each with a summary of its versions.

use jiff::Timestamp;
use sweetspot_core::{DatasetName, WorkspaceName};

use super::versions::HEAD_PREFIX;
use super::{DatasetError, DatasetRecord, Datasets};
use crate::store::StoreError;

/// A dataset with its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetSummary {
    /// The name of the dataset.
    pub name: DatasetName,
    /// The current version. `None` after its deletion.
    pub current: Option<DatasetRecord>,
    /// The number of versions.
    pub version_count: u64,
    /// The size of the customers of all versions, in bytes. Does not include versions of early releases.
    pub bytes: u64,
    /// The time of the newest import that is still stored. `None` if an early release imported it.
    pub updated: Option<Timestamp>,
}

impl Datasets {
    /// Returns a dataset.
    ///
    /// # Errors
    /// If the dataset does not exist.
    pub fn dataset(&self, name: &DatasetName) -> Result<DatasetSummary, DatasetError> {
        let head = self.existing_head(name)?.head;
        let versions = self.versions(name, None, usize::MAX)?;
        let sizes = versions.iter().filter_map(|record| record.size);
        Ok(DatasetSummary {
            name: name.clone(),
            version_count: versions.len() as u64,
            bytes: sizes.map(|size| size.bytes).sum(),
            updated: versions.first().and_then(|record| record.created),
            current: versions.into_iter().find(|record| record.version == head.current),
        })
    }

    /// Returns up to `limit` datasets of a workspace that come after `after`, in the order of their names.
    ///
    /// # Errors
    /// If the store fails.
    pub fn datasets(
        &self,
        workspace: &WorkspaceName,
        after: Option<&DatasetName>,
        limit: usize,
    ) -> Result<Vec<DatasetSummary>, DatasetError> {
        let prefix = format!("{HEAD_PREFIX}{workspace}/");
        let after = after.map(|name| format!("{HEAD_PREFIX}{name}"));
        let rows = self.store.scan(&prefix, after.as_deref(), limit)?;
        rows.iter().map(|row| self.dataset(&read_name(&row.key)?)).collect()
    }
}

fn read_name(key: &str) -> Result<DatasetName, StoreError> {
    let name = key.strip_prefix(HEAD_PREFIX).unwrap_or_default().parse();
    name.map_err(|source| StoreError::Backend { action: "read the name of a dataset", source: Box::new(source) })
}
