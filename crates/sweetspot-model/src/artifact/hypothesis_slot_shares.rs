//! The effects of hypotheses on the values of their attributes.

use std::collections::BTreeMap;

use sweetspot_core::{Matcher, Test, ValueRef};

use crate::encoder::{Feature, FeatureEncoder};
use crate::stored;
use crate::stored_condition::{OTHER_LEVEL, matcher_from_stored};

/// A hypothesis about an attribute, and the share of each of the attribute's slots that matches it.
#[derive(Debug)]
pub(super) struct HypothesisSlotShares<'a> {
    /// What the hypothesis adds if its condition holds.
    pub(super) slot: &'a stored::Slot,
    /// For each slot of the attribute, the share of its customers that match the hypothesis, in `[0, 1]`.
    holds_by_slot: Vec<f64>,
    /// The share of all customers that match; 0 for lists, whose slots are not relative to the average customer.
    average_share: f64,
}

impl HypothesisSlotShares<'_> {
    /// The share of customers that match in these slots, minus the average share; `shares` are the weights of the
    /// slots.
    pub(super) fn relative_share(&self, shares: &BTreeMap<usize, f64>) -> f64 {
        let slot_effect = |(slot, share): (&usize, &f64)| {
            share * (self.holds_by_slot.get(*slot).unwrap_or(&0.0) - self.average_share)
        };
        shares.iter().map(slot_effect).sum()
    }
}

/// The hypotheses about an attribute, in the model's order.
pub(super) fn hypothesis_effects<'a>(
    term: &stored::Term,
    hypotheses: &'a [stored::Hypothesis],
) -> Vec<HypothesisSlotShares<'a>> {
    let encoder = term.encoder.as_ref();
    let Some(feature) = encoder.and_then(|encoder| Feature::from_stored(&term.attribute, encoder)) else {
        return Vec::new();
    };
    hypotheses.iter().filter_map(|hypothesis| hypothesis_effect(term, &feature, hypothesis)).collect()
}

fn hypothesis_effect<'a>(
    term: &stored::Term,
    feature: &Feature,
    hypothesis: &'a stored::Hypothesis,
) -> Option<HypothesisSlotShares<'a>> {
    let when = hypothesis.when.as_ref().filter(|when| when.attribute == term.attribute)?;
    let matcher = matcher_from_stored(Some(when))?.with_kind(Some(feature.kind()));
    let slot = hypothesis.slot.as_ref()?;
    let counts = Some(&hypothesis.customers_by_slot).filter(|counts| counts.len() == term.slots.len());
    let share = |(number, slot): (usize, &stored::Slot)| match counts.and_then(|counts| counts.get(number)) {
        Some(count) if slot.customers > 0 => *count as f64 / slot.customers as f64,
        Some(_) | None => f64::from(u8::from(holds_for_slot(&matcher, feature, number))),
    };
    let holds: Vec<f64> = term.slots.iter().enumerate().map(share).collect();
    let average = if feature.is_list() { 0.0 } else { mean_share(&term.slots, &holds) };
    Some(HypothesisSlotShares { slot, holds_by_slot: holds, average_share: average })
}

/// The mean of `shares` over the slots' customers.
fn mean_share(slots: &[stored::Slot], shares: &[f64]) -> f64 {
    let all: u64 = slots.iter().map(|slot| slot.customers).sum();
    let sum: f64 = slots.iter().zip(shares).map(|(slot, share)| slot.customers as f64 * share).sum();
    sum / all.max(1) as f64
}

/// Whether a hypothesis matches the slot's value. For a list, only hypotheses about the item itself apply to its slot.
fn holds_for_slot(matcher: &Matcher, feature: &Feature, slot: usize) -> bool {
    if slot == feature.missing_slot() {
        return matcher.holds(None);
    }
    let example = feature.example(slot);
    match (&feature.encoder, &example) {
        (FeatureEncoder::List(_), Some(item)) => {
            matches!(matcher.condition.test, Test::AnyOf(_)) && matcher.holds(Some(&item.as_ref()))
        }
        (FeatureEncoder::List(_), None) => false,
        (_, Some(value)) => matcher.holds(Some(&value.as_ref())),
        (_, None) => matcher.holds(Some(&ValueRef::Text(OTHER_LEVEL))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{artifact, hypothesis};
    use crate::stored::condition::Test;

    fn stored_hypothesis(attribute: &str, test: Test) -> stored::Hypothesis {
        let when = stored::Condition { attribute: attribute.to_owned(), kind: 0, test: Some(test) };
        stored::Hypothesis { when: Some(when), ..hypothesis() }
    }

    fn relative_shares(attribute: usize, hypothesis: stored::Hypothesis) -> Vec<f64> {
        let (kept, beliefs) = (artifact().0, [hypothesis]);
        let term = &kept.terms[attribute];
        let found = hypothesis_effects(term, &beliefs);
        let alone = |slot: usize| found.iter().map(|one| one.relative_share(&[(slot, 1.0)].into())).sum();
        (0..term.slots.len()).map(alone).collect()
    }

    #[test]
    fn a_hypothesis_moves_matching_values_against_the_average() {
        // The city's slots have 20, 10, 10 and 0 customers; the hypothesis matches the first two.
        assert_eq!(relative_shares(1, hypothesis()), [0.25, 0.25, -0.75, -0.75]);
        let counted = stored::Hypothesis { customers_by_slot: vec![20, 0, 5, 0], ..hypothesis() };
        assert_eq!(relative_shares(1, counted), [0.375, -0.625, -0.125, -0.625]);
        let many = Test::Range(stored::Range { gte: Some(10.0), lt: None });
        assert_eq!(relative_shares(0, stored_hypothesis("employees", many)), [-0.5, 0.5, 0.5, -0.5]);
        assert_eq!(relative_shares(2, stored_hypothesis("remote", Test::Flag(true))), [-0.25, 0.75, -0.25]);
        assert_eq!(relative_shares(1, stored_hypothesis("city", Test::Present(false))), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(relative_shares(0, hypothesis()), [0.0; 4], "it is about another attribute");
    }

    #[test]
    fn a_hypothesis_on_a_list_affects_only_the_named_items() {
        let any_of = Test::AnyOf(stored::Texts { values: vec!["sap".to_owned()] });
        assert_eq!(relative_shares(3, stored_hypothesis("tools", any_of)), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(relative_shares(3, stored_hypothesis("tools", Test::Present(true))), [0.0; 4]);
    }
}
