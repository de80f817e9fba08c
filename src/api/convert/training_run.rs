//! Converts training runs to messages.

use prost::Message as _;
use sweetspot_core::reportable_error::ErrorKind;
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{self};
use sweetspot_store::annotations::Annotations;
use sweetspot_store::jobs::{RunRecord, RunState};

use crate::api::status::status_with_kind;
use crate::messages::entries::wire_timestamp;

/// Converts a run.
pub(in crate::api) fn training_run(record: RunRecord) -> v1::TrainingRun {
    let RunRecord { name, dataset, dataset_version, state, created, ended, request_id, annotations } = record;
    let Annotations { labels, description, owner } = annotations;
    let mut run = v1::TrainingRun {
        name: name.to_string(),
        create_time: Some(wire_timestamp(created)),
        end_time: ended.map(wire_timestamp),
        request_id,
        labels: labels.into_iter().collect(),
        description,
        owner,
        dataset: dataset.to_string(),
        dataset_version: dataset_version.map(|version| version.to_string()).unwrap_or_default(),
        ..v1::TrainingRun::default()
    };
    let state = match state {
        RunState::Queued => State::Queued,
        RunState::Running { stage, progress } => {
            (run.stage, run.progress) = (stage, progress);
            State::Running
        }
        RunState::Succeeded { version } => {
            (run.model_version, run.progress) = (version.to_string(), 1.0);
            State::Succeeded
        }
        RunState::Failed { kind, reason, message } => {
            run.error = Some(run_error(kind, &reason, message));
            State::Failed
        }
        RunState::Cancelled => State::Cancelled,
    };
    run.set_state(state);
    run
}

/// The status that a call would return for the error.
fn run_error(kind: ErrorKind, reason: &str, message: String) -> tonic_types::Status {
    let status = status_with_kind(kind, &message, reason);
    let bare = tonic_types::Status { code: status.code().into(), message, details: Vec::new() };
    tonic_types::Status::decode(status.details()).unwrap_or(bare)
}
