//! The stored form of runs. Older stores contain these rows: extend the types, and never reuse a field name.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sweetspot_core::fault::FaultKind;
use sweetspot_core::{RunName, VersionName};

use super::{Owner, RunRecord, RunState, unreadable};
use crate::datasets::DatasetRecord;
use crate::store::StoreError;

/// The maximum length of a stored message in bytes: the row must stay small.
const MAX_MESSAGE_BYTES: usize = 440;

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RunRow {
    /// The position in the order of submission.
    pub(super) number: u64,
    pub(super) dataset: DatasetRow,
    /// The digest of the spec's blob.
    pub(super) spec: String,
    pub(super) time_limit_ms: Option<u64>,
    pub(super) request_id: String,
    pub(super) created: String,
    pub(super) ended: Option<String>,
    pub(super) state: StateRow,
    /// The kind of process that admitted the run. Missing in rows of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<OwnerRow>,
    /// Whether a caller cancelled the run while it was running.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) cancelling: bool,
}

/// The stored form of [`Owner`].
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

/// The dataset at the time of submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DatasetRow {
    name: String,
    data: String,
    accounts: u64,
    outcomes: u64,
    /// Missing in rows of releases without dataset versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

/// The stored form of [`RunState`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StateRow {
    Queued,
    Running,
    Succeeded { version: u64 },
    Failed { kind: KindRow, reason: String, message: String },
    Cancelled,
}

/// The stored form of [`FaultKind`].
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
        // The size only matters before a run is admitted.
        let DatasetRecord { name, version, accounts, outcomes, data, size: _, created: _ } = record;
        let (name, data) = (name.to_string(), data.to_string());
        Self { name, data, accounts: *accounts, outcomes: *outcomes, version: *version }
    }
}

impl DatasetRow {
    /// Decodes the dataset record at the time of submission.
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
                let message = truncate(message).to_owned();
                Self::Failed { kind: (*kind).into(), reason: reason.clone(), message }
            }
            RunState::Cancelled => Self::Cancelled,
        }
    }
}

/// Truncates a message to the maximum length.
fn truncate(message: &str) -> &str {
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
    /// Decodes the public record of the run.
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

    /// The time limit of the run.
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
            data: sweetspot_core::Digest::new(b"data"),
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
    fn every_run_state_round_trips() {
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
    fn the_largest_run_row_fits() {
        let message = "\u{1}é".repeat(1000);
        let state = RunState::Failed { kind: FaultKind::FailedPrecondition, reason: "R".repeat(40), message };
        let bytes = serde_json::to_vec(&row(&state)).unwrap();
        assert!(bytes.len() <= MAX_ROW_BYTES, "{}", bytes.len());
    }

    #[test]
    fn damaged_run_rows_are_errors() {
        let damaged = RunRow { created: "yesterday".into(), ..row(&RunState::Queued) };
        assert!(damaged.record(&run()).is_err());
    }
}
