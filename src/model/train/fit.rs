//! One fit: the attributes alone, then with the pairs that are worth having.

use linfa::traits::PredictInplace as _;
use ndarray::Array1;

use super::beliefs::doubted;
use super::layout::Layout;
use super::pairs::Pair;
use super::sample::Sample;
use super::task::{Rows, Task};
use super::{Progress, TrainError};
use crate::model::design::Design;
use crate::model::solve::{Fitted, Precision, Start};

/// Most customers of a draft.
const DRAFT: usize = 100_000;
/// What a pair must add to the evidence, in nats.
const WORTH_IT: f64 = 1.0;

/// A fitted model.
#[derive(Debug)]
pub(super) struct FittedModel {
    /// The pairs in it.
    pub pairs: Vec<Pair>,
    /// The rows that it was fitted to: base, attributes, beliefs, pairs.
    pub design: Design,
    /// Their parameters.
    pub layout: Layout,
    /// What was found.
    pub fitted: Fitted,
    /// Where the attributes stood without any pair.
    pub alone: Alone,
}

/// A rough fit of the attributes alone: what it leaves unexplained tells which pairs look promising.
#[derive(Clone, Debug)]
pub(super) struct Alone {
    /// Parameters and strengths.
    pub start: Start,
    /// One a slot of the sample's design.
    pub effects: Vec<f64>,
}

impl FittedModel {
    /// Log-odds of all rows of the sample.
    pub(crate) fn predict(&self, sample: &Sample) -> Vec<f64> {
        let design = sample.design.with(self.pairs.iter().filter_map(|pair| pair.encode(&sample.design)));
        let mut log_odds = Array1::zeros(design.rows);
        self.fitted.predict_inplace(&design, &mut log_odds);
        log_odds.to_vec()
    }

    /// Where the attributes and beliefs ended.
    pub(super) fn attributes(&self, sample: &Sample) -> Start {
        let parameters = sample.layout.parameters();
        Start {
            parameters: self.fitted.parameters.iter().copied().take(parameters).collect(),
            strengths: self.fitted.strengths.iter().copied().take(sample.layout.strengths).collect(),
        }
    }

    /// Whether each pair is worth having.
    fn worth(&self, sample: &Sample) -> Vec<bool> {
        let evidence = self.fitted.evidence.iter().skip(sample.design.terms.len());
        evidence.map(|evidence| evidence.is_some_and(|gain| gain > WORTH_IT)).collect()
    }

    /// Where a pair ended, if it is in the model: its cells and its strength.
    pub(super) fn pair(&self, sample: &Sample, of: &Pair) -> Option<(&[f64], f64)> {
        let index = self.pairs.iter().position(|pair| pair == of)?;
        let before: usize = self.pairs.iter().take(index).map(Pair::cells).sum();
        let start = sample.layout.parameters() + before;
        let cells = self.fitted.parameters.get(start..start + of.cells())?;
        Some((cells, *self.fitted.strengths.get(sample.layout.strengths + index)?))
    }
}

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
        0 | 1 => all.draft(near)?,
        step => Task { rows: &rows.every(step), ..all }.draft(near)?,
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

#[cfg(test)]
mod tests;
