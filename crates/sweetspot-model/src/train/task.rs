//! One model to be fitted to some rows: the attributes alone, then with pairs.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use ndarray::Array1;
use sweetspot_solver::{
    AdditiveLogistic, Design, Fitted, Precision, Settings, Start, TermCodes, row_derivatives, row_sums, slot_sums,
};

use super::fitted::{Alone, FittedModel};
use super::layout::Layout;
use super::pairs::{Pair, screen};
use super::sample::Sample;
use super::{Progress, TrainError};

/// Newton steps after which something is wrong; a fit takes about fifteen.
const MAX_ITERATIONS: u32 = 200;
/// Most pairs that are tried in one model.
const MOST_PAIRS: usize = 16;

/// Some rows of a sample.
pub(super) struct Rows {
    /// Base, attributes, beliefs.
    pub(super) design: Design,
    /// 0 or 1.
    pub(super) labels: Vec<f64>,
    /// Case weights; rows of weight zero take no part.
    pub(super) weights: Vec<f64>,
}

impl Rows {
    /// The rows whose weight is above zero.
    pub(super) fn taking_part(sample: &Sample, weights: &[f64]) -> Self {
        let rows = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0).map(|(row, _)| row);
        let rows: Vec<usize> = rows.collect();
        let design = if rows.len() == sample.design.rows { sample.design.clone() } else { sample.design.rows(&rows) };
        let some = |values: &[f64]| rows.iter().filter_map(|row| values.get(*row).copied()).collect();
        Self { design, labels: some(&sample.labels), weights: some(weights) }
    }

    /// Every `step`-th of these rows.
    pub(super) fn every(&self, step: usize) -> Self {
        let some = |values: &[f64]| values.iter().copied().step_by(step).collect();
        Self { design: self.design.every(step), labels: some(&self.labels), weights: some(&self.weights) }
    }
}

/// A model to be fitted to some rows.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) sample: &'a Sample,
    /// Of the base, the attributes and the beliefs.
    pub(super) layout: &'a Layout,
    pub(super) rows: &'a Rows,
    pub(super) progress: &'a dyn Progress,
}

impl Task<'_> {
    /// A rough fit with every pair that looks promising.
    pub(super) fn draft(&self, near: Option<&FittedModel>) -> Result<FittedModel, TrainError> {
        let alone = near.map_or_else(|| self.alone(), |near| Ok(near.alone.clone()))?;
        let pairs = self.candidates(&alone);
        let start = near.map_or_else(|| alone.start.clone(), |near| near.attributes(self.sample));
        let start = self.start(&pairs, start, near);
        self.solve_with(pairs, start, Precision::Rough, alone)
    }

    /// A rough fit without any pair.
    fn alone(&self) -> Result<Alone, TrainError> {
        // Few customers need not tell a base rate to start from.
        let start = self.sample.is_few().then(|| self.layout.at_priors());
        let Fitted { parameters, strengths, effects, .. } =
            self.solve(&self.rows.design, self.layout, start, Precision::Rough)?;
        Ok(Alone { start: Start { parameters, strengths }, effects })
    }

    /// Where to start with these pairs: each at where it ended in another model, or at nothing.
    pub(super) fn start(&self, pairs: &[Pair], mut start: Start, near: Option<&FittedModel>) -> Start {
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

    /// The fit with these pairs. `alone` is passed on.
    pub(super) fn solve_with(
        &self,
        pairs: Vec<Pair>,
        start: Start,
        precision: Precision,
        alone: Alone,
    ) -> Result<FittedModel, TrainError> {
        let codes: Vec<TermCodes> = pairs.iter().filter_map(|pair| pair.encode(&self.rows.design)).collect();
        let design = self.rows.design.with(codes);
        let layout = self.layout.with(pairs.iter().map(Pair::cells));
        let fitted = self.solve(&design, &layout, Some(start), precision)?;
        Ok(FittedModel { pairs, design, layout, fitted, alone })
    }

    /// Fits these terms and no others.
    pub(super) fn solve(
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
        let weights: Array1<f32> = self.rows.weights.iter().map(|weight| *weight as f32).collect();
        let dataset = DatasetBase::new(design, Array1::from(self.rows.labels.clone())).with_weights(weights);
        Ok(estimator.fit(&dataset)?)
    }

    /// Pairs that look promising by what the attributes alone leave unexplained.
    fn candidates(&self, alone: &Alone) -> Vec<Pair> {
        let Rows { design, labels, weights } = self.rows;
        let derivatives = row_derivatives(labels, weights, &row_sums(design, &alone.effects));
        // All customers are counted, so that each fold cuts the same groups.
        let counts = slot_sums(&self.sample.design, &self.sample.weights);
        screen(design, &self.sample.layout.blocks, &counts, (&derivatives.0, &derivatives.1), MOST_PAIRS)
    }
}
