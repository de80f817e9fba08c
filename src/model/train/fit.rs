//! One fit: the attributes alone, then with the pairs that are worth having.

use linfa::DatasetBase;
use linfa::traits::{Fit as _, PredictInplace as _};
use ndarray::Array1;

use super::beliefs::{doubted, told};
use super::layout::Layout;
use super::pairs::{Pair, screen};
use super::sample::Sample;
use super::{Progress, TrainError};
use crate::domain::Effect;
use crate::model::design::{Design, TermCodes};
use crate::model::solve::{AdditiveLogistic, Fitted, Precision, Settings, Start, row_derivatives, slot_sums};

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
    /// Base, attributes, beliefs, pairs.
    pub design: Design,
    /// Their parameters.
    pub layout: Layout,
    /// What was found.
    pub fitted: Fitted,
}

impl FittedModel {
    /// Log-odds of all rows of the sample.
    pub(crate) fn predict(&self) -> Vec<f64> {
        let mut log_odds = Array1::zeros(self.design.rows);
        self.fitted.predict_inplace(&self.design, &mut log_odds);
        log_odds.to_vec()
    }

    /// Where the attributes and beliefs ended.
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

/// Fits with case weight zero for rows that take no part. `near` is a fit on most of the same customers, to start from.
///
/// Which pairs are worth having is found on a draft: of very many customers, on some of them.
pub(super) fn fit(
    sample: &Sample,
    weights: &[f64],
    near: Option<&FittedModel>,
    progress: &dyn Progress,
) -> Result<FittedModel, TrainError> {
    let priors = sample.beliefs.priors(&sample.labels, weights);
    let layout = &sample.layout.believing(priors.clone());
    let all = Task { sample, layout, design: &sample.design, labels: &sample.labels, weights, progress };
    let step = sample.rows.len().div_ceil(DRAFT);
    let (mut model, told) = if step > 1 {
        let some = |values: &[f64]| values.iter().copied().step_by(step).collect::<Vec<f64>>();
        let (design, labels, weights) = (sample.design.every(step), some(&sample.labels), some(weights));
        Task { sample, layout, design: &design, labels: &labels, weights: &weights, progress }.draft(near)?
    } else {
        all.draft(near)?
    };
    let all = Task { layout: &doubted(layout, &priors, &told), ..all };
    loop {
        let worth = model.worth(sample);
        let kept: Vec<Pair> =
            model.pairs.iter().zip(&worth).filter(|(_, worth)| **worth).map(|(pair, _)| pair.clone()).collect();
        let start = all.start(&kept, model.attributes(sample), Some(&model));
        model = all.solve_with(kept, start, Precision::Full)?;
        if model.worth(sample).iter().all(|worth| *worth) {
            return Ok(model);
        }
    }
}

/// Some rows of a sample to be fitted.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) sample: &'a Sample,
    pub(super) layout: &'a Layout,
    pub(super) design: &'a Design,
    pub(super) labels: &'a [f64],
    pub(super) weights: &'a [f64],
    pub(super) progress: &'a dyn Progress,
}

impl Task<'_> {
    /// A rough fit with every pair that looks promising, and what the customers say of each belief.
    fn draft(&self, near: Option<&FittedModel>) -> Result<(FittedModel, Vec<Option<Effect>>), TrainError> {
        let start = near.map(|near| near.attributes(self.sample));
        // Few customers need not tell a base rate to start from.
        let start = start.or_else(|| self.sample.is_few().then(|| self.layout.at_priors()));
        let alone = self.solve(self.design, self.layout, start, Precision::Rough)?;
        let pairs = self.candidates(&alone);
        let start = Start { parameters: alone.parameters, strengths: alone.strengths };
        let start = self.start(&pairs, start, near);
        let model = self.solve_with(pairs, start, Precision::Rough)?;
        let told = told(self, &model, Precision::Rough);
        Ok((model, told))
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

    fn solve_with(&self, pairs: Vec<Pair>, start: Start, precision: Precision) -> Result<FittedModel, TrainError> {
        let codes: Vec<TermCodes> = pairs.iter().filter_map(|pair| pair.encode(self.design)).collect();
        let design = self.design.with(codes);
        let layout = self.layout.with(pairs.iter().map(Pair::cells));
        let fitted = self.solve(&design, &layout, Some(start), precision)?;
        Ok(FittedModel { pairs, design, layout, fitted })
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
        let weights: Array1<f32> = self.weights.iter().map(|weight| *weight as f32).collect();
        let dataset = DatasetBase::new(design, Array1::from(self.labels.to_vec())).with_weights(weights);
        Ok(estimator.fit(&dataset)?)
    }

    fn candidates(&self, alone: &Fitted) -> Vec<Pair> {
        let mut log_odds = Array1::zeros(self.design.rows);
        alone.predict_inplace(self.design, &mut log_odds);
        let derivatives = row_derivatives(self.labels, self.weights, log_odds.as_slice().unwrap_or_default());
        let Sample { layout, design, weights, .. } = self.sample;
        // All customers are counted, so that each fold cuts the same groups.
        let counts = slot_sums(design, weights);
        screen(self.design, &layout.blocks, &counts, (&derivatives.0, &derivatives.1), MOST_PAIRS)
    }
}

#[cfg(test)]
mod tests;
