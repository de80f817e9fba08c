//! Effects of values that no customer has.
//!
//! A fit knows only the penalty of a parameter without customers, at a smoothing parameter that was loosened (see
//! `sweetspot_solver`, module `uncertainty`): a standard error of about one, even if the attribute has no effect at
//! all. These slots are therefore derived from the slots that have customers.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::{Matcher, Test};
use sweetspot_solver::{EncodedTerm, TermSlots};

use super::super::row_counts::RowCounts;
use super::slot_builder::{LOG_ODDS_STEP, round_to_step};
use super::unknown_value_effect::SlotMixture;
use crate::encoder::{Feature, FeatureEncoder};
use crate::stored;

/// The hypotheses about the values of one attribute.
pub(super) struct AttributeHypotheses<'a> {
    /// The slots of all hypotheses of the model.
    pub(super) slots: &'a [stored::Slot],
    /// The indices of the hypotheses about the attribute.
    pub(super) members: BTreeSet<u16>,
    /// The hypotheses that hold for each row; `None` if there are no hypotheses.
    pub(super) codes: Option<&'a EncodedTerm>,
}

impl<'a> AttributeHypotheses<'a> {
    /// The hypotheses about an attribute. Hypotheses about the attribute being known or missing are left out: they are
    /// about missing itself, not about a value.
    pub(super) fn for_attribute(
        feature: &Feature,
        matchers: &[Matcher],
        slots: &'a [stored::Slot],
        codes: Option<&'a EncodedTerm>,
    ) -> Self {
        let about = |matcher: &Matcher| {
            matcher.attribute() == feature.attribute && !matches!(matcher.condition.test, Test::Present(_))
        };
        let about = matchers.iter().enumerate().filter(|(_, matcher)| about(matcher));
        Self { slots, members: about.map(|(number, _)| number as u16).collect(), codes }
    }

    /// The hypotheses in `members` that hold for a row.
    fn active_numbers(&self, row: usize) -> Vec<u16> {
        let holding = self.codes.map(|codes| codes.codes.row(row)).unwrap_or_default();
        holding.iter().copied().filter(|number| self.members.contains(number)).collect()
    }
}

/// The slots of an attribute, with the slots that have no customers derived from the others.
///
/// - Missing: the mixture of the values that customers have, weighted by their frequency, including the hypotheses
///   about each.
/// - A level that no customer has, a flag's other value, and an empty list: no effect, and at most as uncertain as the
///   values that customers have, each counted once.
pub(super) fn fill_empty_slots(
    slots: &mut [stored::Slot],
    feature: &Feature,
    codes: &EncodedTerm,
    counts: &RowCounts,
    hypotheses: &AttributeHypotheses<'_>,
) {
    if let Some(unseen) = empty_value_slot(slots, feature) {
        limit_variance(slots, feature, unseen);
    }
    let missing = feature.missing_slot();
    if slots.get(missing).is_some_and(|slot| slot.customers == 0)
        && let Some(mixed) = value_mixture(slots, feature, (codes, counts), hypotheses).to_slot()
        && let Some(slot) = slots.get_mut(missing)
    {
        // Each value was rounded, so a mean of zero may be off by one step.
        let log_odds = if mixed.log_odds.abs() < LOG_ODDS_STEP { 0.0 } else { round_to_step(mixed.log_odds) };
        *slot = stored::Slot { log_odds, ..mixed };
    }
}

/// The mixture of an attribute's values, weighted by their frequency among the customers.
fn value_mixture(
    slots: &[stored::Slot],
    feature: &Feature,
    (codes, counts): (&EncodedTerm, &RowCounts),
    hypotheses: &AttributeHypotheses<'_>,
) -> SlotMixture {
    let mut mixture = SlotMixture::empty(slots.first().map_or(0, |slot| slot.factors.len()));
    if let (TermSlots::One(_), true) = (&codes.codes, hypotheses.members.is_empty()) {
        let known = slots.iter().take(feature.missing_slot());
        known.for_each(|slot| mixture.add(slot.customers as f64, &[slot]));
        return mixture;
    }
    let mut customers_by_values = BTreeMap::<(Vec<u16>, Vec<u16>), f64>::new();
    for row in 0..codes.codes.row_count() {
        let values = (codes.codes.row(row).to_vec(), hypotheses.active_numbers(row));
        *customers_by_values.entry(values).or_default() += counts.get(row) as f64;
    }
    for ((filled, holding), customers) in customers_by_values {
        let own = filled.iter().filter_map(|slot| slots.get(usize::from(*slot)));
        let more = holding.iter().filter_map(|number| hypotheses.slots.get(usize::from(*number)));
        mixture.add(customers, &own.chain(more).collect::<Vec<_>>());
    }
    mixture
}

/// The slot of a known value that no customer has, if any: the unseen levels of a category, a flag value, or the empty
/// list.
fn empty_value_slot(slots: &[stored::Slot], feature: &Feature) -> Option<usize> {
    let empty = |slot: &usize| slots.get(*slot).is_some_and(|slot| slot.customers == 0);
    match &feature.encoder {
        FeatureEncoder::Category(levels) | FeatureEncoder::List(levels) => Some(levels.len()).filter(empty),
        FeatureEncoder::Flag => [0, 1].into_iter().find(empty),
        FeatureEncoder::Number(_) | FeatureEncoder::Date(_) => None,
    }
}

/// Limits the variance of a slot without customers to that of the values that customers have, each counted once. With
/// fewer than two such values, the variance between values is unknown and nothing changes.
fn limit_variance(slots: &mut [stored::Slot], feature: &Feature, unseen: usize) {
    let rank = slots.first().map_or(0, |slot| slot.factors.len());
    let known = || slots.iter().take(feature.missing_slot()).filter(|slot| slot.customers > 0);
    let once = SlotMixture::from_parts(rank, known().map(|slot| (1.0, slot)));
    let own = slots.get(unseen).and_then(|slot| SlotMixture::from_parts(rank, [(1.0, slot)]).total_variance());
    let min_variance = once.total_variance().filter(|_| known().nth(1).is_some());
    if let (Some(own), Some(min_variance), Some(slot)) = (own, min_variance, slots.get_mut(unseen))
        && min_variance < own
    {
        (slot.variance, slot.factors) = (min_variance as f32, vec![0.0; rank]);
    }
}
