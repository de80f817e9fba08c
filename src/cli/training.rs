//! A training run, from the request to the version.

use std::collections::BTreeMap;

use sweetspot_core::{ExclusionRule, Hypothesis, LabelPolicy};
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{ModelVersion, TrainModelRequest, TrainingConfig, TrainingRun, WaitTrainingRunRequest};
use uuid::Uuid;

use super::client::{Client, request};
use super::context::Context;
use super::exit::CliError;
use super::names::short_name;
use super::server_error::ServerError;
use super::version_lookup;
use crate::messages::entries::{wire_exclusion_rule, wire_hypothesis};
use crate::messages::training::wire_policy;

/// The maximum wait of one request for a run, in seconds: short enough for a progress bar that moves.
const WAIT_SECONDS: i64 = 1;

/// The options of a training.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct TrainingOptions {
    /// Which customers are ideal.
    pub(crate) policy: LabelPolicy,
    /// The random seed.
    pub(crate) seed: u64,
    /// The attributes to exclude.
    pub(crate) excluded: Vec<String>,
    /// The attributes to include although they seem to give the outcome away.
    pub(crate) allowed: Vec<String>,
    /// The attributes of which more never lowers the score.
    pub(crate) increasing: Vec<String>,
    /// The attributes of which more never raises the score.
    pub(crate) decreasing: Vec<String>,
    /// The hypotheses.
    pub(crate) hypotheses: Vec<Hypothesis>,
    /// The exclusion rules.
    pub(crate) exclusion_rules: Vec<ExclusionRule>,
    /// The rate of ideal customers to assume if there are too few to estimate it.
    pub(crate) assumed_ideal_rate: Option<f64>,
    /// Whether rows with equal values are different customers.
    pub(crate) independent_rows: bool,
    /// Whether to ignore the entries of the model's definition.
    pub(crate) ignore_definition: bool,
    /// The full name of the dataset version to train on; `None` for the current version of the context's dataset.
    pub(crate) dataset_version: Option<String>,
    /// The labels of the version.
    pub(crate) labels: BTreeMap<String, String>,
    /// The description of the version.
    pub(crate) description: String,
    /// The owner of the version.
    pub(crate) owner: String,
    /// Whether to send no dataset: with hypotheses, none needs to exist.
    pub(crate) any_dataset: bool,
    /// Whether the import before the training may contain contact data of people.
    pub(crate) allow_contact_data: bool,
}

/// Trains on the dataset of the context, waits, and reads the version.
///
/// # Errors
/// Returns an error if the server refuses, or if the run ends without a version.
pub(crate) async fn train(
    client: &mut Client,
    context: &Context,
    training: TrainingOptions,
) -> Result<ModelVersion, CliError> {
    let answer = client.models.train_model(request(message(context, training, false))).await;
    let run = client.response(answer)?.run.ok_or_else(no_run)?;
    let run = wait_for_run(client, context, &run.name).await?;
    let name = run.model_version;
    let version = context.names.version(&name)?;
    version_lookup::get(client, &version).await
}

/// Validates a training without fitting; returns the name of the data that it would use.
///
/// # Errors
/// Returns an error if the server refuses.
pub(crate) async fn validate(
    client: &mut Client,
    context: &Context,
    training: TrainingOptions,
) -> Result<String, CliError> {
    let answer = client.models.train_model(request(message(context, training, true))).await;
    let TrainingRun { dataset, dataset_version, .. } = client.response(answer)?.run.ok_or_else(no_run)?;
    Ok(if dataset_version.is_empty() { dataset } else { dataset_version })
}

fn message(context: &Context, training: TrainingOptions, validate_only: bool) -> TrainModelRequest {
    let config = TrainingConfig {
        seed: training.seed,
        label_policy: Some(wire_policy(&training.policy)),
        time_limit: None,
        excluded_attributes: training.excluded,
        hypotheses: training.hypotheses.into_iter().map(wire_hypothesis).collect(),
        exclusion_rules: training.exclusion_rules.into_iter().map(wire_exclusion_rule).collect(),
        allowed_attributes: training.allowed,
        increasing_attributes: training.increasing,
        decreasing_attributes: training.decreasing,
        assumed_ideal_rate: training.assumed_ideal_rate,
        independent_rows: training.independent_rows,
        ignore_definition: training.ignore_definition,
        segments_from: None,
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
        labels: training.labels.into_iter().collect(),
        description: training.description,
        owner: training.owner,
    }
}

/// Waits for the end of a run and shows its progress.
async fn wait_for_run(client: &mut Client, context: &Context, name: &str) -> Result<TrainingRun, CliError> {
    let bar = context.out.progress(Some(1000), "training");
    loop {
        let timeout = Some(prost_types::Duration { seconds: WAIT_SECONDS, nanos: 0 });
        let message = WaitTrainingRunRequest { name: name.to_owned(), timeout };
        let answer = client.models.wait_training_run(request(message)).await;
        let run = client.response(answer)?.run.ok_or_else(no_run)?;
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
                return Err(CliError::Refused(ServerError::from_run_error(&error)));
            }
            State::Cancelled => {
                bar.finish_and_clear();
                return Err(CliError::Failed(format!("training run {} was cancelled: train again", short_name(name))));
            }
        }
    }
}

fn no_run() -> CliError {
    CliError::Failed("the server's response has no training run: check that the server has the same release".to_owned())
}
