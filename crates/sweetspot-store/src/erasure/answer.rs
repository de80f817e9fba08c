//! The numbers of an erasure, which are stored as the answer to repeated requests.

use serde::{Deserialize, Serialize};

use crate::datasets::DatasetErasure;
use crate::definitions::DefinitionErasure;
use crate::store::StoreError;

/// How much was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasedCounts {
    /// The number of ids that a dataset contained.
    pub accounts: u64,
    /// The number of dataset versions that contained one of them.
    pub dataset_versions: u64,
    /// The number of entries of definitions and of approved versions about the accounts.
    pub entries: u64,
}

impl ErasedCounts {
    pub(super) fn new(datasets: &DatasetErasure, definitions: &DefinitionErasure) -> Self {
        Self {
            accounts: datasets.found.len() as u64,
            dataset_versions: datasets.versions.len() as u64,
            entries: definitions.entries.len() as u64,
        }
    }
}

pub(super) fn encode(counts: &ErasedCounts) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(counts).map_err(|source| failed("store the answer to an erasure", source))
}

pub(super) fn decode(answer: &[u8]) -> Result<ErasedCounts, StoreError> {
    serde_json::from_slice(answer).map_err(|source| failed("read the answer to an erasure", source))
}

fn failed(action: &'static str, source: serde_json::Error) -> StoreError {
    StoreError::Backend { action, source: source.into() }
}
