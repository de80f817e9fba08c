//! What the customers say of each belief, all else equal, and how much of a contradicted belief is left.

use rayon::prelude::*;

use super::super::fit::FittedModel;
use super::super::layout::Layout;
use super::super::sample::Sample;
use super::shift::{Case, shift};
use crate::domain::Effect;
use crate::model::solve::Prior;

/// What the customers say of each belief: by how much the log-odds of those for whom it holds differ from those of the others.
///
/// The rest of the model is taken for granted: everything but the belief itself, its attribute's own slots, and pairs of that
/// attribute. Nothing is said where the belief holds for nobody or for everybody. Rows of weight zero take no part.
pub(in crate::model::train) fn told(
    sample: &Sample,
    model: &FittedModel,
    labels: &[f64],
    weights: &[f64],
) -> Vec<Option<Effect>> {
    let log_odds = if sample.beliefs.is_empty() { Vec::new() } else { model.predict() };
    let of = |belief: usize| {
        let about = about(sample, model, belief)?;
        let (mut holding, mut others) = (Vec::new(), Vec::new());
        for (row, ((label, weight), log_odds)) in labels.iter().zip(weights).zip(&log_odds).enumerate() {
            let (holds, own) = about.own(row);
            let case = Case { label: *label, weight: *weight, expected: log_odds - own };
            if *weight > 0.0 {
                if holds { &mut holding } else { &mut others }.push(case);
            }
        }
        let ((holding, a), (others, b)) = (shift(&holding)?, shift(&others)?);
        Some(Effect { log_odds: holding - others, standard_error: (1.0 / a + 1.0 / b).sqrt() })
    };
    (0..sample.beliefs.len()).into_par_iter().map(of).collect()
}

/// The layout with beliefs that the customers contradict held less firmly.
///
/// What is left of the precision is the one that makes the customers' answer most likely, 1 / ((m − m₀)² − v), where that is
/// less: the empirical power prior (Gravestock and Held 2017, Pharm. Stat. 16:349) as an answer to prior-data conflict (Evans
/// and Moshonov 2006, Bayesian Anal. 1:893).
pub(in crate::model::train) fn doubted(layout: &Layout, priors: &[Prior], told: &[Option<Effect>]) -> Layout {
    let doubted = |(prior, told): (&Prior, &Option<Effect>)| {
        let excess = told.map_or(0.0, |told| (told.log_odds - prior.mean).powi(2) - told.standard_error.powi(2));
        let precision = if excess > 0.0 { prior.precision.min(1.0 / excess) } else { prior.precision };
        Prior { precision, ..*prior }
    };
    layout.believing(priors.iter().zip(told).map(doubted).collect())
}

/// The terms that speak of a belief's attribute.
struct About<'a> {
    model: &'a FittedModel,
    /// The beliefs' term, and the slot of this one.
    belief: (usize, usize),
    terms: Vec<usize>,
    offsets: Vec<usize>,
}

fn about<'a>(sample: &Sample, model: &'a FittedModel, belief: usize) -> Option<About<'a>> {
    let attribute = sample.beliefs.conditions.get(belief)?.attribute();
    let feature = sample.features.iter().position(|feature| feature.attribute == attribute);
    // The base is the first term of a design, then come attributes, then beliefs, then pairs.
    let beliefs = 1 + sample.features.len();
    let pairs = model.pairs.iter().enumerate();
    let with = pairs.filter(|(_, pair)| feature == Some(pair.first) || feature == Some(pair.second));
    let terms = feature.map(|feature| 1 + feature).into_iter().chain(with.map(|(index, _)| beliefs + 1 + index));
    Some(About { model, belief: (beliefs, belief), terms: terms.collect(), offsets: model.design.offsets() })
}

impl About<'_> {
    /// Whether the belief holds for a row, and what all that speaks of its attribute adds to the row's log-odds.
    fn own(&self, row: usize) -> (bool, f64) {
        let (term, slot) = self.belief;
        let holds = self.slots(term, row).contains(&(slot as u16));
        let own = if holds { self.effect(term, slot) } else { 0.0 };
        let others = self.terms.iter().flat_map(|term| self.slots(*term, row).iter().map(move |slot| (*term, *slot)));
        (holds, own + others.map(|(term, slot)| self.effect(term, usize::from(slot))).sum::<f64>())
    }

    fn slots(&self, term: usize, row: usize) -> &[u16] {
        self.model.design.terms.get(term).map(|term| term.codes.row(row)).unwrap_or_default()
    }

    fn effect(&self, term: usize, slot: usize) -> f64 {
        let offset = self.offsets.get(term).copied().unwrap_or(0);
        self.model.fitted.effects.get(offset + slot).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests;
