//! Training, from customers to a model: label, encode, fit, evaluate out of fold, assemble.

mod active_exclusion_rules;
mod assemble;
mod calibrate;
mod conditional_frequencies;
mod deal_date_warnings;
mod duplicates;
mod error;
mod fit;
mod fit_task;
mod fitted_model;
#[cfg(test)]
mod fixtures;
mod folds;
mod groups;
mod hypotheses;
mod interactions;
mod leaks;
mod leave_values_out;
mod mean_customer_values;
mod monotonicity;
mod out_of_fold;
mod parameter_layout;
mod repeats;
mod row_classes;
mod row_counts;
mod segments;
mod temporal_holdout;
mod tier_cuts;
mod training_sample;
mod training_spec;

use std::fmt;

use sweetspot_core::{Customers, Digest};

pub use self::error::TrainError;
use self::fit::fit;
use self::fitted_model::FittedModel;
use self::out_of_fold::OutOfFoldEvaluation;
pub use self::segments::{EarlierSegment, EarlierSegments};
use self::training_sample::Sample;
pub use self::training_spec::TrainingSpec;
use super::ModelArtifact;

/// Reports the progress of training, and cancels it.
pub trait Progress: fmt::Debug + Send + Sync {
    /// Called when a stage begins. `done` is the share of the work before it, in `[0, 1]`.
    fn stage(&self, stage: &'static str, done: f64);

    /// Whether training should stop.
    fn is_cancelled(&self) -> bool;
}

/// Ignores progress and never cancels.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn stage(&self, _stage: &'static str, _done: f64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Trains a model. `data` identifies the customers in the artifact. Runs on the threads of the current rayon pool.
///
/// # Errors
/// If no model can be learned from the customers, or training is cancelled.
pub fn train(
    spec: &TrainingSpec,
    customers: &Customers,
    data: Digest,
    progress: &dyn Progress,
) -> Result<ModelArtifact, TrainError> {
    let stage = |name, done| {
        progress.stage(name, done);
        if progress.is_cancelled() { Err(TrainError::Cancelled) } else { Ok(()) }
    };
    stage("label", 0.0)?;
    let labels = spec.label_policy.label(customers)?;
    stage("encode", 0.05)?;
    let sample = Sample::new(spec, customers, labels)?;
    stage("fit", 0.1)?;
    let model = fit(&sample, &sample.weights, None, progress)?;
    stage("evaluate", 0.35)?;
    let tested = if sample.is_few() {
        OutOfFoldEvaluation::empty()
    } else {
        evaluate_out_of_fold(spec, &sample, &model, progress)?
    };
    stage("assemble", 0.95)?;
    assemble::assemble_artifact(spec, customers, data, &sample, &model, &tested)
}

/// Checks everything that [`train`] checks before it fits.
///
/// # Errors
/// If no model can be learned from the customers.
pub fn check(spec: &TrainingSpec, customers: &Customers) -> Result<(), TrainError> {
    let labels = spec.label_policy.label(customers)?;
    Sample::new(spec, customers, labels).map(|_| ())
}

fn evaluate_out_of_fold(
    spec: &TrainingSpec,
    sample: &Sample,
    model: &FittedModel,
    progress: &dyn Progress,
) -> Result<OutOfFoldEvaluation, TrainError> {
    let (tested, (newest, values_out)) = rayon::join(
        || out_of_fold::evaluate_folds(sample, model, spec.seed, progress),
        || {
            let newest = || temporal_holdout::fit_temporal_holdout(sample, model, progress);
            rayon::join(newest, || leave_values_out::fit_without_values(sample, model, progress))
        },
    );
    let mut tested = tested?;
    tested.temporal_holdout = newest?.map(|newest| newest.evaluation(sample, &tested));
    tested.evaluation.leave_values_out = values_out?.and_then(|unseen| unseen.comparison(sample, &tested));
    Ok(tested)
}
