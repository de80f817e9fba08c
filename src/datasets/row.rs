//! The row of a dataset as it is kept: JSON, closed to unknown fields.

use serde::{Deserialize, Serialize};

use super::{DatasetError, DatasetRecord};
use crate::domain::DatasetName;
use crate::store::StoreError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetRow {
    accounts: u64,
    outcomes: u64,
    data: String,
}

/// The bytes that are kept of a dataset, its name aside.
pub(super) fn encode(record: &DatasetRecord) -> Result<Vec<u8>, StoreError> {
    let DatasetRecord { name: _, accounts, outcomes, data } = record;
    let row = DatasetRow { accounts: *accounts, outcomes: *outcomes, data: data.to_string() };
    serde_json::to_vec(&row)
        .map_err(|source| StoreError::Backend { action: "encode the row of a dataset", source: source.into() })
}

/// What a dataset holds, from its row.
pub(super) fn decode(name: &DatasetName, row: &[u8]) -> Result<DatasetRecord, DatasetError> {
    let corrupt = || DatasetError::Corrupt { name: name.clone() };
    let DatasetRow { accounts, outcomes, data } = serde_json::from_slice(row).map_err(|_| corrupt())?;
    Ok(DatasetRecord { name: name.clone(), accounts, outcomes, data: data.parse().map_err(|_| corrupt())? })
}
