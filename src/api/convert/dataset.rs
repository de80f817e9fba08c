//! Converts datasets and their versions to messages.

use crate::messages::entries::wire_timestamp;
use sweetspot_core::{DatasetVersionName, ModelVersionRef};
use sweetspot_proto::v1;
use sweetspot_store::datasets::{
    DatasetRecord, DatasetReference, DatasetSize, DatasetSummary, ImportResult, ReimportedAccounts,
};

/// Maximum number of model versions that a response names.
const MAX_MODEL_VERSIONS: usize = 100;

/// Converts a dataset.
pub(in crate::api) fn dataset(summary: DatasetSummary) -> v1::Dataset {
    let DatasetSummary { name, current, version_count, bytes, updated } = summary;
    let (accounts, outcomes) = current.as_ref().map(|record| (record.accounts, record.outcomes)).unwrap_or_default();
    let current_version = current.and_then(|record| record.version_name());
    v1::Dataset {
        name: name.to_string(),
        current_version: current_version.map(|version| version.to_string()).unwrap_or_default(),
        version_count,
        accounts,
        outcomes,
        bytes,
        update_time: updated.map(wire_timestamp),
    }
}

/// Converts the result of an import.
pub(in crate::api) fn import_response(imported: ImportResult) -> v1::ImportAccountsResponse {
    let ImportResult { record, is_current: current, removed, erased } = imported;
    let ReimportedAccounts { count: erased_accounts, ids: erased_account_ids } = erased;
    let dataset_version = record.version_name().map(|version| version.to_string()).unwrap_or_default();
    let DatasetRecord { name, version: _, accounts, outcomes, data, size: _, created: _ } = record;
    let removed = removed.into_iter().map(|number| DatasetVersionName { dataset: name.clone(), number }.to_string());
    v1::ImportAccountsResponse {
        removed_versions: removed.collect(),
        dataset: name.to_string(),
        accounts,
        data_sha256: data.to_string(),
        outcomes,
        dataset_version,
        current,
        erased_accounts,
        erased_account_ids,
    }
}

/// Converts a version of a dataset whose current version is `current`, with the model versions among `uses` that depend
/// on it.
pub(in crate::api) fn dataset_version(
    record: &DatasetRecord,
    current: Option<u64>,
    uses: &[DatasetReference],
) -> v1::DatasetVersion {
    let models = uses
        .iter()
        .filter(|dataset_use| dataset_use.refers_to(record) && dataset_use.user.parse::<ModelVersionRef>().is_ok());
    let mut model_versions: Vec<String> = models.map(|dataset_use| dataset_use.user.clone()).collect();
    let model_version_count = model_versions.len() as u64;
    model_versions.truncate(MAX_MODEL_VERSIONS);
    let name = record.version_name().map(|version| version.to_string()).unwrap_or_default();
    let DatasetRecord { name: _, version, accounts, outcomes, data, size, created } = *record;
    let (attributes, bytes) = size.map(|DatasetSize { attributes, items: _, bytes }| (attributes, bytes)).unzip();
    v1::DatasetVersion {
        name,
        current: current.is_some() && version == current,
        accounts,
        outcomes,
        data_sha256: data.to_string(),
        attributes,
        bytes,
        create_time: created.map(wire_timestamp),
        model_version_count,
        model_versions,
    }
}
