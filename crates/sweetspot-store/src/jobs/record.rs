//! What is known of a run, and what is asked for with one.

use std::time::Duration;

use jiff::Timestamp;
use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_core::{DatasetName, DatasetRef, DatasetVersionName, ModelName, RunName, VersionName};
use sweetspot_model::TrainingSpec;

use crate::registry::RequestKey;

/// The kind of process that admits runs. A run that waits when its process ends waits on for the next server, if a server
/// admitted it; with a command it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// `sweetspot serve`, which is started again.
    Server,
    /// A command on the store's folder, which ends with its work.
    Command,
}

/// Where a run is.
#[derive(Clone, Debug, PartialEq)]
pub enum RunState {
    /// Waiting for a worker.
    Queued,
    /// Being trained.
    Running {
        /// What it is doing.
        stage: String,
        /// Share of the work done, in `[0, 1]`.
        progress: f64,
    },
    /// Done.
    Succeeded {
        /// What it published.
        version: VersionName,
    },
    /// Ended without a model.
    Failed {
        /// The kind of the fault.
        kind: FaultKind,
        /// Its reason, `UPPER_SNAKE`; `INTERRUPTED` where the process ended under it.
        reason: String,
        /// What to tell the caller.
        message: String,
    },
    /// Stopped on request.
    Cancelled,
}

impl RunState {
    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded { .. } | Self::Failed { .. } | Self::Cancelled)
    }

    /// The end that a fault brings.
    pub(super) fn failed(fault: &dyn Fault) -> Self {
        Self::Failed { kind: fault.kind(), reason: fault.reason().to_owned(), message: fault.public() }
    }

    /// The end of a run whose process, of the kind `owner`, ended first.
    pub(super) fn interrupted(owner: Owner) -> Self {
        let message = match owner {
            Owner::Server => "the server stopped before the training was done: submit it again",
            Owner::Command => "the command that trained ended before the training was done: train again",
        };
        Self::Failed { kind: FaultKind::Unavailable, reason: "INTERRUPTED".to_owned(), message: message.to_owned() }
    }
}

/// One training run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Its name.
    pub name: RunName,
    /// What it learns from.
    pub dataset: DatasetName,
    /// The version of it that it was submitted with; none for customers that no import brought, and from earlier releases.
    pub dataset_version: Option<DatasetVersionName>,
    /// Where it is.
    pub state: RunState,
    /// When it was submitted.
    pub created: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The caller's id for the request.
    pub request_id: String,
}

/// A wish to train.
#[derive(Clone, Debug)]
pub struct Submit {
    /// The model to add a version to.
    pub model: ModelName,
    /// What to learn from.
    pub dataset: DatasetRef,
    /// Whether the dataset may be missing: then there are no customers. Only hypotheses make a model of none.
    pub dataset_optional: bool,
    /// How.
    pub spec: TrainingSpec,
    /// At most this long.
    pub time_limit: Option<Duration>,
    /// For repeats.
    pub request: RequestKey,
}
