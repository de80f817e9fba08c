//! How runs are kept. These types are promises to older stores: extend them, never reuse a name for something else.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sweetspot_core::fault::FaultKind;
use sweetspot_core::{RunName, VersionName};

use super::{Owner, RunRecord, RunState, unreadable};
use crate::datasets::DatasetRecord;
use crate::store::StoreError;

/// Longest message kept, in bytes: the row must stay small.
const MAX_MESSAGE_BYTES: usize = 440;

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RunRow {
    /// Its place in the order of submission.
    pub(super) number: u64,
    pub(super) dataset: DatasetRow,
    /// Digest of the spec's blob.
    pub(super) spec: String,
    pub(super) time_limit_ms: Option<u64>,
    pub(super) request_id: String,
    pub(super) created: String,
    pub(super) ended: Option<String>,
    pub(super) state: StateRow,
    /// The kind of process that admitted it; an earlier release did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<OwnerRow>,
    /// Whether a caller has asked it to stop while it was running.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) cancelling: bool,
}

/// Kinds of process as they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OwnerRow {
    Server,
    Command,
}

impl From<Owner> for OwnerRow {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::Server => Self::Server,
            Owner::Command => Self::Command,
        }
    }
}

/// What a dataset held when the run was submitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DatasetRow {
    name: String,
    data: String,
    accounts: u64,
    outcomes: u64,
    /// Earlier releases had no versions of datasets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

/// Where a run is, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StateRow {
    Queued,
    Running,
    Succeeded { version: u64 },
    Failed { kind: KindRow, reason: String, message: String },
    Cancelled,
}

/// Kinds of faults as they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindRow {
    InvalidArgument,
    NotFound,
    FailedPrecondition,
    Aborted,
    ResourceExhausted,
    Unavailable,
    Cancelled,
    DeadlineExceeded,
    DataLoss,
    Internal,
}

macro_rules! same_names {
    ($($name:ident),*) => {
        impl From<FaultKind> for KindRow {
            fn from(kind: FaultKind) -> Self {
                match kind { $(FaultKind::$name => Self::$name),* }
            }
        }

        impl From<KindRow> for FaultKind {
            fn from(kind: KindRow) -> Self {
                match kind { $(KindRow::$name => Self::$name),* }
            }
        }
    };
}

same_names!(
    InvalidArgument,
    NotFound,
    FailedPrecondition,
    Aborted,
    ResourceExhausted,
    Unavailable,
    Cancelled,
    DeadlineExceeded,
    DataLoss,
    Internal
);

impl From<&DatasetRecord> for DatasetRow {
    fn from(record: &DatasetRecord) -> Self {
        // How large it is matters before a run is admitted only.
        let DatasetRecord { name, version, accounts, outcomes, data, size: _, created: _ } = record;
        let (name, data) = (name.to_string(), data.to_string());
        Self { name, data, accounts: *accounts, outcomes: *outcomes, version: *version }
    }
}

impl DatasetRow {
    /// The dataset that the run was submitted with.
    pub(super) fn record(&self) -> Result<DatasetRecord, StoreError> {
        let Self { name, data, accounts, outcomes, version } = self;
        let name = name.parse().map_err(unreadable)?;
        let data = data.parse().map_err(unreadable)?;
        let (accounts, outcomes, version) = (*accounts, *outcomes, *version);
        Ok(DatasetRecord { name, version, accounts, outcomes, data, size: None, created: None })
    }
}

impl From<&RunState> for StateRow {
    fn from(state: &RunState) -> Self {
        match state {
            RunState::Queued => Self::Queued,
            RunState::Running { stage: _, progress: _ } => Self::Running,
            RunState::Succeeded { version } => Self::Succeeded { version: version.number },
            RunState::Failed { kind, reason, message } => {
                let message = short(message).to_owned();
                Self::Failed { kind: (*kind).into(), reason: reason.clone(), message }
            }
            RunState::Cancelled => Self::Cancelled,
        }
    }
}

/// The beginning of a message.
fn short(message: &str) -> &str {
    let end = (0..=MAX_MESSAGE_BYTES).rev().find(|end| message.is_char_boundary(*end)).unwrap_or(0);
    if message.len() <= MAX_MESSAGE_BYTES { message } else { message.get(..end).unwrap_or_default() }
}

impl StateRow {
    fn state(&self, run: &RunName) -> RunState {
        match self {
            Self::Queued => RunState::Queued,
            Self::Running => RunState::Running { stage: String::new(), progress: 0.0 },
            Self::Succeeded { version } => {
                RunState::Succeeded { version: VersionName { model: run.model.clone(), number: *version } }
            }
            Self::Failed { kind, reason, message } => {
                RunState::Failed { kind: (*kind).into(), reason: reason.clone(), message: message.clone() }
            }
            Self::Cancelled => RunState::Cancelled,
        }
    }
}

impl RunRow {
    /// The run as callers see it.
    pub(super) fn record(&self, name: &RunName) -> Result<RunRecord, StoreError> {
        let dataset = self.dataset.record()?;
        Ok(RunRecord {
            name: name.clone(),
            dataset_version: dataset.version_name(),
            dataset: dataset.name,
            state: self.state.state(name),
            created: self.created.parse().map_err(unreadable)?,
            ended: self.ended.as_deref().map(str::parse).transpose().map_err(unreadable)?,
            request_id: self.request_id.clone(),
        })
    }

    /// How long the run may take.
    pub(super) fn time_limit(&self) -> Option<Duration> {
        self.time_limit_ms.map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MAX_ROW_BYTES;

    fn row(state: &RunState) -> RunRow {
        let id = "i".repeat(63);
        let name = format!("workspaces/{id}/datasets/{id}").parse().unwrap();
        let record = DatasetRecord {
            name,
            version: Some(u64::MAX),
            accounts: u64::MAX,
            outcomes: u64::MAX,
            data: sweetspot_core::Digest::of(b"data"),
            size: None,
            created: None,
        };
        RunRow {
            number: u64::MAX,
            dataset: (&record).into(),
            spec: record.data.to_string(),
            time_limit_ms: Some(u64::MAX),
            request_id: "00000000-0000-4000-8000-000000000000".to_owned(),
            created: "2026-03-02T10:00:00.123456789Z".to_owned(),
            ended: Some("2026-03-02T10:00:00.123456789Z".to_owned()),
            state: state.into(),
            owner: Some(OwnerRow::Command),
            cancelling: true,
        }
    }

    fn run() -> RunName {
        "workspaces/w/models/m/trainingRuns/r".parse().unwrap()
    }

    #[test]
    fn every_state_survives_being_kept() {
        let version = VersionName { model: run().model, number: 7 };
        let failed = RunState::Failed { kind: FaultKind::DataLoss, reason: "R".into(), message: "why".into() };
        for state in [RunState::Queued, RunState::Succeeded { version }, RunState::Cancelled, failed] {
            let bytes = serde_json::to_vec(&row(&state)).unwrap();
            let kept: RunRow = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(kept.record(&run()).unwrap().state, state);
        }
    }

    #[test]
    fn a_row_of_an_earlier_release_has_no_owner() {
        let new = RunRow { owner: None, cancelling: false, ..row(&RunState::Queued) };
        let text = serde_json::to_string(&new).unwrap();
        assert!(!text.contains("owner") && !text.contains("cancelling"), "{text}");
        assert_eq!(serde_json::from_str::<RunRow>(&text).unwrap(), new);
    }

    #[test]
    fn the_largest_row_fits() {
        let message = "\u{1}é".repeat(1000);
        let state = RunState::Failed { kind: FaultKind::FailedPrecondition, reason: "R".repeat(40), message };
        let bytes = serde_json::to_vec(&row(&state)).unwrap();
        assert!(bytes.len() <= MAX_ROW_BYTES, "{}", bytes.len());
    }

    #[test]
    fn damaged_rows_are_errors() {
        let damaged = RunRow { created: "yesterday".into(), ..row(&RunState::Queued) };
        assert!(damaged.record(&run()).is_err());
    }
}
