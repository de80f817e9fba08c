//! One training, from the kept data to the published version.

use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_model::{ModelArtifact, Progress as _, TrainError, train};
use tracing::error;

use super::board::{Reporter, Stop};
use super::ledger::Kept;
use super::worker::Core;
use super::{RunState, spec_row, unreadable};

/// Trains, publishes, and tells how it ended.
pub(super) fn attempt(core: &Core, kept: &Kept, reporter: &Reporter) -> RunState {
    match trained(core, kept, reporter) {
        Ok(artifact) => stopped(reporter).unwrap_or_else(|| publish(core, kept, reporter, &artifact)),
        Err(state) => state,
    }
}

fn trained(core: &Core, kept: &Kept, reporter: &Reporter) -> Result<ModelArtifact, RunState> {
    reporter.stage("reading the data", 0.0);
    let spec = core.store.blob(&kept.row.spec.parse().map_err(|error| failed(&unreadable(error)))?);
    let spec = spec.and_then(|bytes| spec_row::decode(&bytes)).map_err(|fault| failed(&fault))?;
    let dataset = kept.row.dataset.record().map_err(|fault| failed(&fault))?;
    let customers = core.datasets.load(&dataset).map_err(|fault| failed(&fault))?;
    let pool = core.threads().map_err(|fault| failed(&fault))?;
    match pool.install(|| train(&spec, &customers, dataset.data, reporter)) {
        Ok(artifact) => Ok(artifact),
        Err(TrainError::Cancelled) => Err(stopped(reporter).unwrap_or(RunState::Cancelled)),
        Err(fault) => Err(failed(&fault)),
    }
}

fn publish(core: &Core, kept: &Kept, reporter: &Reporter, artifact: &ModelArtifact) -> RunState {
    reporter.stage("publishing", 1.0);
    let dataset = match kept.row.dataset.record() {
        Ok(record) => record.version_name(),
        Err(fault) => return failed(&fault),
    };
    match core.registry.publish_on(&kept.name, artifact, dataset.as_ref()) {
        Ok(version) => RunState::Succeeded { version: version.name },
        Err(fault) => failed(&fault),
    }
}

/// The end that somebody or something asked for.
fn stopped(reporter: &Reporter) -> Option<RunState> {
    match reporter.run.asked_to_stop() {
        Some(Stop::Cancel) => Some(RunState::Cancelled),
        Some(Stop::Shutdown) => Some(RunState::interrupted(reporter.owner)),
        None => reporter.out_of_time().then(|| RunState::Failed {
            kind: FaultKind::DeadlineExceeded,
            reason: "TIME_LIMIT".to_owned(),
            message: "the training did not end within its time limit: allow more time or use less data".to_owned(),
        }),
    }
}

/// The end after a panic.
pub(super) fn panicked() -> RunState {
    RunState::Failed {
        kind: FaultKind::Internal,
        reason: "INTERNAL".to_owned(),
        message: "the training stopped on an internal error: please report it".to_owned(),
    }
}

/// The cause is logged here, because the caller is told the public text alone.
fn failed(fault: &dyn Fault) -> RunState {
    if matches!(fault.kind(), FaultKind::Internal | FaultKind::DataLoss) {
        error!(error = %fault, cause = fault.source().map(tracing::field::display), "training failed");
    }
    RunState::failed(fault)
}
