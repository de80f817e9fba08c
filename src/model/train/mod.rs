//! From customers to a model: label, encode, fit, evaluate out of fold, assemble.

mod assemble;
mod calibrate;
mod error;
mod estimator;
mod folds;
mod leaks;
mod newton;
mod objective;
mod out_of_fold;
mod penalty;
mod sample;
mod tiers;

use std::fmt;

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use ndarray::Array1;

use self::estimator::{AdditiveLogistic, Fitted, Settings, Start};
use self::penalty::penalties;
use self::sample::Sample;
use super::ModelArtifact;
use crate::domain::{Customers, Digest, LabelPolicy};

pub use self::error::TrainError;
pub(crate) use self::objective::{probability, softplus};

/// Newton steps after which something is wrong; a fit takes about fifteen.
const MAX_ITERATIONS: u32 = 200;
/// Largest gradient component of a converged fit, relative to the sum of case weights.
const TOLERANCE: f64 = 1e-7;

/// What to train.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingSpec {
    /// Which question the fit answers.
    pub label_policy: LabelPolicy,
    /// Attributes to leave out.
    pub excluded_attributes: Vec<String>,
    /// Attributes to keep though they seem to give the outcome away.
    pub allowed_attributes: Vec<String>,
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
    let fitted = fit(&sample, &sample.weights, None, progress)?;
    stage("evaluate", 0.35)?;
    let tested = out_of_fold::evaluate(&sample, &fitted, spec.seed, progress)?;
    stage("assemble", 0.95)?;
    assemble::artifact(spec, customers, data, &sample, &fitted, &tested)
}

/// One fit, with case weight zero for rows that take no part.
fn fit(sample: &Sample, weights: &[f64], start: Option<Start>, progress: &dyn Progress) -> Result<Fitted, TrainError> {
    let stop = || progress.cancelled();
    let estimator = AdditiveLogistic(Settings {
        penalties: penalties(&sample.features),
        start,
        max_iterations: MAX_ITERATIONS,
        tolerance: TOLERANCE,
        stop: &stop,
    });
    let weights: Array1<f32> = weights.iter().map(|weight| *weight as f32).collect();
    let dataset = DatasetBase::new(&sample.design, Array1::from(sample.labels.clone())).with_weights(weights);
    Ok(estimator.fit(&dataset)?)
}
