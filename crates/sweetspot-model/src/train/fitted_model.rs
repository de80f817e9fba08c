//! The result of a fit.

use linfa::traits::PredictInplace as _;
use ndarray::Array1;
use sweetspot_solver::{Design, FittedLogistic, WarmStart};

use super::interactions::Interaction;
use super::parameter_layout::ParameterLayout;
use super::training_sample::Sample;

/// The minimum evidence for an interaction, in nats: a Bayes factor of twenty, which is called strong (Kass and Raftery
/// 1995, J. Am. Stat. Assoc. 90:773).
const MIN_EVIDENCE: f64 = 3.0;

/// A fitted model.
#[derive(Debug)]
pub(super) struct FittedModel {
    /// The interactions in the model.
    pub interactions: Vec<Interaction>,
    /// The rows that it was fitted to, which may be merged: base, attributes, hypotheses, interactions.
    pub design: Design,
    /// The number of customers of each of these rows.
    pub row_counts: Vec<f64>,
    /// The parameters of the design.
    pub layout: ParameterLayout,
    /// The fitted coefficients and smoothing parameters.
    pub solution: FittedLogistic,
    /// The rough fit without interactions.
    pub main_effects: MainEffectsFit,
}

/// A rough fit of the attributes alone: its residuals show which interactions are promising.
#[derive(Clone, Debug)]
pub(super) struct MainEffectsFit {
    /// Coefficients and smoothing parameters.
    pub start: WarmStart,
    /// The effect of each slot of the sample's design.
    pub effects: Vec<f64>,
}

impl FittedModel {
    /// The terms of the model for all rows of the sample.
    pub(super) fn sample_design(&self, sample: &Sample) -> Design {
        sample.design.with_terms(self.interactions.iter().filter_map(|pair| pair.encode_rows(&sample.design)))
    }

    /// The log-odds of all rows of the sample.
    pub(crate) fn predict(&self, sample: &Sample) -> Vec<f64> {
        let design = self.sample_design(sample);
        let mut log_odds = Array1::zeros(design.rows);
        self.solution.predict_inplace(&design, &mut log_odds);
        log_odds.to_vec()
    }

    /// The coefficients and smoothing parameters of base, attributes and hypotheses, as a starting point.
    pub(super) fn attribute_start(&self, sample: &Sample) -> WarmStart {
        let parameters = sample.layout.parameter_count();
        WarmStart {
            parameters: self.solution.parameters.iter().copied().take(parameters).collect(),
            smoothing: self.solution.smoothing.iter().copied().take(sample.layout.smoothing_count).collect(),
        }
    }

    /// Whether the evidence supports each interaction.
    pub(super) fn supported_interactions(&self, sample: &Sample) -> Vec<bool> {
        let evidence = self.solution.log_bayes_factors.iter().skip(sample.design.terms.len());
        evidence.map(|evidence| evidence.is_some_and(|gain| gain > MIN_EVIDENCE)).collect()
    }

    /// The cells and the smoothing parameter of an interaction, if it is in the model.
    pub(super) fn interaction_start(&self, sample: &Sample, interaction: &Interaction) -> Option<(&[f64], f64)> {
        let index = self.interactions.iter().position(|pair| pair == interaction)?;
        let before: usize = self.interactions.iter().take(index).map(Interaction::cell_count).sum();
        let start = sample.layout.parameter_count() + before;
        let cells = self.solution.parameters.get(start..start + interaction.cell_count())?;
        Some((cells, *self.solution.smoothing.get(sample.layout.smoothing_count + index)?))
    }
}
