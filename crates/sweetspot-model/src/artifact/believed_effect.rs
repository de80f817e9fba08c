//! What hypotheses add to the values of the attributes that they are about.

use std::collections::BTreeMap;

use sweetspot_core::{Matcher, Test, ValueRef};

use crate::condition::{OTHER_LEVEL, from_stored};
use crate::encoder::{Encoder, Feature};
use crate::stored;

/// A hypothesis about an attribute: what it adds to each of the attribute's slots.
#[derive(Debug)]
pub(super) struct BelievedEffect<'a> {
    /// What the hypothesis adds where it holds.
    pub(super) slot: &'a stored::Slot,
    /// For each slot of the attribute, the share of its customers for whom the hypothesis holds, in `[0, 1]`.
    holds: Vec<f64>,
    /// The share of all customers for whom it holds; 0 for lists, whose slots are not measured against the average customer.
    average: f64,
}

impl BelievedEffect<'_> {
    /// The part of the hypothesis's slot that some slots have against the average customer; `shares` are those of the slots.
    pub(super) fn part(&self, shares: &BTreeMap<usize, f64>) -> f64 {
        let of = |(slot, share): (&usize, &f64)| share * (self.holds.get(*slot).unwrap_or(&0.0) - self.average);
        shares.iter().map(of).sum()
    }
}

/// What is believed of the values of an attribute, in the model's order.
pub(super) fn believed_effects<'a>(
    term: &stored::Term,
    hypotheses: &'a [stored::Hypothesis],
) -> Vec<BelievedEffect<'a>> {
    let encoder = term.encoder.as_ref();
    let Some(feature) = encoder.and_then(|encoder| Feature::from_stored(&term.attribute, encoder)) else {
        return Vec::new();
    };
    hypotheses.iter().filter_map(|one| believed_effect(term, &feature, one)).collect()
}

fn believed_effect<'a>(
    term: &stored::Term,
    feature: &Feature,
    hypothesis: &'a stored::Hypothesis,
) -> Option<BelievedEffect<'a>> {
    let when = hypothesis.when.as_ref().filter(|when| when.attribute == term.attribute)?;
    let belief = from_stored(Some(when))?.of_kind(Some(feature.kind()));
    let slot = hypothesis.slot.as_ref()?;
    let counts = Some(&hypothesis.customers_by_slot).filter(|counts| counts.len() == term.slots.len());
    let share = |(number, slot): (usize, &stored::Slot)| match counts.and_then(|counts| counts.get(number)) {
        Some(count) if slot.customers > 0 => *count as f64 / slot.customers as f64,
        Some(_) | None => f64::from(u8::from(holds(&belief, feature, number))),
    };
    let holds: Vec<f64> = term.slots.iter().enumerate().map(share).collect();
    let average = if feature.is_list() { 0.0 } else { average(&term.slots, &holds) };
    Some(BelievedEffect { slot, holds, average })
}

/// The mean of these shares over the slots' customers.
fn average(slots: &[stored::Slot], shares: &[f64]) -> f64 {
    let all: u64 = slots.iter().map(|slot| slot.customers).sum();
    let sum: f64 = slots.iter().zip(shares).map(|(slot, share)| slot.customers as f64 * share).sum();
    sum / all.max(1) as f64
}

/// Whether a belief holds for a value of the slot. Of a list, only a belief about the item itself says something of its slot.
fn holds(belief: &Matcher, feature: &Feature, slot: usize) -> bool {
    if slot == feature.missing() {
        return belief.holds(None);
    }
    let example = feature.example(slot);
    match (&feature.encoder, &example) {
        (Encoder::List(_), Some(item)) => {
            matches!(belief.condition.test, Test::AnyOf(_)) && belief.holds(Some(&item.as_ref()))
        }
        (Encoder::List(_), None) => false,
        (_, Some(value)) => belief.holds(Some(&value.as_ref())),
        (_, None) => belief.holds(Some(&ValueRef::Text(OTHER_LEVEL))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{artifact, hypothesis};
    use crate::stored::condition::Test;

    fn about(attribute: &str, test: Test) -> stored::Hypothesis {
        let when = stored::Condition { attribute: attribute.to_owned(), kind: 0, test: Some(test) };
        stored::Hypothesis { when: Some(when), ..hypothesis() }
    }

    fn parts(attribute: usize, hypothesis: stored::Hypothesis) -> Vec<f64> {
        let (kept, beliefs) = (artifact().0, [hypothesis]);
        let term = &kept.terms[attribute];
        let found = believed_effects(term, &beliefs);
        let alone = |slot: usize| found.iter().map(|one| one.part(&[(slot, 1.0)].into())).sum();
        (0..term.slots.len()).map(alone).collect()
    }

    #[test]
    fn a_belief_moves_the_values_for_which_it_holds_against_the_average() {
        // The city's slots have 20, 10, 10 and 0 customers; the belief is about the first two.
        assert_eq!(parts(1, hypothesis()), [0.25, 0.25, -0.75, -0.75]);
        let counted = stored::Hypothesis { customers_by_slot: vec![20, 0, 5, 0], ..hypothesis() };
        assert_eq!(parts(1, counted), [0.375, -0.625, -0.125, -0.625]);
        let many = Test::Range(stored::Range { gte: Some(10.0), lt: None });
        assert_eq!(parts(0, about("employees", many)), [-0.5, 0.5, 0.5, -0.5]);
        assert_eq!(parts(2, about("remote", Test::Flag(true))), [-0.25, 0.75, -0.25]);
        assert_eq!(parts(1, about("city", Test::Present(false))), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(parts(0, hypothesis()), [0.0; 4], "it is about another attribute");
    }

    #[test]
    fn of_a_list_a_belief_is_about_items_alone() {
        let any_of = Test::AnyOf(stored::Texts { values: vec!["sap".to_owned()] });
        assert_eq!(parts(3, about("tools", any_of)), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(parts(3, about("tools", Test::Present(true))), [0.0; 4]);
    }
}
