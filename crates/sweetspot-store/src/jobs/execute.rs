//! Executes one run, from its stored data to the published version.

use std::time::{Duration, Instant};

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_model::{ModelArtifact, Progress as _, TrainError, TrainingSpec, train};
use tracing::{error, warn};

use super::RunState;
use super::run_manager::RunManager;
use super::run_store::StoredRun;
use super::unfinished_runs::{Reporter, StopCause};
use crate::registry::RegistryError;
use crate::store::{LeaseToken, StoreError};
use crate::stored::{self, ReadError, VersionedMessage as _};

/// The time in which a trained model must be published, although the store does not answer.
const MAX_PUBLISHING_TIME: Duration = Duration::from_secs(15 * 60);
/// The interval between two attempts to publish a model.
const PUBLISHING_INTERVAL: Duration = Duration::from_millis(500);

/// Trains and publishes a model. Returns the final state of the run.
pub(super) fn run_training(
    manager: &RunManager,
    run: &StoredRun,
    reporter: &Reporter,
    lease: Option<&LeaseToken>,
) -> RunState {
    match train_model(manager, run, reporter) {
        Ok(artifact) => stop_state(reporter).unwrap_or_else(|| publish(manager, run, reporter, &artifact, lease)),
        Err(state) => state,
    }
}

fn train_model(manager: &RunManager, run: &StoredRun, reporter: &Reporter) -> Result<ModelArtifact, RunState> {
    reporter.stage("reading the data", 0.0);
    let spec = read_spec(manager, run).map_err(|fault| failed_state(&fault))?;
    let dataset = &run.row.dataset;
    let customers = manager.datasets.load(dataset).map_err(|fault| failed_state(&fault))?;
    let pool = manager.thread_pool().map_err(|fault| failed_state(&fault))?;
    match pool.install(|| train(&spec, &customers, dataset.data, reporter)) {
        Ok(artifact) => Ok(artifact),
        Err(TrainError::Cancelled) => Err(stop_state(reporter).unwrap_or(RunState::Cancelled)),
        Err(fault) => Err(failed_state(&fault)),
    }
}

/// Reads the training options of a run.
pub(super) fn read_spec(manager: &RunManager, run: &StoredRun) -> Result<TrainingSpec, StoreError> {
    let stored = stored::TrainingSpec::from_bytes(&manager.store.blob(&run.row.spec)?)?;
    Ok(stored.try_into().map_err(ReadError::from)?)
}

fn publish(
    manager: &RunManager,
    run: &StoredRun,
    reporter: &Reporter,
    artifact: &ModelArtifact,
    lease: Option<&LeaseToken>,
) -> RunState {
    reporter.stage("publishing", 1.0);
    let dataset = run.row.dataset.version_name();
    let started = Instant::now();
    loop {
        match manager.registry.publish_with_dataset(&run.row.name, artifact, dataset.as_ref(), lease) {
            Ok(version) => return RunState::Succeeded { version: version.name },
            // A model is not lost with a connection: a run publishes once, however often it tries.
            Err(RegistryError::Store(error @ (StoreError::Unreachable { .. } | StoreError::Undecided { .. })))
                if started.elapsed() < MAX_PUBLISHING_TIME =>
            {
                warn!(run = %run.row.name, %error, "cannot publish a version yet: trying again");
                manager.unfinished_runs.wait(PUBLISHING_INTERVAL);
                if let Some(stopped) = stop_state(reporter) {
                    return stopped;
                }
            }
            Err(fault) => return failed_state(&fault),
        }
    }
}

/// Returns the final state of a run that must stop, or `None` if it may continue.
fn stop_state(reporter: &Reporter) -> Option<RunState> {
    match reporter.run.stop_cause() {
        Some(StopCause::Cancel) => Some(RunState::Cancelled),
        Some(StopCause::Shutdown) => Some(RunState::interrupted(reporter.owner)),
        None => reporter.is_past_deadline().then(|| RunState::Failed {
            kind: ErrorKind::DeadlineExceeded,
            reason: "TIME_LIMIT".to_owned(),
            message: "the training did not end within its time limit: allow more time or use less data".to_owned(),
        }),
    }
}

/// The final state after a panic.
pub(super) fn panic_state() -> RunState {
    RunState::Failed {
        kind: ErrorKind::Internal,
        reason: "INTERNAL".to_owned(),
        message: "the training stopped on an internal error: please report it".to_owned(),
    }
}

/// The final state after an error. Internal errors are logged here, because the caller only gets the public message.
fn failed_state(fault: &dyn ReportableError) -> RunState {
    if matches!(fault.kind(), ErrorKind::Internal | ErrorKind::DataLoss) {
        error!(error = %fault, cause = fault.source().map(tracing::field::display), "training failed");
    }
    RunState::failed(fault)
}
