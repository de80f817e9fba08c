//! The rows of datasets as they are kept: JSON, closed to unknown fields.
//!
//! A dataset has a head, which counts its versions and names the current one, and a row for each version. Releases before
//! versions kept one row in place of the head: the dataset as it was imported last. It is read as version 1.

use serde::{Deserialize, Serialize};
use sweetspot_core::DatasetName;

use super::{DatasetError, DatasetRecord, DatasetSize, Imported};
use crate::store::StoreError;

/// One version.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionRow {
    accounts: u64,
    outcomes: u64,
    data: String,
    /// Not there where an early release imported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<SizeRow>,
    /// Not there where a release before versions imported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SizeRow {
    attributes: u64,
    items: u64,
    bytes: u64,
}

/// Where a dataset stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// Number of the newest version; numbers are never given twice.
    pub(super) newest: u64,
    /// The version that the dataset holds; none after its deletion.
    pub(super) current: Option<u64>,
}

/// The answer to an import, for its repetition.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerRow {
    number: u64,
    current: bool,
    removed: Vec<u64>,
    version: VersionRow,
}

/// The bytes of a head or an answer.
fn encode(row: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row)
        .map_err(|source| StoreError::Backend { action: "encode the row of a dataset", source: source.into() })
}

/// The bytes that are kept of a head.
pub(super) fn encode_head(head: Head) -> Result<Vec<u8>, StoreError> {
    encode(&head)
}

/// A head, and the one version that a release before versions kept in its place.
pub(super) fn decode_head(name: &DatasetName, row: &[u8]) -> Result<(Head, Option<DatasetRecord>), DatasetError> {
    if let Ok(head) = serde_json::from_slice(row) {
        return Ok((head, None));
    }
    let only = decode(name, 1, row)?;
    Ok((Head { newest: 1, current: Some(1) }, Some(only)))
}

/// The bytes that are kept of a version, its name aside.
pub(super) fn encode_version(record: &DatasetRecord) -> Result<Vec<u8>, StoreError> {
    encode(&version_row(record))
}

fn version_row(record: &DatasetRecord) -> VersionRow {
    let DatasetRecord { name: _, version: _, accounts, outcomes, data, size, created } = record;
    let size = size.map(|DatasetSize { attributes, items, bytes }| SizeRow { attributes, items, bytes });
    let created = created.map(|time| time.to_string());
    VersionRow { accounts: *accounts, outcomes: *outcomes, data: data.to_string(), size, created }
}

/// A version, from its row.
pub(super) fn decode(name: &DatasetName, number: u64, row: &[u8]) -> Result<DatasetRecord, DatasetError> {
    let row = serde_json::from_slice(row).map_err(|_| DatasetError::Corrupt { name: name.clone() })?;
    record(name, number, row)
}

fn record(name: &DatasetName, number: u64, row: VersionRow) -> Result<DatasetRecord, DatasetError> {
    let corrupt = || DatasetError::Corrupt { name: name.clone() };
    let VersionRow { accounts, outcomes, data, size, created } = row;
    let data = data.parse().map_err(|_| corrupt())?;
    let size = size.map(|SizeRow { attributes, items, bytes }| DatasetSize { attributes, items, bytes });
    let created = created.map(|time| time.parse()).transpose().map_err(|_| corrupt())?;
    Ok(DatasetRecord { name: name.clone(), version: Some(number), accounts, outcomes, data, size, created })
}

/// What is remembered of an import.
pub(super) fn encode_answer(imported: &Imported) -> Result<Vec<u8>, StoreError> {
    let Imported { record, current, removed } = imported;
    let (number, version) = (record.version.unwrap_or_default(), version_row(record));
    encode(&AnswerRow { number, current: *current, removed: removed.clone(), version })
}

/// The answer that an import got before; a release before versions remembered the row alone.
pub(super) fn decode_answer(name: &DatasetName, row: &[u8]) -> Result<Imported, DatasetError> {
    if let Ok(AnswerRow { number, current, removed, version }) = serde_json::from_slice(row) {
        return Ok(Imported { record: record(name, number, version)?, current, removed });
    }
    Ok(Imported { record: decode(name, 1, row)?, current: true, removed: Vec::new() })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::MAX_ROW_BYTES;

    fn name() -> DatasetName {
        "workspaces/w/datasets/d".parse().unwrap()
    }

    fn whole() -> DatasetRecord {
        let size = Some(DatasetSize { attributes: u64::MAX, items: u64::MAX, bytes: u64::MAX });
        let (data, created) = ("ab".repeat(32).parse().unwrap(), Some(Timestamp::MAX));
        DatasetRecord { name: name(), version: Some(9), accounts: 3, outcomes: 2, data, size, created }
    }

    #[test]
    fn a_row_of_a_release_before_versions_is_version_1() {
        let data = "ab".repeat(32);
        let row = format!(r#"{{"accounts":3,"outcomes":2,"data":"{data}"}}"#);
        let (head, only) = decode_head(&name(), row.as_bytes()).unwrap();
        assert_eq!(head, Head { newest: 1, current: Some(1) });
        let only = only.unwrap();
        assert_eq!((only.version, only.accounts, only.size, only.created), (Some(1), 3, None, None));
        assert_eq!(encode_version(&only).unwrap(), row.as_bytes(), "and stays as it is");
        assert_eq!(decode_answer(&name(), row.as_bytes()).unwrap().record, only);
    }

    #[test]
    fn rows_are_read_as_they_were_written() {
        assert_eq!(decode(&name(), 9, &encode_version(&whole()).unwrap()).unwrap(), whole());
        for head in [Head { newest: 7, current: Some(3) }, Head { newest: 7, current: None }] {
            assert_eq!(decode_head(&name(), &encode_head(head).unwrap()).unwrap(), (head, None));
        }
        let imported = Imported { record: whole(), current: false, removed: vec![1, 2] };
        assert_eq!(decode_answer(&name(), &encode_answer(&imported).unwrap()).unwrap(), imported);
        assert!(decode_head(&name(), b"{}").is_err() && decode(&name(), 1, b"").is_err());
    }

    #[test]
    fn an_answer_with_as_many_removed_versions_as_one_import_removes_fits() {
        let removed = vec![u64::MAX; super::super::MAX_REMOVED];
        let row = encode_answer(&Imported { record: whole(), current: true, removed }).unwrap();
        assert!(row.len() + 100 < MAX_ROW_BYTES, "{}", row.len());
    }
}
