//! Hypotheses as stored: the prior, the estimate from the customers, and the effect in the model.

use sweetspot_core::{Effect, Hypothesis, Matcher};
use sweetspot_solver::{TermSlots, Tolerance};

use super::super::NoProgress;
use super::super::fit_task::{FitRows, FitTask};
use super::super::fitted_model::FittedModel;
use super::super::hypotheses::data_estimates;
use super::super::training_sample::Sample;
use super::slot_builder::SlotBuilder;
use crate::stored;
use crate::stored_condition::stored_condition;

/// The hypotheses of a model, by id; `term` is their term in the design.
pub(super) fn stored_hypotheses(
    parts: &SlotBuilder<'_>,
    sample: &Sample,
    model: &FittedModel,
    term: usize,
) -> Vec<stored::Hypothesis> {
    let hypothesis_set = &sample.hypothesis_set;
    if hypothesis_set.is_empty() {
        return Vec::new();
    }
    let rows = FitRows::from_weights(sample, &sample.weights);
    let task = FitTask { sample, layout: &sample.layout, rows: &rows, progress: &NoProgress };
    let estimates = data_estimates(&task, model, Tolerance::Final);
    let hypotheses = hypothesis_set
        .hypotheses
        .iter()
        .zip(&hypothesis_set.conditions)
        .zip(parts.hypothesis_slots(term))
        .zip(estimates)
        .enumerate();
    let stored_hypothesis =
        |(number, (((hypothesis, matcher), slot), estimates)): (usize, (((&Hypothesis, &Matcher), _), _))| {
            stored::Hypothesis {
                customers_by_slot: customers_by_slot(sample, term, number, matcher),
                ..stored_hypothesis(hypothesis, matcher, slot, estimates)
            }
        };
    hypotheses.map(stored_hypothesis).collect()
}

/// The customers for whom a hypothesis holds, in each slot of its attribute; empty if the attribute is a list or has no
/// term.
fn customers_by_slot(sample: &Sample, term: usize, number: usize, matcher: &Matcher) -> Vec<u64> {
    let place = sample.features.iter().position(|feature| feature.attribute == matcher.attribute());
    let terms = &sample.design.terms;
    // The base is the first term of a design.
    let encoded_term = place
        .and_then(|place| terms.get(place + 1))
        .filter(|encoded_term| matches!(encoded_term.codes, TermSlots::One(_)));
    let Some((encoded_term, holding)) = encoded_term.zip(terms.get(term)) else { return Vec::new() };
    let mut customers = vec![0; encoded_term.slots];
    for row in (0..sample.design.rows).filter(|row| holding.codes.row(*row).contains(&(number as u16))) {
        for slot in encoded_term.codes.row(row) {
            customers.get_mut(usize::from(*slot)).into_iter().for_each(|count| *count += sample.counts.get(row));
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
