//! Hypotheses as they are kept: what was believed, what the customers say, what the model makes of it.

use sweetspot_core::{Effect, Hypothesis, Matcher};
use sweetspot_solver::{Codes, Precision};

use super::super::Unattended;
use super::super::beliefs::told;
use super::super::fitted::FittedModel;
use super::super::sample::Sample;
use super::super::task::{Rows, Task};
use super::parts::Parts;
use crate::condition::to_stored;
use crate::stored;

/// The hypotheses of a model, by id; `term` is theirs in the design.
pub(super) fn hypotheses(
    parts: &Parts<'_>,
    sample: &Sample,
    model: &FittedModel,
    term: usize,
) -> Vec<stored::Hypothesis> {
    let beliefs = &sample.beliefs;
    if beliefs.is_empty() {
        return Vec::new();
    }
    let rows = Rows::taking_part(sample, &sample.weights);
    let task = Task { sample, layout: &sample.layout, rows: &rows, progress: &Unattended };
    let told = told(&task, model, Precision::Full);
    let hypotheses = beliefs.hypotheses.iter().zip(&beliefs.conditions).zip(parts.beliefs(term)).zip(told).enumerate();
    let kept = |(number, (((hypothesis, belief), slot), told)): (usize, (((&Hypothesis, &Matcher), _), _))| {
        stored::Hypothesis {
            customers_by_slot: customers_by_slot(sample, term, number, belief),
            ..stored_hypothesis(hypothesis, belief, slot, told)
        }
    };
    hypotheses.map(kept).collect()
}

/// The customers for whom a hypothesis holds, in each slot of its attribute; nothing where that is a list, or no term's.
fn customers_by_slot(sample: &Sample, term: usize, number: usize, belief: &Matcher) -> Vec<u64> {
    let place = sample.features.iter().position(|feature| feature.attribute == belief.attribute());
    let terms = &sample.design.terms;
    // The base is the first term of a design.
    let of = place.and_then(|place| terms.get(place + 1)).filter(|of| matches!(of.codes, Codes::One(_)));
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
    told: Option<Effect>,
) -> stored::Hypothesis {
    let Hypothesis { id, statement, when: _, odds_ratio, confidence_customers, author, expires: _ } = hypothesis;
    stored::Hypothesis {
        id: id.clone(),
        statement: statement.clone(),
        author: author.clone(),
        when: Some(to_stored(&when.condition, when.kind())),
        odds_ratio: *odds_ratio,
        confidence_customers: *confidence_customers,
        slot: Some(slot),
        customers_say: told.map(|Effect { log_odds, standard_error }| stored::Effect { log_odds, standard_error }),
        customers_by_slot: Vec::new(),
    }
}
