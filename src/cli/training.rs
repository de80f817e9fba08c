//! A training run, from the request to the version it makes.

use sweetspot_core::{Gate, Hypothesis, LabelPolicy};
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{ModelVersion, TrainModelRequest, TrainingConfig, TrainingRun, WaitTrainingRunRequest};
use uuid::Uuid;

use super::client::{Client, request};
use super::context::Context;
use super::exit::CliError;
use super::names::short;
use super::refusal::Refusal;
use super::versions;
use super::wire::{wire_hypothesis, wire_policy};
use super::wire_gate::wire_gate;

/// How long one question for a run waits, in seconds: short enough for a bar that moves.
const WAIT_SECONDS: i64 = 1;

/// How to train.
#[derive(Clone, Debug, Default)]
pub(crate) struct Training {
    /// Which customers are ideal.
    pub(crate) policy: LabelPolicy,
    /// Seed of everything random.
    pub(crate) seed: u64,
    /// Attributes to leave out.
    pub(crate) excluded: Vec<String>,
    /// Attributes to keep though they seem to give the outcome away.
    pub(crate) allowed: Vec<String>,
    /// Attributes of which more never lowers the fit.
    pub(crate) increasing: Vec<String>,
    /// Attributes of which more never raises the fit.
    pub(crate) decreasing: Vec<String>,
    /// What is believed.
    pub(crate) hypotheses: Vec<Hypothesis>,
    /// Who is out of the pond, or asks for a second look.
    pub(crate) gates: Vec<Gate>,
    /// The rate of ideal customers to start from where they are too few to tell.
    pub(crate) assumed_ideal_rate: Option<f64>,
    /// Whether rows with equal values are different customers.
    pub(crate) independent_rows: bool,
    /// Whether what the model's definition holds takes no part.
    pub(crate) ignore_definition: bool,
    /// Full name of the dataset version to train on, in place of the one that the dataset of the context holds.
    pub(crate) dataset_version: Option<String>,
    /// Whether the dataset of the context is meant, or whatever there is, be it nothing. Only hypotheses make do with nothing.
    pub(crate) any_dataset: bool,
}

/// Trains on the dataset of the context, waits, and reads the version.
///
/// # Errors
/// A refusal, or a run that ends without a version.
pub(crate) async fn train(
    client: &mut Client,
    context: &Context,
    training: Training,
) -> Result<ModelVersion, CliError> {
    let answer = client.models.train_model(request(message(context, training, false))).await;
    let run = client.answer(answer)?.run.ok_or_else(no_run)?;
    let run = wait(client, context, &run.name).await?;
    let name = run.model_version;
    let version = context.names.version(&name)?;
    versions::get(client, &version).await
}

/// Refuses what a training would refuse before it fits anything; gives the name of what would be trained on.
///
/// # Errors
/// A refusal.
pub(crate) async fn validate(client: &mut Client, context: &Context, training: Training) -> Result<String, CliError> {
    let answer = client.models.train_model(request(message(context, training, true))).await;
    let TrainingRun { dataset, dataset_version, .. } = client.answer(answer)?.run.ok_or_else(no_run)?;
    Ok(if dataset_version.is_empty() { dataset } else { dataset_version })
}

fn message(context: &Context, training: Training, validate_only: bool) -> TrainModelRequest {
    let config = TrainingConfig {
        seed: training.seed,
        label_policy: Some(wire_policy(&training.policy)),
        time_limit: None,
        excluded_attributes: training.excluded,
        hypotheses: training.hypotheses.into_iter().map(wire_hypothesis).collect(),
        gates: training.gates.into_iter().map(wire_gate).collect(),
        allowed_attributes: training.allowed,
        increasing_attributes: training.increasing,
        decreasing_attributes: training.decreasing,
        assumed_ideal_rate: training.assumed_ideal_rate,
        independent_rows: training.independent_rows,
        ignore_definition: training.ignore_definition,
    };
    TrainModelRequest {
        model: context.names.model.to_string(),
        dataset: if training.any_dataset {
            String::new()
        } else {
            training.dataset_version.unwrap_or_else(|| context.names.dataset.to_string())
        },
        config: Some(config),
        validate_only,
        request_id: Uuid::new_v4().to_string(),
    }
}

/// Waits for the end of a run and tells its progress.
async fn wait(client: &mut Client, context: &Context, name: &str) -> Result<TrainingRun, CliError> {
    let bar = context.out.progress(Some(1000), "training");
    loop {
        let timeout = Some(prost_types::Duration { seconds: WAIT_SECONDS, nanos: 0 });
        let message = WaitTrainingRunRequest { name: name.to_owned(), timeout };
        let answer = client.models.wait_training_run(request(message)).await;
        let run = client.answer(answer)?.run.ok_or_else(no_run)?;
        bar.set_position((run.progress.clamp(0.0, 1.0) * 1000.0) as u64);
        bar.set_message(if run.stage.is_empty() { "training".to_owned() } else { run.stage.clone() });
        match run.state() {
            State::Unspecified | State::Queued | State::Running => (),
            State::Succeeded => {
                bar.finish_and_clear();
                return Ok(run);
            }
            State::Failed => {
                bar.finish_and_clear();
                let error = run.error.unwrap_or_default();
                return Err(CliError::Refused(Refusal::from_run(&error)));
            }
            State::Cancelled => {
                bar.finish_and_clear();
                return Err(CliError::Failed(format!("training run {} was cancelled: train again", short(name))));
            }
        }
    }
}

fn no_run() -> CliError {
    CliError::Failed("the server's response has no training run: check that the server has the same release".to_owned())
}
