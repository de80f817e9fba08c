//! One fit: the attributes alone, then with the pairs that are worth having.

use linfa::DatasetBase;
use linfa::traits::{Fit as _, PredictInplace as _};
use ndarray::Array1;

use super::layout::Layout;
use super::pairs::{Pair, screen};
use super::sample::Sample;
use super::{Progress, TrainError};
use crate::model::design::{Design, TermCodes};
use crate::model::solve::{AdditiveLogistic, Fitted, Precision, Settings, Start, row_derivatives, row_sums, slot_sums};

/// Newton steps after which something is wrong; a fit takes about fifteen.
const MAX_ITERATIONS: u32 = 200;
/// Most customers of a draft.
const DRAFT: usize = 100_000;
/// Most pairs that are tried in one model.
const MOST_PAIRS: usize = 16;
/// What a pair must add to the evidence, in nats.
const WORTH_IT: f64 = 1.0;

/// A fitted model.
#[derive(Debug)]
pub(super) struct FittedModel {
    /// The pairs in it.
    pub pairs: Vec<Pair>,
    /// The rows that it was fitted to: base, attributes, pairs.
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
    start: Start,
    /// One a slot of the sample's design.
    effects: Vec<f64>,
}

impl FittedModel {
    /// Log-odds of all rows of the sample.
    pub(crate) fn predict(&self, sample: &Sample) -> Vec<f64> {
        let design = sample.design.with(self.pairs.iter().filter_map(|pair| pair.encode(&sample.design)));
        let mut log_odds = Array1::zeros(design.rows);
        self.fitted.predict_inplace(&design, &mut log_odds);
        log_odds.to_vec()
    }

    /// Where the attributes ended.
    fn attributes(&self, sample: &Sample) -> Start {
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
    fn pair(&self, sample: &Sample, of: &Pair) -> Option<(&[f64], f64)> {
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
    let taking_part = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
    let rows: Vec<usize> = taking_part.map(|(row, _)| row).collect();
    let task = |rows: &[usize]| Task::new(sample, weights, rows, progress);
    let all = task(&rows);
    let mut model = match rows.len().div_ceil(DRAFT) {
        0 | 1 => all.draft(near)?,
        step => task(&rows.iter().copied().step_by(step).collect::<Vec<_>>()).draft(near)?,
    };
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

/// Some rows of a sample to be fitted.
struct Task<'a> {
    sample: &'a Sample,
    design: Design,
    labels: Vec<f64>,
    weights: Vec<f64>,
    progress: &'a dyn Progress,
}

impl<'a> Task<'a> {
    fn new(sample: &'a Sample, weights: &[f64], rows: &[usize], progress: &'a dyn Progress) -> Self {
        let some = |values: &[f64]| rows.iter().filter_map(|row| values.get(*row).copied()).collect();
        let all = rows.len() == sample.design.rows;
        let design = if all { sample.design.clone() } else { sample.design.rows(rows) };
        Self { sample, design, labels: some(&sample.labels), weights: some(weights), progress }
    }

    /// A rough fit with every pair that looks promising.
    fn draft(&self, near: Option<&FittedModel>) -> Result<FittedModel, TrainError> {
        let alone = near.map_or_else(|| self.alone(), |near| Ok(near.alone.clone()))?;
        let pairs = self.candidates(&alone);
        let start = near.map_or_else(|| alone.start.clone(), |near| near.attributes(self.sample));
        let start = self.start(&pairs, start, near);
        self.solve_with(pairs, start, Precision::Rough, alone)
    }

    fn alone(&self) -> Result<Alone, TrainError> {
        let Fitted { parameters, strengths, effects, .. } =
            self.solve(&self.design, &self.sample.layout, None, Precision::Rough)?;
        Ok(Alone { start: Start { parameters, strengths }, effects })
    }

    /// Where to start with these pairs: each at where it ended in another model, or at nothing.
    fn start(&self, pairs: &[Pair], mut start: Start, near: Option<&FittedModel>) -> Start {
        for pair in pairs {
            if let Some((cells, strength)) = near.and_then(|near| near.pair(self.sample, pair)) {
                start.parameters.extend(cells);
                start.strengths.push(strength);
            } else {
                start.parameters.extend(std::iter::repeat_n(0.0, pair.cells()));
                start.strengths.push(pair.strength);
            }
        }
        start
    }

    fn solve_with(
        &self,
        pairs: Vec<Pair>,
        start: Start,
        precision: Precision,
        alone: Alone,
    ) -> Result<FittedModel, TrainError> {
        let codes: Vec<TermCodes> = pairs.iter().filter_map(|pair| pair.encode(&self.design)).collect();
        let design = self.design.with(codes);
        let layout = self.sample.layout.with(pairs.iter().map(Pair::cells));
        let fitted = self.solve(&design, &layout, Some(start), precision)?;
        Ok(FittedModel { pairs, design, layout, fitted, alone })
    }

    fn solve(
        &self,
        design: &Design,
        layout: &Layout,
        start: Option<Start>,
        precision: Precision,
    ) -> Result<Fitted, TrainError> {
        let stop = || self.progress.cancelled();
        let estimator = AdditiveLogistic(Settings {
            blocks: &layout.blocks,
            strengths: layout.strengths,
            offset: &[],
            start,
            max_iterations: MAX_ITERATIONS,
            precision,
            stop: &stop,
        });
        let weights: Array1<f32> = self.weights.iter().map(|weight| *weight as f32).collect();
        let dataset = DatasetBase::new(design, Array1::from(self.labels.clone())).with_weights(weights);
        Ok(estimator.fit(&dataset)?)
    }

    fn candidates(&self, alone: &Alone) -> Vec<Pair> {
        let derivatives = row_derivatives(&self.labels, &self.weights, &row_sums(&self.design, &alone.effects));
        let Sample { layout, design, weights, .. } = self.sample;
        // All customers are counted, so that each fold cuts the same groups.
        let counts = slot_sums(design, weights);
        screen(&self.design, &layout.blocks, &counts, (&derivatives.0, &derivatives.1), MOST_PAIRS)
    }
}

#[cfg(test)]
mod tests;
