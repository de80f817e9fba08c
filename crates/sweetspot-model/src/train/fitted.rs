//! What a fit leaves behind.

use linfa::traits::PredictInplace as _;
use ndarray::Array1;
use sweetspot_solver::{Design, Fitted, Start};

use super::layout::Layout;
use super::pairs::Pair;
use super::sample::Sample;

/// What a pair must add to the evidence, in nats: a Bayes factor of twenty, which is called strong (Kass and Raftery 1995, J. Am.
/// Stat. Assoc. 90:773).
const WORTH_IT: f64 = 3.0;

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
    pub(super) fn worth(&self, sample: &Sample) -> Vec<bool> {
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
