//! One fit: the attributes alone, then with the pairs that are worth having.

use sweetspot_core::Effect;
use sweetspot_solver::Precision;

use super::beliefs::{doubted, told};
use super::fitted::FittedModel;
use super::pairs::Pair;
use super::sample::Sample;
use super::task::{Rows, Task};
use super::{Progress, TrainError};

/// Most customers of a draft.
const DRAFT: usize = 100_000;

/// Fits with case weight zero for rows that take no part. `near` is a fit on most of the same customers: where to start from, and
/// what the attributes alone say when promising pairs are looked for. Which of these are worth having, and every strength, is
/// found from the rows that take part; as such a fit only serves to predict the others, it is not driven to the last digit.
///
/// Which pairs are worth having is found on a draft: of very many customers, on some of them.
pub(super) fn fit(
    sample: &Sample,
    weights: &[f64],
    near: Option<&FittedModel>,
    progress: &dyn Progress,
) -> Result<FittedModel, TrainError> {
    let precision = if near.is_some() { Precision::Enough } else { Precision::Full };
    let rows = Rows::taking_part(sample, weights);
    let priors = sample.beliefs.priors(&sample.labels, weights);
    let layout = &sample.layout.believing(priors.clone());
    let all = Task { sample, layout, rows: &rows, progress };
    let (mut model, told) = match rows.labels.len().div_ceil(DRAFT) {
        0 | 1 => draft(&all, near)?,
        step => draft(&Task { rows: &rows.every(step), ..all }, near)?,
    };
    let all = Task { layout: &doubted(layout, &priors, &told), ..all };
    loop {
        let worth = model.worth(sample);
        let kept: Vec<Pair> =
            model.pairs.iter().zip(&worth).filter(|(_, worth)| **worth).map(|(pair, _)| pair.clone()).collect();
        let start = all.start(&kept, model.attributes(sample), Some(&model));
        model = all.solve_with(kept, start, precision, model.alone)?;
        if model.worth(sample).iter().all(|worth| *worth) {
            return Ok(model);
        }
    }
}

/// A rough model, and what the customers say of each belief beside it.
fn draft(task: &Task<'_>, near: Option<&FittedModel>) -> Result<(FittedModel, Vec<Option<Effect>>), TrainError> {
    let model = task.draft(near)?;
    let told = told(task, &model, Precision::Rough);
    Ok((model, told))
}

#[cfg(test)]
mod tests;
