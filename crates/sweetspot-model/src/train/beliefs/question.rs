//! The model in which one belief's coefficient is all that speaks of its attribute.

use sweetspot_solver::{Design, Prior, Start};

use super::super::fitted::FittedModel;
use super::super::layout::Layout;
use super::super::sample::Sample;
use super::told::OPEN_MIND;

/// A smaller model to be fitted.
pub(super) struct Question {
    /// Everything but the attribute's own slots and its pairs.
    pub(super) design: Design,
    /// Their parameters; the belief's own prior is open.
    pub(super) layout: Layout,
    /// Where the model ended.
    pub(super) start: Start,
    /// The beliefs' term.
    pub(super) term: usize,
    /// The belief's slot among all slots.
    pub(super) slot: usize,
}

impl Question {
    /// Of a belief, by its place among the beliefs.
    pub(super) fn new(sample: &Sample, model: &FittedModel, belief: usize) -> Option<Self> {
        let attribute = sample.beliefs.conditions.get(belief)?.attribute();
        let feature = sample.features.iter().position(|feature| feature.attribute == attribute);
        // The base is the first term of a design, then come attributes, then beliefs, then pairs.
        let beliefs = 1 + sample.features.len();
        let pairs = model.pairs.iter().map(|pair| feature != Some(pair.first) && feature != Some(pair.second));
        let others = (0..=beliefs).map(|term| feature.is_none_or(|feature| term != 1 + feature));
        let kept: Vec<bool> = others.chain(pairs).collect();
        let term = kept.iter().take(beliefs).filter(|kept| **kept).count();
        let mut question = Self::of(model, &kept);
        let prior = question.layout.blocks.get_mut(term)?.priors.get_mut(belief)?;
        *prior = Prior { mean: 0.0, precision: OPEN_MIND, ..*prior };
        let slot = question.design.offsets().get(term)? + belief;
        Some(Self { term, slot, ..question })
    }

    /// Those terms of a model that are kept.
    fn of(model: &FittedModel, kept: &[bool]) -> Self {
        let FittedModel { design, layout, fitted, .. } = model;
        let (mut blocks, mut terms, mut parameters) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = fitted.parameters.as_slice();
        for ((block, codes), kept) in layout.blocks.iter().zip(&design.terms).zip(kept) {
            let (own, others) = rest.split_at(block.parameters.min(rest.len()));
            rest = others;
            if *kept {
                blocks.push(block.clone());
                terms.push(codes.clone());
                parameters.extend_from_slice(own);
            }
        }
        // Strengths keep their places; those of what is left out have nothing to do.
        let layout = Layout { blocks, strengths: layout.strengths };
        let start = Start { parameters, strengths: fitted.strengths.clone() };
        Self { design: Design { rows: design.rows, terms }, layout, start, term: 0, slot: 0 }
    }
}
