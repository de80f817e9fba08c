//! Hypotheses as stored: the prior, the estimate from the customers, and the effect in the model.

use sweetspot_core::{Effect, Hypothesis, Matcher};
use sweetspot_solver::{TermSlots, Tolerance};

use super::super::NoProgress;
use super::super::fitted_model::FittedModel;
use super::super::hypotheses::data_estimates;
use super::super::sample::Sample;
use super::super::task::{FitRows, FitTask};
use super::slot_builder::SlotBuilder;
use crate::condition::stored_condition;
use crate::stored;

/// The hypotheses of a model, by id; `term` is their term in the design.
pub(super) fn stored_hypotheses(
    parts: &SlotBuilder<'_>,
    sample: &Sample,
    model: &FittedModel,
    term: usize,
) -> Vec<stored::Hypothesis> {
    let beliefs = &sample.hypothesis_set;
    if beliefs.is_empty() {
        return Vec::new();
    }
    let rows = FitRows::from_weights(sample, &sample.weights);
    let task = FitTask { sample, layout: &sample.layout, rows: &rows, progress: &NoProgress };
    let told = data_estimates(&task, model, Tolerance::Final);
    let hypotheses =
        beliefs.hypotheses.iter().zip(&beliefs.conditions).zip(parts.hypothesis_slots(term)).zip(told).enumerate();
    let kept = |(number, (((hypothesis, belief), slot), told)): (usize, (((&Hypothesis, &Matcher), _), _))| {
        stored::Hypothesis {
            customers_by_slot: customers_by_slot(sample, term, number, belief),
            ..stored_hypothesis(hypothesis, belief, slot, told)
        }
    };
    hypotheses.map(kept).collect()
}

/// The customers for whom a hypothesis holds, in each slot of its attribute; empty if the attribute is a list or has no
/// term.
fn customers_by_slot(sample: &Sample, term: usize, number: usize, belief: &Matcher) -> Vec<u64> {
    let place = sample.features.iter().position(|feature| feature.attribute == belief.attribute());
    let terms = &sample.design.terms;
    // The base is the first term of a design.
    let of = place.and_then(|place| terms.get(place + 1)).filter(|of| matches!(of.codes, TermSlots::One(_)));
    let Some((of, holding)) = of.zip(terms.get(term)) else { return Vec::new() };
    let mut customers = vec![0; of.slots];
    for row in (0..sample.design.rows).filter(|row| holding.codes.row(*row).contains(&(number as u16))) {
        for slot in of.codes.row(row) {
            customers.get_mut(usize::from(*slot)).into_iter().for_each(|count| *count += 1);
        }
    }
    customers
}

fn stored_hypothesis(
    hypothesis: &Hypothesis,
    when: &Matcher,
    slot: stored::Slot,
    estimate: Option<Effect>,
) -> stored::Hypothesis {
    stored::Hypothesis {
        when: Some(stored_condition(&when.condition, when.kind())),
        slot: Some(slot),
        customers_say: estimate.map(|Effect { log_odds, standard_error }| stored::Effect { log_odds, standard_error }),
        // A model contains only hypotheses that applied when it was trained.
        expires: None,
        ..hypothesis.clone().into()
    }
}
