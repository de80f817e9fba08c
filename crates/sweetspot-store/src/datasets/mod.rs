//! Datasets: sets of customers. Each import creates a numbered version with an immutable blob; one version is current.

mod codec;
mod delete;
mod erased_accounts;
mod erasure;
mod error;
mod list;
mod replaced_customers;
mod row;
mod row_kinds;
mod versions;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;
use sweetspot_core::{Column, ColumnData, Customers, DatasetName, DatasetRef, DatasetVersionName, Digest, OutcomeRef};

pub use self::delete::DeleteDatasetRequest;
pub use self::erased_accounts::{MAX_LISTED_IDS, ReimportedAccounts};
pub(crate) use self::erasure::DatasetUseQueries;
pub use self::erasure::{DatasetErasure, ErasedDatasetVersion, ErasureRequest};
pub use self::error::DatasetError;
pub use self::list::DatasetSummary;
pub(crate) use self::row_kinds::ROW_KINDS;
pub(crate) use self::versions::HEAD_PREFIX;
pub use self::versions::ListUses;
use crate::clock::Clock;
use crate::store::{RequestKey, Store, StoreError, idempotency};
use crate::stored::ReadError;

/// The maximum number of versions that one import removes: their numbers are stored in one row.
const MAX_REMOVED_VERSIONS: usize = 40;

/// A version of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetRecord {
    /// The name of the dataset.
    pub name: DatasetName,
    /// The version number within the dataset. `None` if the customers were not imported.
    pub version: Option<u64>,
    /// The number of accounts.
    pub accounts: u64,
    /// The number of accounts with an outcome.
    pub outcomes: u64,
    /// The digest of the stored bytes.
    pub data: Digest,
    /// The size of the dataset. `None` if an earlier release imported it.
    pub size: Option<DatasetSize>,
    /// The time of the import. `None` if an earlier release imported it.
    pub created: Option<Timestamp>,
}

impl DatasetRecord {
    /// Returns the name of the version. `None` if the customers were not imported.
    #[must_use]
    pub fn version_name(&self) -> Option<DatasetVersionName> {
        self.version.map(|number| DatasetVersionName { dataset: self.name.clone(), number })
    }
}

/// Options of an import.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions {
    /// Whether to leave the current version unchanged. A dataset without a current version uses the new one in any
    /// case.
    pub is_staged: bool,
    /// The maximum number of versions to keep. Versions in use are kept even beyond it.
    pub max_versions: usize,
    /// The maximum age of versions in days, relative to the newest one. Versions in use are kept at any age.
    pub max_days: Option<u32>,
    /// Whether to refuse an import that contains erased accounts, instead of reporting them.
    pub refuse_erased: bool,
}

/// The result of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportResult {
    /// The new version.
    pub record: DatasetRecord,
    /// Whether the new version is the current one.
    pub is_current: bool,
    /// The numbers of the versions that were removed, oldest first.
    pub removed: Vec<u64>,
    /// The imported accounts that were erased before.
    pub erased: ReimportedAccounts,
}

/// A use of stored customers, which prevents their deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetReference {
    /// The resource name of the user.
    pub user: String,
    /// The dataset version. `None` if an earlier release did not record it.
    pub version: Option<DatasetVersionName>,
    /// The digest of the customers.
    pub data: Digest,
}

impl DatasetReference {
    /// Whether this use refers to `record`: to its version, or, if the version was not recorded, to the same customers.
    #[must_use]
    pub fn refers_to(&self, record: &DatasetRecord) -> bool {
        match &self.version {
            Some(version) => record.version_name().as_ref() == Some(version),
            None => record.data == self.data,
        }
    }
}

/// The size of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatasetSize {
    /// The number of attributes.
    pub attributes: u64,
    /// The total number of items in the lists of all accounts.
    pub items: u64,
    /// The number of stored bytes.
    pub bytes: u64,
}

impl DatasetSize {
    fn new(columns: &[Column], bytes: usize) -> Self {
        let items = |column: &Column| match &column.data {
            ColumnData::Lists { rows, .. } => rows.codes().len() as u64,
            ColumnData::Numbers(_) | ColumnData::Categories { .. } | ColumnData::Flags(_) | ColumnData::Dates(_) => 0,
        };
        let items = columns.iter().map(items).sum();
        Self { attributes: columns.len() as u64, items, bytes: bytes as u64 }
    }
}

/// The datasets of a store.
#[derive(Clone, Debug)]
pub struct Datasets {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Held while rows change.
    write_lock: Arc<Mutex<()>>,
    /// Locked for reading from before an import stores its blob until a row refers to it; for writing while blobs are
    /// removed.
    blob_lock: Arc<RwLock<()>>,
}

impl Datasets {
    /// Opens the datasets of a store. The clock provides the timestamps of imports and requests.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, write_lock: Arc::default(), blob_lock: Arc::default() }
    }

    /// Stores customers as the next version of a dataset and makes it current, without removing older versions.
    ///
    /// # Errors
    /// If the request id was used for a different request, or the store fails.
    pub fn replace(
        &self,
        name: &DatasetName,
        customers: &Customers,
        request: &RequestKey,
    ) -> Result<DatasetRecord, DatasetError> {
        let options =
            ImportOptions { is_staged: false, max_versions: usize::MAX, max_days: None, refuse_erased: false };
        Ok(self.import(name, customers, request, options, &|| Ok(Vec::new()))?.record)
    }

    /// Returns what an import would create, or the error with which it would fail. Writes nothing.
    ///
    /// # Errors
    /// If the request id was used for a different request, an erased account is refused, or the store fails.
    pub fn validate_import(
        &self,
        name: &DatasetName,
        customers: &Customers,
        request: &RequestKey,
        refuse_erased: bool,
    ) -> Result<ImportResult, DatasetError> {
        if let Some(imported) = self.find_answer(name, request)? {
            return Ok(imported);
        }
        let erased = self.check_erased(name, customers, refuse_erased)?;
        let bytes = codec::encode(customers);
        let record = self.new_record(name, customers, Digest::new(&bytes), bytes.len());
        Ok(ImportResult { record, is_current: false, removed: Vec::new(), erased })
    }

    /// Returns the accounts of an import that were erased before. Fails if there are any and they are refused.
    fn check_erased(
        &self,
        name: &DatasetName,
        customers: &Customers,
        refuse: bool,
    ) -> Result<ReimportedAccounts, DatasetError> {
        let erased = self.find_erased(&name.workspace, customers.accounts().ids())?;
        match erased.ids.first() {
            Some(first) if refuse => Err(DatasetError::Erased { first: first.clone(), count: erased.count }),
            Some(_) | None => Ok(erased),
        }
    }

    /// Stores the blob of customers. No row refers to it yet.
    fn put_customers(&self, name: &DatasetName, customers: &Customers) -> Result<DatasetRecord, DatasetError> {
        let bytes = codec::encode(customers);
        let data = self.store.put_blob(&bytes)?;
        Ok(self.new_record(name, customers, data, bytes.len()))
    }

    fn new_record(&self, name: &DatasetName, customers: &Customers, data: Digest, bytes: usize) -> DatasetRecord {
        let size = Some(DatasetSize::new(customers.accounts().columns(), bytes));
        let outcomes = customers.outcomes().iter().filter(OutcomeRef::is_known).count() as u64;
        let accounts = customers.accounts().rows() as u64;
        let (name, created) = (name.clone(), Some(self.clock.now()));
        DatasetRecord { name, version: None, accounts, outcomes, data, size, created }
    }

    /// Returns the record of the current version of a dataset, without reading its customers.
    ///
    /// # Errors
    /// If the dataset does not exist, or has no current version.
    pub fn record(&self, name: &DatasetName) -> Result<DatasetRecord, DatasetError> {
        match self.current(name)? {
            Some(number) => self.version(&DatasetVersionName { dataset: name.clone(), number }),
            None if self.versions(name, None, 1)?.is_empty() => Err(self.not_found(name)?),
            None => Err(DatasetError::Empty { name: name.clone() }),
        }
    }

    /// Returns the record of a dataset's current version, or of a given version.
    ///
    /// # Errors
    /// If the dataset or the version does not exist.
    pub fn resolve(&self, dataset: &DatasetRef) -> Result<DatasetRecord, DatasetError> {
        match dataset {
            DatasetRef::Current(name) => self.record(name),
            DatasetRef::Version(version) => self.version(version),
        }
    }

    /// Locks the versions. Held while versions change, and while a caller starts to use one.
    pub fn lock(&self) -> MutexGuard<'_, ()> {
        // No data is stored in the mutex, so a panic in another thread cannot leave an inconsistent state.
        self.write_lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a record without accounts for a dataset that does not exist, and stores its empty blob.
    ///
    /// # Errors
    /// If the store fails.
    pub fn empty_record(&self, name: &DatasetName) -> Result<DatasetRecord, DatasetError> {
        let data = self.store.put_blob(&codec::encode(&Customers::default()))?;
        let (name, size, created) = (name.clone(), None, None);
        Ok(DatasetRecord { name, version: None, accounts: 0, outcomes: 0, data, size, created })
    }

    /// Reads the customers of a record.
    ///
    /// # Errors
    /// If the blob is missing or damaged.
    pub fn load(&self, record: &DatasetRecord) -> Result<Customers, DatasetError> {
        let bytes = self.store.blob(&self.current_data(&record.data)?)?;
        let corrupt = || DatasetError::Corrupt { name: record.name.clone() };
        codec::decode(&bytes).ok_or_else(|| unreadable(&bytes, corrupt))
    }

    /// Reads customers by their digest, independent of any dataset. Accounts that were erased since are left out.
    ///
    /// # Errors
    /// If the blob is missing or damaged.
    pub fn customers(&self, data: &Digest) -> Result<Customers, DatasetError> {
        self.read_blob(&self.current_data(data)?)
    }

    /// Reads the customers in a blob.
    fn read_blob(&self, data: &Digest) -> Result<Customers, DatasetError> {
        let bytes = self.store.blob(data)?;
        codec::decode(&bytes).ok_or_else(|| unreadable(&bytes, || DatasetError::Unreadable { data: *data }))
    }

    fn find_answer(&self, name: &DatasetName, request: &RequestKey) -> Result<Option<ImportResult>, DatasetError> {
        let answer = idempotency::find_answer(self.store.as_ref(), &scope(name), request)?;
        answer.map(|answer| row::decode_answer(name, &answer)).transpose()
    }
}

fn scope(name: &DatasetName) -> String {
    format!("{}/import", name.workspace)
}

/// Fails if stored customers cannot be read.
pub(crate) fn check_customers(bytes: &[u8]) -> Result<(), ReadError> {
    let damaged = || codec::unknown_format(bytes).unwrap_or(ReadError::Decode { name: "customers" });
    codec::decode(bytes).map(|_customers| ()).ok_or_else(damaged)
}

/// The error of customers that cannot be read; `damaged` if they have a known format.
fn unreadable(bytes: &[u8], damaged: impl FnOnce() -> DatasetError) -> DatasetError {
    codec::unknown_format(bytes).map_or_else(damaged, |error| StoreError::from(error).into())
}
