//! The stored form of runs.

use std::time::Duration;

use jiff::Timestamp;
use sweetspot_core::{Digest, RunName};

use super::{RunRecord, RunState, SubmittingProcess};
use crate::annotations::Annotations;
use crate::datasets::DatasetRecord;
use crate::stored::run_state::Kind;
use crate::stored::{self, FieldError, StoredField, stored_enum, stored_message, training_run};

/// The row of a run, decoded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RunRow {
    pub(super) name: RunName,
    /// The position in the order of submission.
    pub(super) number: u64,
    /// The dataset at submission.
    pub(super) dataset: DatasetRecord,
    /// The digest of the spec's blob.
    pub(super) spec: Digest,
    pub(super) time_limit: Option<Duration>,
    pub(super) request_id: String,
    pub(super) created: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) state: RunState,
    /// The kind of process that admitted the run.
    pub(super) owner: SubmittingProcess,
    /// Whether a caller cancelled the run while it was running.
    pub(super) cancelling: bool,
}

stored_message!(
    RunRow as stored::TrainingRun:
    name, number, dataset, spec, time_limit, request_id, created, ended, state, owner, cancelling;
    + format_version
);
stored_enum!(SubmittingProcess as training_run::Owner: Server, Command);

impl RunRow {
    /// The public record of the run, without its annotations, which have rows of their own.
    pub(super) fn record(&self) -> RunRecord {
        RunRecord {
            name: self.name.clone(),
            dataset_version: self.dataset.version_name(),
            dataset: self.dataset.name.clone(),
            state: self.state.clone(),
            created: self.created,
            ended: self.ended,
            request_id: self.request_id.clone(),
            annotations: Annotations::default(),
        }
    }
}

impl StoredField for RunState {
    type Stored = Option<stored::RunState>;

    /// The progress is not stored.
    fn into_stored(self) -> Self::Stored {
        let (kind, version, failure) = match self {
            Self::Queued => (Kind::Queued, String::new(), None),
            Self::Running { stage: _, progress: _ } => (Kind::Running, String::new(), None),
            Self::Succeeded { version } => (Kind::Succeeded, version.into_stored(), None),
            Self::Failed { kind, reason, message } => {
                (Kind::Failed, String::new(), Some(stored::Failure { kind: kind.into_stored(), reason, message }))
            }
            Self::Cancelled => (Kind::Cancelled, String::new(), None),
        };
        Some(stored::RunState { kind: kind.into(), version, failure })
    }

    fn from_stored(stored: Self::Stored, name: &'static str) -> Result<Self, FieldError> {
        let stored::RunState { kind, version, failure } = stored.ok_or(FieldError(name))?;
        Ok(match Kind::try_from(kind).unwrap_or_default() {
            Kind::Unspecified => return Err(FieldError(name)),
            Kind::Queued => Self::Queued,
            Kind::Running => Self::Running { stage: String::new(), progress: 0.0 },
            Kind::Succeeded => Self::Succeeded { version: StoredField::from_stored(version, "version")? },
            Kind::Failed => {
                let stored::Failure { kind, reason, message } = failure.ok_or(FieldError("failure"))?;
                Self::Failed { kind: StoredField::from_stored(kind, "kind of failure")?, reason, message }
            }
            Kind::Cancelled => Self::Cancelled,
        })
    }
}

impl StoredField for DatasetRecord {
    type Stored = Option<stored::TrainingDataset>;

    fn into_stored(self) -> Self::Stored {
        // The size only matters before a run is admitted.
        let Self { name, version, accounts, outcomes, data, size: _, created: _ } = self;
        let (name, data) = (name.into_stored(), data.into_stored());
        Some(stored::TrainingDataset { name, data, accounts, outcomes, version })
    }

    fn from_stored(stored: Self::Stored, name: &'static str) -> Result<Self, FieldError> {
        let stored::TrainingDataset { name: dataset, data, accounts, outcomes, version } =
            stored.ok_or(FieldError(name))?;
        let (name, data) = (StoredField::from_stored(dataset, name)?, StoredField::from_stored(data, "digest")?);
        Ok(Self { name, version, accounts, outcomes, data, size: None, created: None })
    }
}

/// A queued run for tests.
#[cfg(test)]
pub(super) fn example(name: RunName) -> RunRow {
    let data = Digest::new(b"data");
    RunRow {
        name,
        number: 0,
        dataset: DatasetRecord {
            name: "workspaces/w/datasets/d".parse().unwrap(),
            version: Some(1),
            accounts: 1,
            outcomes: 1,
            data,
            size: None,
            created: None,
        },
        spec: data,
        time_limit: None,
        request_id: String::new(),
        created: Timestamp::UNIX_EPOCH,
        ended: None,
        state: RunState::Queued,
        owner: SubmittingProcess::Server,
        cancelling: false,
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::ModelVersionName;
    use sweetspot_core::reportable_error::ErrorKind;

    use super::*;
    use crate::datasets::DatasetError;
    use crate::store::MAX_ROW_BYTES;
    use crate::stored::{TrainingRun, VersionedMessage as _};

    /// A run whose numbers are the largest, and whose names the longest.
    fn largest(state: RunState) -> RunRow {
        let id = "i".repeat(63);
        let small = example(format!("workspaces/{id}/models/{id}/trainingRuns/{id}").parse().unwrap());
        RunRow {
            number: u64::MAX,
            dataset: DatasetRecord {
                name: format!("workspaces/{id}/datasets/{id}").parse().unwrap(),
                version: Some(u64::MAX),
                accounts: u64::MAX,
                outcomes: u64::MAX,
                ..small.dataset
            },
            time_limit: Some(Duration::from_millis(u64::MAX)),
            request_id: "00000000-0000-4000-8000-000000000000".to_owned(),
            created: Timestamp::MIN,
            ended: Some(Timestamp::MAX),
            state,
            owner: SubmittingProcess::Command,
            cancelling: true,
            ..small
        }
    }

    #[test]
    fn every_run_state_round_trips() {
        let version = ModelVersionName { model: "workspaces/w/models/m".parse().unwrap(), number: 7 };
        let failed = RunState::Failed { kind: ErrorKind::DataLoss, reason: "R".into(), message: "why".into() };
        let running = RunState::Running { stage: String::new(), progress: 0.0 };
        for state in [RunState::Queued, running, RunState::Succeeded { version }, RunState::Cancelled, failed] {
            let row = largest(state);
            assert_eq!(TrainingRun::from(row.clone()).try_into(), Ok(row));
        }
    }

    #[test]
    fn the_largest_run_row_fits() {
        let fault = DatasetError::RequestIdReused { id: "\u{1}é".repeat(1000) };
        let bytes = TrainingRun::from(largest(RunState::failed(&fault))).to_bytes();
        assert!(bytes.len() > 440 && bytes.len() <= MAX_ROW_BYTES, "{}", bytes.len());
    }

    #[test]
    fn rows_with_absent_or_unknown_fields_are_refused() {
        type Change = fn(&mut TrainingRun);
        let cases: [(Change, &str); 9] = [
            (|stored| stored.name.clear(), "name"),
            (|stored| stored.owner = 0, "owner"),
            (|stored| stored.state = None, "state"),
            (|stored| stored.state.as_mut().unwrap().kind = 6, "state"),
            (|stored| stored.state.as_mut().unwrap().kind = Kind::Failed.into(), "failure"),
            (|stored| stored.created = None, "created"),
            (|stored| stored.ended.as_mut().unwrap().seconds = i64::MAX, "ended"),
            (|stored| stored.spec.truncate(63), "spec"),
            (|stored| stored.dataset.as_mut().unwrap().name.clear(), "dataset"),
        ];
        for (change, name) in cases {
            let mut stored = TrainingRun::from(largest(RunState::Cancelled));
            change(&mut stored);
            assert_eq!(RunRow::try_from(stored), Err(FieldError(name)));
        }
    }
}
