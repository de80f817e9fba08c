//! Erases accounts from the versions of datasets: the blob of each version is replaced with one without them.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use sweetspot_core::{Customers, DatasetName, DatasetVersionName, Digest, Id, NameError, OutcomeRef};

use super::versions::{HEAD_PREFIX, ListUses, replace_head, version_key};
use super::{DatasetError, DatasetRecord, DatasetSize, Datasets, codec, row};
use crate::store::{Commit, StoreError};

/// The number of rows that are read at a time.
const PAGE_ROWS: usize = 256;

/// A request to erase accounts.
#[derive(Clone, Debug)]
pub struct ErasureRequest {
    /// The workspace.
    pub workspace: Id,
    /// The datasets. If empty, all datasets of the workspace.
    pub datasets: BTreeSet<DatasetName>,
    /// The ids of the accounts.
    pub ids: BTreeSet<String>,
    /// Whether to report only what would be erased.
    pub validate_only: bool,
}

/// A dataset version from which accounts were erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedDatasetVersion {
    /// The name of the version.
    pub name: DatasetVersionName,
    /// The number of erased accounts.
    pub erased: u64,
    /// The number of accounts that are left.
    pub accounts: u64,
}

/// What was erased from datasets, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasetErasure {
    /// The versions that contained accounts.
    pub versions: Vec<ErasedDatasetVersion>,
    /// The ids that were found.
    pub found: BTreeSet<String>,
    /// The versions that cannot be read, and may contain the accounts.
    pub unreadable: Vec<DatasetVersionName>,
    /// The digests of the customers that contained accounts.
    pub(crate) data: BTreeSet<Digest>,
}

/// Functions that list the uses of dataset versions: an erasure fails if an unfinished run uses one.
#[derive(Clone, Copy)]
pub(crate) struct DatasetUseQueries<'a> {
    /// The training runs that have not ended.
    pub(crate) unfinished_runs: ListUses<'a>,
    /// All uses.
    pub(crate) all: ListUses<'a>,
}

impl Datasets {
    /// Erases accounts, one set of customers after the other. After an error, or if the process ends, each version is
    /// as before or without the accounts; repeat it to erase the rest.
    ///
    /// # Errors
    /// [`DatasetError::InTraining`] if a training run that has not ended uses one of the versions; if a named dataset does
    /// not exist; or if the store fails.
    pub(crate) fn erase(
        &self,
        scope: &ErasureRequest,
        uses: DatasetUseQueries<'_>,
    ) -> Result<DatasetErasure, DatasetError> {
        for dataset in &scope.datasets {
            self.existing_head(dataset)?;
        }
        if !scope.validate_only {
            check_no_runs(&self.records_in(scope)?, uses)?;
            // Imports that end from now on report the accounts, and those that ended before are found below.
            let _changing = self.lock();
            self.remember_erased(&scope.workspace, &scope.ids)?;
        }
        let (mut erasure, mut inspected) = (DatasetErasure::default(), BTreeSet::new());
        loop {
            let mut records = self.records_in(scope)?;
            records.retain(|record| !inspected.contains(&record.data));
            let Some(data) = records.first().map(|record| record.data) else { break };
            records.retain(|record| record.data == data);
            inspected.insert(data);
            inspected.extend(self.erase_from(data, &records, scope, uses, &mut erasure)?);
        }
        if !scope.validate_only {
            self.finish_erasures()?;
        }
        Ok(erasure)
    }

    /// Erases accounts from one set of customers, which `records` have. Returns the digest of what is left if it
    /// contained any.
    fn erase_from(
        &self,
        data: Digest,
        records: &[DatasetRecord],
        scope: &ErasureRequest,
        uses: DatasetUseQueries<'_>,
        erasure: &mut DatasetErasure,
    ) -> Result<Option<Digest>, DatasetError> {
        let names = records.iter().filter_map(DatasetRecord::version_name);
        let customers = match self.read_blob(&data) {
            Ok(customers) => customers,
            Err(
                DatasetError::Unreadable { .. }
                | DatasetError::Store(StoreError::BlobMissing { .. } | StoreError::BlobCorrupt { .. }),
            ) => {
                erasure.unreadable.extend(names);
                return Ok(None);
            }
            Err(other) => return Err(other),
        };
        let ids = customers.accounts().ids();
        let rows: Vec<usize> =
            ids.iter().enumerate().filter(|(_, id)| !scope.ids.contains(*id)).map(|(row, _)| row).collect();
        let erased = ids.len() - rows.len();
        if erased == 0 {
            return Ok(None);
        }
        erasure.found.extend(ids.iter().filter(|id| scope.ids.contains(*id)).map(str::to_owned));
        erasure.data.insert(data);
        let erased_version = |name| ErasedDatasetVersion { name, erased: erased as u64, accounts: rows.len() as u64 };
        erasure.versions.extend(names.map(erased_version));
        if scope.validate_only {
            return Ok(None);
        }
        let left = customers.select_rows(&rows).map_err(|_| DatasetError::Unreadable { data })?;
        drop(customers);
        let new = self.replace_data(scope, data, &left, uses)?;
        self.remove_unused(&[data], uses.all)?;
        Ok(Some(new))
    }

    /// Replaces the customers of all versions in the scope that have this digest. Returns the new digest.
    fn replace_data(
        &self,
        scope: &ErasureRequest,
        old: Digest,
        left: &Customers,
        uses: DatasetUseQueries<'_>,
    ) -> Result<Digest, DatasetError> {
        let bytes = codec::encode(left);
        let _importing = self.blob_lock.read().unwrap_or_else(PoisonError::into_inner);
        let data = self.store.put_blob(&bytes)?;
        let _changing = self.lock();
        let versions: Vec<_> = self.records_in(scope)?.into_iter().filter(|record| record.data == old).collect();
        check_no_runs(&versions, uses)?;
        let size = Some(DatasetSize::new(left.accounts().columns(), bytes.len()));
        let outcomes = left.outcomes().iter().filter(OutcomeRef::is_known).count() as u64;
        let accounts = left.accounts().rows() as u64;
        let mut commit = Commit::default();
        for record in versions {
            let record = DatasetRecord { accounts, outcomes, data, size, ..record };
            commit = commit.merge(self.replace_version(&record)?);
        }
        let is_shared = self.all_records()?.iter().any(|record| record.data == old && !is_in(record, scope));
        if !is_shared {
            commit = commit.merge(self.replacement(&old, &data)?);
        }
        self.store.commit(&commit)?;
        Ok(data)
    }

    /// Replaces the row of a version.
    fn replace_version(&self, record: &DatasetRecord) -> Result<Commit, DatasetError> {
        let key = version_key(&record.name, record.version.unwrap_or_default());
        let value = row::encode_version(record)?;
        if let Some(before) = self.store.get(&key)? {
            return Ok(Commit::default().replace(key, Some(before), value));
        }
        // A release without dataset versions stored it in the head.
        let before = self.head(&record.name)?;
        let Some(head) = before.as_ref().map(|row| row.head) else { return Ok(Commit::default()) };
        let mut commit = replace_head(&record.name, before.as_ref(), head)?;
        commit.writes.push((key, Some(value)));
        Ok(commit)
    }

    /// Returns the records of all versions in the scope.
    fn records_in(&self, scope: &ErasureRequest) -> Result<Vec<DatasetRecord>, DatasetError> {
        let mut records = self.all_records()?;
        records.retain(|record| is_in(record, scope));
        Ok(records)
    }

    /// Returns the records of all versions of all datasets.
    pub(super) fn all_records(&self) -> Result<Vec<DatasetRecord>, DatasetError> {
        let (mut records, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self.store.scan(HEAD_PREFIX, after.as_deref(), PAGE_ROWS)?;
            let Some(last) = page.last() else { return Ok(records) };
            after = Some(last.key.clone());
            for row in &page {
                let name = row.key.strip_prefix(HEAD_PREFIX).unwrap_or_default();
                let name = name.parse().map_err(|source: NameError| StoreError::Backend {
                    action: "read the name of a dataset",
                    source: Box::new(source),
                })?;
                records.extend(self.versions(&name, None, usize::MAX)?);
            }
        }
    }
}

fn is_in(record: &DatasetRecord, scope: &ErasureRequest) -> bool {
    record.name.workspace == scope.workspace && (scope.datasets.is_empty() || scope.datasets.contains(&record.name))
}

/// Fails if a training run that has not ended uses one of the versions: it would store values of the accounts.
fn check_no_runs(versions: &[DatasetRecord], uses: DatasetUseQueries<'_>) -> Result<(), DatasetError> {
    let runs = (uses.unfinished_runs)()?;
    let conflict = versions
        .iter()
        .find_map(|record| Some((record.version_name()?, runs.iter().find(|run| run.refers_to(record))?)));
    match conflict {
        Some((version, run)) => Err(DatasetError::InTraining { version, run: run.user.clone() }),
        None => Ok(()),
    }
}
