//! The row of a dataset as it is kept: JSON, closed to unknown fields.

use serde::{Deserialize, Serialize};

use super::{DatasetError, DatasetRecord, DatasetSize};
use crate::domain::DatasetName;
use crate::store::StoreError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetRow {
    accounts: u64,
    outcomes: u64,
    data: String,
    /// Not there where an earlier release imported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<SizeRow>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SizeRow {
    attributes: u64,
    items: u64,
    bytes: u64,
}

/// The bytes that are kept of a dataset, its name aside.
pub(super) fn encode(record: &DatasetRecord) -> Result<Vec<u8>, StoreError> {
    let DatasetRecord { name: _, accounts, outcomes, data, size } = record;
    let size = size.map(|DatasetSize { attributes, items, bytes }| SizeRow { attributes, items, bytes });
    let row = DatasetRow { accounts: *accounts, outcomes: *outcomes, data: data.to_string(), size };
    serde_json::to_vec(&row)
        .map_err(|source| StoreError::Backend { action: "encode the row of a dataset", source: source.into() })
}

/// What a dataset holds, from its row.
pub(super) fn decode(name: &DatasetName, row: &[u8]) -> Result<DatasetRecord, DatasetError> {
    let corrupt = || DatasetError::Corrupt { name: name.clone() };
    let DatasetRow { accounts, outcomes, data, size } = serde_json::from_slice(row).map_err(|_| corrupt())?;
    let data = data.parse().map_err(|_| corrupt())?;
    let size = size.map(|SizeRow { attributes, items, bytes }| DatasetSize { attributes, items, bytes });
    Ok(DatasetRecord { name: name.clone(), accounts, outcomes, data, size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_an_earlier_release_has_no_size_and_stays_as_it_is() {
        let name = "workspaces/w/datasets/d".parse().unwrap();
        let data = "ab".repeat(32);
        let row = format!(r#"{{"accounts":3,"outcomes":2,"data":"{data}"}}"#);
        let record = decode(&name, row.as_bytes()).unwrap();
        assert_eq!((record.accounts, record.size), (3, None));
        assert_eq!(encode(&record).unwrap(), row.as_bytes());
        let sized = DatasetRecord { size: Some(DatasetSize { attributes: 20, items: 7, bytes: 900 }), ..record };
        assert_eq!(decode(&name, &encode(&sized).unwrap()).unwrap(), sized);
    }
}
