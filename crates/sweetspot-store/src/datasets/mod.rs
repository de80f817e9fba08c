//! Datasets: sets of customers. Every import is a version, an immutable blob under a number; one of them is current.

mod codec;
mod error;
mod row;
mod versions;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;
use sweetspot_core::{Column, ColumnData, Customers, DatasetName, DatasetRef, DatasetVersionName, Digest, OutcomeRef};

pub use self::error::DatasetError;
pub use self::versions::Uses;
use crate::clock::Clock;
use crate::store::{RequestKey, Store, requests};

/// Versions that one import removes at most: their numbers are remembered in a row.
const MAX_REMOVED: usize = 40;

/// A version of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetRecord {
    /// The dataset.
    pub name: DatasetName,
    /// Its number among the versions of the dataset; none for customers that no import brought.
    pub version: Option<u64>,
    /// How many accounts.
    pub accounts: u64,
    /// How many of them have any outcome.
    pub outcomes: u64,
    /// Digest of the kept bytes.
    pub data: Digest,
    /// How large it is; unknown where an earlier release imported it.
    pub size: Option<DatasetSize>,
    /// When it was imported; unknown where an earlier release imported it.
    pub created: Option<Timestamp>,
}

impl DatasetRecord {
    /// The name of the version; none for customers that no import brought.
    #[must_use]
    pub fn version_name(&self) -> Option<DatasetVersionName> {
        self.version.map(|number| DatasetVersionName { dataset: self.name.clone(), number })
    }
}

/// How an import is kept.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions {
    /// Only as a version: the dataset goes on holding what it holds, unless it holds nothing.
    pub stage: bool,
    /// Versions that the dataset keeps, those aside that something stands on.
    pub keep: usize,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The new version.
    pub record: DatasetRecord,
    /// Whether the dataset holds it.
    pub current: bool,
    /// Numbers of the versions that made room for it, oldest first.
    pub removed: Vec<u64>,
}

/// Something that stands on kept customers: they cannot be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it is, as a resource name.
    pub by: String,
    /// The dataset version; unknown where an earlier release did not record it.
    pub version: Option<DatasetVersionName>,
    /// Digest of the customers.
    pub data: Digest,
}

impl Use {
    /// Whether it stands on this version. Where its version is unknown, on every one with the same customers.
    #[must_use]
    pub fn stands_on(&self, record: &DatasetRecord) -> bool {
        match &self.version {
            Some(version) => record.version_name().as_ref() == Some(version),
            None => record.data == self.data,
        }
    }
}

/// How large a dataset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatasetSize {
    /// How many attributes.
    pub attributes: u64,
    /// How many items the lists of all accounts hold together.
    pub items: u64,
    /// How many bytes are kept.
    pub bytes: u64,
}

impl DatasetSize {
    fn of(columns: &[Column], bytes: usize) -> Self {
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
    changing: Arc<Mutex<()>>,
    /// Read from before the bytes of an import are kept until a row tells of them, written while bytes are removed.
    blobs: Arc<RwLock<()>>,
}

impl Datasets {
    /// The datasets of this store. The clock dates what is remembered of requests.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, changing: Arc::default(), blobs: Arc::default() }
    }

    /// Keeps customers as the next version of a dataset and makes it the current one, however many there are.
    ///
    /// # Errors
    /// A request id used for something else; a failing store.
    pub fn replace(
        &self,
        name: &DatasetName,
        customers: &Customers,
        request: &RequestKey,
    ) -> Result<DatasetRecord, DatasetError> {
        let options = ImportOptions { stage: false, keep: usize::MAX };
        Ok(self.import(name, customers, request, options, &|| Ok(Vec::new()))?.record)
    }

    /// What an import would keep, or why it would be refused. Nothing is written.
    ///
    /// # Errors
    /// A request id used for something else; a failing store.
    pub fn check(
        &self,
        name: &DatasetName,
        customers: &Customers,
        request: &RequestKey,
    ) -> Result<DatasetRecord, DatasetError> {
        if let Some(imported) = self.answered(name, request)? {
            return Ok(imported.record);
        }
        let bytes = codec::encode(customers);
        Ok(self.record_of(name, customers, Digest::of(&bytes), bytes.len()))
    }

    /// Keeps the bytes of customers, of which no row tells yet.
    fn put(&self, name: &DatasetName, customers: &Customers) -> Result<DatasetRecord, DatasetError> {
        let bytes = codec::encode(customers);
        let data = self.store.put_blob(&bytes)?;
        Ok(self.record_of(name, customers, data, bytes.len()))
    }

    fn record_of(&self, name: &DatasetName, customers: &Customers, data: Digest, bytes: usize) -> DatasetRecord {
        let size = Some(DatasetSize::of(customers.accounts().columns(), bytes));
        let outcomes = customers.outcomes().iter().filter(OutcomeRef::is_known).count() as u64;
        let accounts = customers.accounts().rows() as u64;
        let (name, created) = (name.clone(), Some(self.clock.now()));
        DatasetRecord { name, version: None, accounts, outcomes, data, size, created }
    }

    /// What a dataset holds, without reading it.
    ///
    /// # Errors
    /// Where there is no such dataset, or it holds no version.
    pub fn record(&self, name: &DatasetName) -> Result<DatasetRecord, DatasetError> {
        match self.current(name)? {
            Some(number) => self.version(&DatasetVersionName { dataset: name.clone(), number }),
            None if self.versions(name, None, 1)?.is_empty() => Err(DatasetError::NotFound { name: name.clone() }),
            None => Err(DatasetError::Empty { name: name.clone() }),
        }
    }

    /// What a dataset, or a version of it, holds.
    ///
    /// # Errors
    /// Where there is no such dataset or version.
    pub fn resolve(&self, dataset: &DatasetRef) -> Result<DatasetRecord, DatasetError> {
        match dataset {
            DatasetRef::Current(name) => self.record(name),
            DatasetRef::Version(version) => self.version(version),
        }
    }

    /// Held while versions change, and while a caller begins to stand on one.
    pub fn lock(&self) -> MutexGuard<'_, ()> {
        // Nothing is kept under the lock, so a panic elsewhere has left nothing half changed.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is told of a dataset that is not there: no accounts, under its name.
    ///
    /// # Errors
    /// A failing store.
    pub fn nothing(&self, name: &DatasetName) -> Result<DatasetRecord, DatasetError> {
        let data = self.store.put_blob(&codec::encode(&Customers::default()))?;
        let (name, size, created) = (name.clone(), None, None);
        Ok(DatasetRecord { name, version: None, accounts: 0, outcomes: 0, data, size, created })
    }

    /// The customers of exactly these kept bytes.
    ///
    /// # Errors
    /// Where they are gone or damaged.
    pub fn load(&self, record: &DatasetRecord) -> Result<Customers, DatasetError> {
        let bytes = self.store.blob(&record.data)?;
        codec::decode(&bytes).ok_or_else(|| DatasetError::Corrupt { name: record.name.clone() })
    }

    /// The customers of kept bytes, whatever dataset they belong to by now.
    ///
    /// # Errors
    /// Where they are gone or damaged.
    pub fn customers(&self, data: &Digest) -> Result<Customers, DatasetError> {
        codec::decode(&self.store.blob(data)?).ok_or_else(|| DatasetError::Unreadable { data: *data })
    }

    fn answered(&self, name: &DatasetName, request: &RequestKey) -> Result<Option<Imported>, DatasetError> {
        let answer = requests::seen(self.store.as_ref(), &scope(name), request)?;
        answer.map(|answer| row::decode_answer(name, &answer)).transpose()
    }
}

fn scope(name: &DatasetName) -> String {
    format!("{}/import", name.workspace)
}
