//! Hypotheses as they are kept: what was believed, what the customers say, what the model makes of it.

use super::super::Unattended;
use super::super::beliefs::told;
use super::super::fitted::FittedModel;
use super::super::sample::Sample;
use super::super::task::{Rows, Task};
use super::parts::Parts;
use crate::domain::{Effect, Hypothesis};
use crate::generated::stored;
use crate::model::belief::Belief;
use crate::model::solve::Precision;

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
    let hypotheses = beliefs.hypotheses.iter().zip(&beliefs.conditions).zip(parts.beliefs(term)).zip(told);
    hypotheses.map(|(((hypothesis, belief), slot), told)| stored_hypothesis(hypothesis, belief, slot, told)).collect()
}

fn stored_hypothesis(
    hypothesis: &Hypothesis,
    belief: &Belief,
    slot: stored::Slot,
    told: Option<Effect>,
) -> stored::Hypothesis {
    let Hypothesis { id, statement, when: _, odds_ratio, confidence_customers, author, expires: _ } = hypothesis;
    stored::Hypothesis {
        id: id.clone(),
        statement: statement.clone(),
        author: author.clone(),
        when: Some(belief.to_stored()),
        odds_ratio: *odds_ratio,
        confidence_customers: *confidence_customers,
        slot: Some(slot),
        customers_say: told.map(|Effect { log_odds, standard_error }| stored::Effect { log_odds, standard_error }),
    }
}
