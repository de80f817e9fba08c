//! From customers to a model: label, encode, fit, evaluate out of fold, assemble.

mod assemble;
mod beliefs;
mod calibrate;
mod deal_dates;
mod directions;
mod error;
mod fit;
mod fitted;
mod folds;
mod frequencies;
mod gates;
mod groups;
mod layout;
mod leaks;
#[cfg(test)]
mod made_up;
mod newest;
mod out_of_fold;
mod pairs;
mod repeats;
mod sample;
mod segments;
mod task;
mod tiers;
mod twins;
mod values;
mod values_out;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use sweetspot_core::{Customers, Digest, Direction, Gate, Hypothesis, LabelPolicy};

pub use self::error::TrainError;
use self::fit::fit;
use self::fitted::FittedModel;
use self::out_of_fold::Tested;
use self::sample::Sample;
use super::ModelArtifact;

/// What to train.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingSpec {
    /// Which question the fit answers.
    pub label_policy: LabelPolicy,
    /// Attributes to leave out.
    pub excluded_attributes: Vec<String>,
    /// Attributes to keep though they seem to give the outcome away.
    pub allowed_attributes: Vec<String>,
    /// Numbers and dates that may move the fit one way only, by name.
    pub directions: BTreeMap<String, Direction>,
    /// What is believed; in any order.
    pub hypotheses: Vec<Hypothesis>,
    /// Rules that people set; at most [`sweetspot_core::MOST_GATES`]. They say who is out of the pond, and leave the fit alone.
    pub gates: Vec<Gate>,
    /// What was left out before training began, one sentence each: the model's first warnings.
    pub left_out: Vec<String>,
    /// The time at which hypotheses and gates must not have expired; nothing: none expires.
    pub as_of: Option<Timestamp>,
    /// The rate of ideal customers to start from where they are too few to tell, in (0, 1); 0.2 unless told. Only hypotheses
    /// make so few do.
    pub assumed_ideal_rate: Option<f64>,
    /// Whether rows are independent of each other: none are taken for one account unless a group says so.
    pub independent_rows: bool,
    /// Decides the evaluation folds.
    pub seed: u64,
}

/// How training tells where it is, and learns that it should stop.
pub trait Progress: fmt::Debug + Send + Sync {
    /// A stage begins. `done` is the share of all work before it, in `[0, 1]`.
    fn stage(&self, stage: &'static str, done: f64);

    /// Whether to stop.
    fn cancelled(&self) -> bool;
}

/// Nobody watches, nobody stops it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unattended;

impl Progress for Unattended {
    fn stage(&self, _stage: &'static str, _done: f64) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Trains a model. `data` names the customers in the artifact. Threads are those of the rayon pool it runs in.
///
/// # Errors
/// Where the customers carry no model, or training is told to stop.
pub fn train(
    spec: &TrainingSpec,
    customers: &Customers,
    data: Digest,
    progress: &dyn Progress,
) -> Result<ModelArtifact, TrainError> {
    let stage = |name, done| {
        progress.stage(name, done);
        if progress.cancelled() { Err(TrainError::Cancelled) } else { Ok(()) }
    };
    stage("label", 0.0)?;
    let labels = spec.label_policy.label(customers)?;
    stage("encode", 0.05)?;
    let sample = Sample::new(spec, customers, labels)?;
    stage("fit", 0.1)?;
    let model = fit(&sample, &sample.weights, None, progress)?;
    stage("evaluate", 0.35)?;
    let tested = if sample.is_few() { Tested::not_at_all() } else { test(spec, &sample, &model, progress)? };
    stage("assemble", 0.95)?;
    assemble::artifact(spec, customers, data, &sample, &model, &tested)
}

/// Whether these customers can be trained on: refuses all that [`train`] refuses before it fits anything.
///
/// # Errors
/// Where the customers carry no model.
pub fn check(spec: &TrainingSpec, customers: &Customers) -> Result<(), TrainError> {
    let labels = spec.label_policy.label(customers)?;
    Sample::new(spec, customers, labels).map(|_| ())
}

fn test(
    spec: &TrainingSpec,
    sample: &Sample,
    model: &FittedModel,
    progress: &dyn Progress,
) -> Result<Tested, TrainError> {
    let (tested, (newest, values_out)) = rayon::join(
        || out_of_fold::evaluate(sample, model, spec.seed, progress),
        || {
            let newest = || newest::fit_to_older(sample, model, progress);
            rayon::join(newest, || values_out::fit_without_values(sample, model, progress))
        },
    );
    let mut tested = tested?;
    tested.newest = newest?.map(|newest| newest.evaluation(sample, &tested));
    tested.evaluation.leave_values_out = values_out?.and_then(|unseen| unseen.compared(sample, &tested));
    Ok(tested)
}
