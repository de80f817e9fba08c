//! One fit: the attributes alone, then with the interactions that the evidence supports.

use sweetspot_core::Effect;
use sweetspot_solver::Tolerance;

use super::fit_task::{FitRows, FitTask};
use super::fitted_model::FittedModel;
use super::hypotheses::{data_estimates, discount_priors};
use super::interactions::Interaction;
use super::training_sample::Sample;
use super::{Progress, TrainError};

/// The maximum number of customers of a draft. With more, equal rows are merged.
pub(super) const MAX_DRAFT_CUSTOMERS: u64 = 100_000;

/// Fits a model; rows with case weight zero do not take part. `warm_model` is a fit on most of the same customers:
/// it provides the starting point and the main effects from which interactions are screened. Supported interactions and
/// all smoothing parameters are found from the rows that take part. As such a fit only serves to predict the other
/// rows, it is not iterated to full precision.
///
/// Supported interactions are found on a draft: with very many customers, on a part of them.
pub(super) fn fit(
    sample: &Sample,
    weights: &[f64],
    warm_model: Option<&FittedModel>,
    progress: &dyn Progress,
) -> Result<FittedModel, TrainError> {
    let precision = if warm_model.is_some() { Tolerance::CrossValidation } else { Tolerance::Final };
    let rows = FitRows::from_weights(sample, weights);
    let priors = sample.hypothesis_set.priors(&sample.labels, weights);
    let layout = &sample.layout.with_priors(priors.clone());
    let all = FitTask { sample, layout, rows: &rows, progress };
    let (mut model, estimates) = match rows.customers().div_ceil(MAX_DRAFT_CUSTOMERS) {
        0 | 1 => draft(&all, warm_model)?,
        // Merged rows are few enough, however many customers they stand for.
        _ if rows.labels.len() as u64 <= MAX_DRAFT_CUSTOMERS => draft(&all, warm_model)?,
        step => draft(&FitTask { rows: &rows.every_nth(step).1, ..all }, warm_model)?,
    };
    let all = FitTask { layout: &discount_priors(layout, &priors, &estimates), ..all };
    loop {
        let supported = model.supported_interactions(sample);
        let interactions: Vec<Interaction> = model
            .interactions
            .iter()
            .zip(&supported)
            .filter(|(_, supported)| **supported)
            .map(|(pair, _)| pair.clone())
            .collect();
        let start = all.warm_start(&interactions, model.attribute_start(sample), Some(&model));
        model = all.solve_with_interactions(interactions, start, precision, model.main_effects)?;
        if model.supported_interactions(sample).iter().all(|supported| *supported) {
            return Ok(model);
        }
    }
}

/// A rough model, and the customers' estimate for each hypothesis.
fn draft(
    task: &FitTask<'_>,
    warm_model: Option<&FittedModel>,
) -> Result<(FittedModel, Vec<Option<Effect>>), TrainError> {
    let model = task.fit_draft(warm_model)?;
    let estimates = data_estimates(task, &model, Tolerance::Draft);
    Ok((model, estimates))
}

#[cfg(test)]
mod tests;
