//! Records of runs and requests for them.

use std::time::Duration;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{DatasetName, DatasetRef, DatasetVersionName, ModelName, ModelVersionName, RunName};
use sweetspot_model::TrainingSpec;

use crate::annotations::Annotations;
use crate::registry::RequestKey;

/// The maximum length of an error message in bytes: the stored row must stay small.
const MAX_MESSAGE_BYTES: usize = 440;

/// The kind of process that admits runs. A queued run remains for the next server if a server admitted it; if a command
/// admitted it, it ends with the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmittingProcess {
    /// `sweetspot serve`, which is expected to be restarted.
    Server,
    /// A command that opens the store itself and exits when its work is done.
    Command,
}

/// The state of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunState {
    /// Waiting for the worker.
    Queued,
    /// Being trained.
    Running {
        /// The current step.
        stage: String,
        /// The share of the work that is done, in `[0, 1]`.
        progress: f64,
    },
    /// Ended with a published version.
    Succeeded {
        /// The published version.
        version: ModelVersionName,
    },
    /// Ended without a version.
    Failed {
        /// The kind of the error.
        kind: ErrorKind,
        /// The reason in `UPPER_SNAKE`; `INTERRUPTED` if the process ended before the run.
        reason: String,
        /// The public error message.
        message: String,
    },
    /// Cancelled by a caller.
    Cancelled,
}

impl RunState {
    /// Whether the state is final.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded { .. } | Self::Failed { .. } | Self::Cancelled)
    }

    /// The final state after an error.
    pub(super) fn failed(fault: &dyn ReportableError) -> Self {
        let (mut message, reason) = (fault.public(), fault.reason().to_owned());
        let end = (0..=MAX_MESSAGE_BYTES).rev().find(|end| message.is_char_boundary(*end));
        message.truncate(end.unwrap_or(0));
        Self::Failed { kind: fault.kind(), reason, message }
    }

    /// The final state of a run whose process, of the kind `owner`, ended before it.
    pub(super) fn interrupted(owner: SubmittingProcess) -> Self {
        let message = match owner {
            SubmittingProcess::Server => "the server stopped before the training was done: submit it again",
            SubmittingProcess::Command => "the command that trained ended before the training was done: train again",
        };
        Self::Failed { kind: ErrorKind::Unavailable, reason: "INTERRUPTED".to_owned(), message: message.to_owned() }
    }
}

/// One training run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// The name of the run.
    pub name: RunName,
    /// The training dataset.
    pub dataset: DatasetName,
    /// The dataset version at submission. `None` if the customers were not imported, or for runs of earlier releases.
    pub dataset_version: Option<DatasetVersionName>,
    /// The state.
    pub state: RunState,
    /// The time of submission.
    pub created: Timestamp,
    /// The time when it ended. `None` until then.
    pub ended: Option<Timestamp>,
    /// The request id of the caller.
    pub request_id: String,
    /// What the request wrote on the run; the published version begins with it.
    pub annotations: Annotations,
}

/// The options of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOptions {
    /// The training options, with the entries of the definition that applied.
    pub spec: TrainingSpec,
    /// The maximum duration of the training.
    pub time_limit: Option<Duration>,
}

/// A request to train a model.
#[derive(Clone, Debug)]
pub struct TrainingRequest {
    /// The model that gets a new version.
    pub model: ModelName,
    /// The training data.
    pub dataset: DatasetRef,
    /// Whether the dataset may be missing. The model is then made from hypotheses alone.
    pub dataset_optional: bool,
    /// The training options.
    pub spec: TrainingSpec,
    /// The maximum duration of the training.
    pub time_limit: Option<Duration>,
    /// What to write on the run and its version.
    pub annotations: Annotations,
    /// The key that identifies repeated requests.
    pub request: RequestKey,
}
