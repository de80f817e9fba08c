//! The model versions that were trained on customers from which accounts have been erased.

use std::collections::HashSet;

use sweetspot_core::{ModelVersionName, ModelVersionRef};
use sweetspot_model::EvaluatedRow;

use super::{ErasureError, ErasureRequest};
use crate::datasets::{DatasetErasure, Datasets};
use crate::registry::{Registry, TrainingDataRef};

/// A model version that was trained on customers from which accounts have been erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedVersion {
    /// The name of the version.
    pub name: ModelVersionName,
    /// What the version contains. `None` if it cannot be read.
    pub content: Option<RemainingAccountData>,
}

/// How much a model version still contains about single accounts after an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemainingAccountData {
    /// The number of training customers whose attribute values it contains, without their ids.
    pub golden_rows: u64,
    /// The number of ids of the request whose hash it contains, with a prediction.
    pub evaluated: u64,
}

/// Finds the versions of the workspace whose training data was replaced, or would be.
pub(super) fn find(
    registry: &Registry,
    datasets: &Datasets,
    scope: &ErasureRequest,
    erasure: &DatasetErasure,
) -> Result<Vec<AffectedVersion>, ErasureError> {
    let hashes: HashSet<u64> = scope.ids.iter().map(|id| EvaluatedRow::account_hash(id)).collect();
    let mut affected = Vec::new();
    for TrainingDataRef { version: name, dataset: _, data } in registry.data_uses()? {
        let current = datasets.current_data(&data)?;
        let is_affected = current != data || erasure.data.contains(&data);
        if name.model.workspace != scope.workspace || !is_affected {
            continue;
        }
        let artifact = registry.artifact(&ModelVersionRef::Number(name.clone()));
        let content = artifact.ok().map(|artifact| RemainingAccountData {
            golden_rows: artifact.golden_row_count() as u64,
            evaluated: artifact
                .evaluated_sample()
                .map_or(0, |sample| sample.rows().iter().filter(|row| hashes.contains(&row.account)).count() as u64),
        });
        affected.push(AffectedVersion { name, content });
    }
    Ok(affected)
}
