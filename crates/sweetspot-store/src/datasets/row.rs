//! The stored form of dataset rows: JSON that rejects unknown fields.
//!
//! A dataset has a head row, which contains the newest version number and the current version, and one row per version.
//! Releases without dataset versions stored a single row in place of the head, with the last import; it is read as
//! version 1.

use serde::{Deserialize, Serialize};
use sweetspot_core::DatasetName;

use super::{DatasetError, DatasetRecord, DatasetSize, ImportResult, ReimportedAccounts};
use crate::store::{StoreError, json_format};

/// The row of a version.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetVersionRow {
    accounts: u64,
    outcomes: u64,
    data: String,
    /// Missing if an early release imported the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<DatasetSizeRow>,
    /// Missing if a release without dataset versions imported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetSizeRow {
    attributes: u64,
    items: u64,
    bytes: u64,
}

/// The head row of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatasetHeadRow {
    /// The number of the newest version. Numbers are never reused.
    pub(super) newest: u64,
    /// The number of the current version. `None` after its deletion.
    pub(super) current: Option<u64>,
}

/// What stays of a deleted dataset.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeletedDatasetRow {
    /// The number of the newest version, so that no number is reused.
    pub(super) newest: u64,
    /// The time of the deletion.
    pub(super) time: String,
}

/// The stored answer to an import, for repeated requests.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportAnswerRow {
    number: u64,
    current: bool,
    removed: Vec<u64>,
    version: DatasetVersionRow,
    /// The number of imported accounts that were erased before.
    #[serde(default, skip_serializing_if = "is_zero")]
    erased: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference to the field")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Encodes a row other than that of a version.
pub(super) fn encode(row: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row)
        .map_err(|source| StoreError::Backend { action: "encode the row of a dataset", source: source.into() })
}

/// Encodes a head.
pub(super) fn encode_head(head: DatasetHeadRow) -> Result<Vec<u8>, StoreError> {
    encode(&head)
}

/// Decodes a head, with the only version if a release without dataset versions wrote the row.
pub(super) fn decode_head(
    name: &DatasetName,
    row: &[u8],
) -> Result<(DatasetHeadRow, Option<DatasetRecord>), DatasetError> {
    if let Ok(head) = serde_json::from_slice(row) {
        return Ok((head, None));
    }
    let only = decode(name, 1, row)?;
    Ok((DatasetHeadRow { newest: 1, current: Some(1) }, Some(only)))
}

/// Encodes a version, without its name.
pub(super) fn encode_version(record: &DatasetRecord) -> Result<Vec<u8>, StoreError> {
    encode(&version_row(record))
}

fn version_row(record: &DatasetRecord) -> DatasetVersionRow {
    let DatasetRecord { name: _, version: _, accounts, outcomes, data, size, created } = record;
    let size = size.map(|DatasetSize { attributes, items, bytes }| DatasetSizeRow { attributes, items, bytes });
    let created = created.map(|time| time.to_string());
    DatasetVersionRow { accounts: *accounts, outcomes: *outcomes, data: data.to_string(), size, created }
}

/// Decodes a version.
pub(super) fn decode(name: &DatasetName, number: u64, row: &[u8]) -> Result<DatasetRecord, DatasetError> {
    let read = serde_json::from_slice(row).map_err(|_| match json_format::unknown("row of a dataset", row) {
        Some(error) => StoreError::from(error).into(),
        None => DatasetError::Corrupt { name: name.clone() },
    })?;
    record(name, number, read)
}

fn record(name: &DatasetName, number: u64, row: DatasetVersionRow) -> Result<DatasetRecord, DatasetError> {
    let corrupt = || DatasetError::Corrupt { name: name.clone() };
    let DatasetVersionRow { accounts, outcomes, data, size, created } = row;
    let data = data.parse().map_err(|_| corrupt())?;
    let size = size.map(|DatasetSizeRow { attributes, items, bytes }| DatasetSize { attributes, items, bytes });
    let created = created.map(|time| time.parse()).transpose().map_err(|_| corrupt())?;
    Ok(DatasetRecord { name: name.clone(), version: Some(number), accounts, outcomes, data, size, created })
}

/// Encodes the answer to an import.
pub(super) fn encode_answer(imported: &ImportResult) -> Result<Vec<u8>, StoreError> {
    let ImportResult { record, is_current: current, removed, erased } = imported;
    let (number, version) = (record.version.unwrap_or_default(), version_row(record));
    let (removed, erased) = (removed.clone(), erased.count);
    encode(&ImportAnswerRow { number, current: *current, removed, version, erased })
}

/// Decodes the answer to an import. Releases without dataset versions stored only the version row.
pub(super) fn decode_answer(name: &DatasetName, row: &[u8]) -> Result<ImportResult, DatasetError> {
    if let Ok(ImportAnswerRow { number, current, removed, version, erased }) = serde_json::from_slice(row) {
        let erased = ReimportedAccounts { count: erased, ids: Vec::new() };
        return Ok(ImportResult { record: record(name, number, version)?, is_current: current, removed, erased });
    }
    let (record, erased) = (decode(name, 1, row)?, ReimportedAccounts::default());
    Ok(ImportResult { record, is_current: true, removed: Vec::new(), erased })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use sweetspot_core::reportable_error::ReportableError as _;

    use super::*;
    use crate::store::MAX_ROW_BYTES;

    fn name() -> DatasetName {
        "workspaces/w/datasets/d".parse().unwrap()
    }

    fn full_record() -> DatasetRecord {
        let size = Some(DatasetSize { attributes: u64::MAX, items: u64::MAX, bytes: u64::MAX });
        let (data, created) = ("ab".repeat(32).parse().unwrap(), Some(Timestamp::MAX));
        DatasetRecord { name: name(), version: Some(9), accounts: 3, outcomes: 2, data, size, created }
    }

    #[test]
    fn a_dataset_row_without_a_version_is_version_1() {
        let data = "ab".repeat(32);
        let row = format!(r#"{{"accounts":3,"outcomes":2,"data":"{data}"}}"#);
        let (head, only) = decode_head(&name(), row.as_bytes()).unwrap();
        assert_eq!(head, DatasetHeadRow { newest: 1, current: Some(1) });
        let only = only.unwrap();
        assert_eq!((only.version, only.accounts, only.size, only.created), (Some(1), 3, None, None));
        assert_eq!(encode_version(&only).unwrap(), row.as_bytes(), "encoding it again changes nothing");
        assert_eq!(decode_answer(&name(), row.as_bytes()).unwrap().record, only);
    }

    #[test]
    fn dataset_rows_round_trip() {
        assert_eq!(decode(&name(), 9, &encode_version(&full_record()).unwrap()).unwrap(), full_record());
        for head in [DatasetHeadRow { newest: 7, current: Some(3) }, DatasetHeadRow { newest: 7, current: None }] {
            assert_eq!(decode_head(&name(), &encode_head(head).unwrap()).unwrap(), (head, None));
        }
        let imported = ImportResult {
            record: full_record(),
            is_current: false,
            removed: vec![1, 2],
            erased: ReimportedAccounts { count: 3, ids: Vec::new() },
        };
        assert_eq!(decode_answer(&name(), &encode_answer(&imported).unwrap()).unwrap(), imported);
        assert!(decode_head(&name(), b"{}").is_err() && decode(&name(), 1, b"").is_err());
        let newer = br#"{"format":2,"newest":7,"latest":3}"#;
        for error in [
            decode_head(&name(), newer).unwrap_err(),
            decode(&name(), 1, newer).unwrap_err(),
            decode_answer(&name(), newer).unwrap_err(),
        ] {
            assert_eq!(error.reason(), "STORED_FORMAT_UNKNOWN");
            assert!(error.to_string().starts_with("the row of a dataset has format 2,"), "{error}");
        }
    }

    #[test]
    fn an_answer_with_as_many_removed_versions_as_one_import_removes_fits() {
        let removed = vec![u64::MAX; super::super::MAX_REMOVED_VERSIONS];
        let erased = ReimportedAccounts { count: u64::MAX, ids: Vec::new() };
        let answer = ImportResult { record: full_record(), is_current: true, removed, erased };
        let row = encode_answer(&answer).unwrap();
        assert!(row.len() + 100 < MAX_ROW_BYTES, "{}", row.len());
    }
}
