//! Datasets: sets of customers, kept as immutable blobs behind a movable name.

mod codec;
mod error;
mod row;

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::{Column, ColumnData, Customers, DatasetName, Digest, OutcomeRef};
use crate::store::{Commit, RequestKey, Store, StoreError, requests};

pub use self::error::DatasetError;

/// What a dataset holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetRecord {
    /// Its name.
    pub name: DatasetName,
    /// How many accounts.
    pub accounts: u64,
    /// How many of them have any outcome.
    pub outcomes: u64,
    /// Digest of the kept bytes.
    pub data: Digest,
    /// How large it is; unknown where an earlier release imported it.
    pub size: Option<DatasetSize>,
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
}

impl Datasets {
    /// The datasets of this store. The clock dates what is remembered of requests.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Replaces what a dataset holds; all or nothing. A repeated request gets the first answer.
    ///
    /// # Errors
    /// A request id used for something else; a failing store.
    pub fn replace(
        &self,
        name: &DatasetName,
        customers: &Customers,
        request: &RequestKey,
    ) -> Result<DatasetRecord, DatasetError> {
        if let Some(record) = self.answered(name, request)? {
            return Ok(record);
        }
        let bytes = codec::encode(customers);
        let data = self.store.put_blob(&bytes)?;
        let size = DatasetSize::of(customers.accounts().columns(), bytes.len());
        drop(bytes);
        let outcomes = customers.outcomes().iter().filter(OutcomeRef::is_known).count() as u64;
        let accounts = customers.accounts().rows() as u64;
        let record = DatasetRecord { name: name.clone(), accounts, outcomes, data, size: Some(size) };
        let row = row::encode(&record)?;
        let mut commit = requests::remember(&scope(name), request, &row, self.clock.now());
        commit.write.push((key(name), Some(row)));
        self.commit(&commit, name, request).map(|first| first.unwrap_or(record))
    }

    /// What a dataset holds, without reading it.
    ///
    /// # Errors
    /// Where there is no such dataset.
    pub fn record(&self, name: &DatasetName) -> Result<DatasetRecord, DatasetError> {
        let row = self.store.get(&key(name))?.ok_or_else(|| DatasetError::NotFound { name: name.clone() })?;
        row::decode(name, &row)
    }

    /// What is told of a dataset that is not there: no accounts, under its name.
    ///
    /// # Errors
    /// A failing store.
    pub fn nothing(&self, name: &DatasetName) -> Result<DatasetRecord, DatasetError> {
        let data = self.store.put_blob(&codec::encode(&Customers::default()))?;
        Ok(DatasetRecord { name: name.clone(), accounts: 0, outcomes: 0, data, size: None })
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

    fn answered(&self, name: &DatasetName, request: &RequestKey) -> Result<Option<DatasetRecord>, DatasetError> {
        let answer = requests::seen(self.store.as_ref(), &scope(name), request)?;
        answer.map(|answer| row::decode(name, &answer)).transpose()
    }

    /// Commits, or gives the answer of a request with the same id that was faster.
    fn commit(
        &self,
        commit: &Commit,
        name: &DatasetName,
        request: &RequestKey,
    ) -> Result<Option<DatasetRecord>, DatasetError> {
        match self.store.commit(commit) {
            Ok(()) => Ok(None),
            Err(StoreError::Conflict { key }) => match self.answered(name, request)? {
                Some(first) => Ok(Some(first)),
                None => Err(StoreError::Conflict { key }.into()),
            },
            Err(other) => Err(other.into()),
        }
    }
}

fn key(name: &DatasetName) -> String {
    format!("dataset/{name}")
}

fn scope(name: &DatasetName) -> String {
    format!("{}/import", name.workspace)
}
