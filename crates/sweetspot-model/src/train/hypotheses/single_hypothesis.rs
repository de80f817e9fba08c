//! The model in which the coefficient of one hypothesis is the only one of its attribute.

use sweetspot_solver::{Design, Prior, WarmStart};

use super::super::fitted_model::FittedModel;
use super::super::parameter_layout::ParameterLayout;
use super::super::training_sample::Sample;
use super::prior_conflict::WEAK_PRIOR_PRECISION;

/// A reduced model to be fitted.
pub(super) struct SingleHypothesisModel {
    /// Everything but the attribute's own slots and interactions.
    pub(super) design: Design,
    /// Its parameters; the hypothesis has the weak prior instead of its own.
    pub(super) layout: ParameterLayout,
    /// The starting point, from the full model.
    pub(super) start: WarmStart,
    /// The index of the term of hypotheses.
    pub(super) term: usize,
    /// The index of the hypothesis's slot among all slots.
    pub(super) slot: usize,
}

impl SingleHypothesisModel {
    /// The reduced model of a hypothesis, by its index among the hypotheses.
    pub(super) fn new(sample: &Sample, model: &FittedModel, hypothesis_index: usize) -> Option<Self> {
        let attribute = sample.hypothesis_set.conditions.get(hypothesis_index)?.attribute();
        let feature = sample.features.iter().position(|feature| feature.attribute == attribute);
        // The base is the first term of a design, followed by attributes, hypotheses and interactions.
        let term_count = 1 + sample.features.len();
        let pairs = model.interactions.iter().map(|pair| feature != Some(pair.first) && feature != Some(pair.second));
        let others = (0..=term_count).map(|term| feature.is_none_or(|feature| term != 1 + feature));
        let included: Vec<bool> = others.chain(pairs).collect();
        let term = included.iter().take(term_count).filter(|included| **included).count();
        let mut question = Self::from_terms(model, &included);
        let prior = question.layout.blocks.get_mut(term)?.priors.get_mut(hypothesis_index)?;
        *prior = Prior { mean: 0.0, precision: WEAK_PRIOR_PRECISION, ..*prior };
        let slot = question.design.offsets().get(term)? + hypothesis_index;
        Some(Self { term, slot, ..question })
    }

    /// The reduced model with the terms of `model` that are marked in `included`.
    fn from_terms(model: &FittedModel, included: &[bool]) -> Self {
        let FittedModel { design, layout, solution: fitted, .. } = model;
        let (mut blocks, mut terms, mut parameters) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = fitted.parameters.as_slice();
        for ((block, codes), included) in layout.blocks.iter().zip(&design.terms).zip(included) {
            let (own, others) = rest.split_at(block.parameters.min(rest.len()));
            rest = others;
            if *included {
                blocks.push(block.clone());
                terms.push(codes.clone());
                parameters.extend_from_slice(own);
            }
        }
        // Smoothing parameters keep their indices; those of removed terms are unused.
        let layout = ParameterLayout { blocks, smoothing_count: layout.smoothing_count };
        let start = WarmStart { parameters, smoothing: fitted.smoothing.clone() };
        Self { design: Design { rows: design.rows, terms }, layout, start, term: 0, slot: 0 }
    }
}
