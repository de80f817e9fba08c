//! Versions of datasets as they are answered.

use sweetspot_core::{DatasetVersionName, VersionRef};
use sweetspot_proto::v1;
use sweetspot_store::datasets::{DatasetRecord, DatasetSize, Imported, Use};

use super::time::timestamp;

/// Versions of models that one answer names.
const MODEL_VERSIONS: usize = 100;

/// What an import did.
pub(in crate::api) fn imported(imported: Imported) -> v1::ImportAccountsResponse {
    let Imported { record, current, removed } = imported;
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
    }
}

/// A version of a dataset that holds the version `current`, with the versions of models among `uses` that stand on it.
pub(in crate::api) fn version(record: &DatasetRecord, current: Option<u64>, uses: &[Use]) -> v1::DatasetVersion {
    let models = uses.iter().filter(|one| one.stands_on(record) && one.by.parse::<VersionRef>().is_ok());
    let mut model_versions: Vec<String> = models.map(|one| one.by.clone()).collect();
    let model_version_count = model_versions.len() as u64;
    model_versions.truncate(MODEL_VERSIONS);
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
        create_time: created.map(timestamp),
        model_version_count,
        model_versions,
    }
}
