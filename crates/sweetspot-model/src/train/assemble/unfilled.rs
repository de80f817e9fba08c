//! What is said of values that no customer has.
//!
//! Of a parameter without customers a fit knows nothing but its penalty, at a strength that was loosened (see `solve::uncertainty`): a standard
//! error of about one, also where the attribute says nothing whatever its value. So these slots are made of those that customers fill.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::{Matcher, Test};
use sweetspot_solver::{Codes, TermCodes};

use super::mixture::Mixture;
use super::parts::{GRAIN, to_grain};
use crate::encoder::{Encoder, Feature};
use crate::stored;

/// What is believed of the values of one attribute.
pub(super) struct Believed<'a> {
    /// The slots of all beliefs of the model.
    pub(super) slots: &'a [stored::Slot],
    /// Which of them are about the attribute.
    pub(super) about: BTreeSet<u16>,
    /// Which hold for each row; nothing where there are no beliefs.
    pub(super) codes: Option<&'a TermCodes>,
}

impl<'a> Believed<'a> {
    /// Of an attribute. What is believed of its being known or missing is left out: it is about missing itself, not about a value.
    pub(super) fn new(
        feature: &Feature,
        beliefs: &[Matcher],
        slots: &'a [stored::Slot],
        codes: Option<&'a TermCodes>,
    ) -> Self {
        let about = |belief: &Matcher| {
            belief.attribute() == feature.attribute && !matches!(belief.condition.test, Test::Present(_))
        };
        let about = beliefs.iter().enumerate().filter(|(_, belief)| about(belief));
        Self { slots, about: about.map(|(number, _)| number as u16).collect(), codes }
    }

    /// Those that hold for a row.
    fn holding(&self, row: usize) -> Vec<u16> {
        let holding = self.codes.map(|codes| codes.codes.row(row)).unwrap_or_default();
        holding.iter().copied().filter(|number| self.about.contains(number)).collect()
    }
}

/// The slots of an attribute, those that no customer fills made of the others.
///
/// - Missing: the mixture of the values that customers have, as often as they have them, with what is believed of each.
/// - A level that no customer has, a flag's other value, and an empty list: no effect, and at most as unsure as the values that
///   customers have, each counted once.
pub(super) fn fill(slots: &mut [stored::Slot], feature: &Feature, codes: &TermCodes, believed: &Believed<'_>) {
    if let Some(unseen) = unseen_value(slots, feature) {
        bound(slots, feature, unseen);
    }
    let missing = feature.missing();
    if slots.get(missing).is_some_and(|slot| slot.customers == 0)
        && let Some(mixed) = of_values(slots, feature, codes, believed).slot()
        && let Some(slot) = slots.get_mut(missing)
    {
        // Each value was rounded, so that a mean of zero may be off by as much.
        let log_odds = if mixed.log_odds.abs() < GRAIN { 0.0 } else { to_grain(mixed.log_odds) };
        *slot = stored::Slot { log_odds, ..mixed };
    }
}

/// The mixture of an attribute's values as customers have them.
fn of_values(slots: &[stored::Slot], feature: &Feature, codes: &TermCodes, believed: &Believed<'_>) -> Mixture {
    let mut mixture = Mixture::new(slots.first().map_or(0, |slot| slot.factors.len()));
    if let (Codes::One(_), true) = (&codes.codes, believed.about.is_empty()) {
        let known = slots.iter().take(feature.missing());
        known.for_each(|slot| mixture.add(slot.customers as f64, &[slot]));
        return mixture;
    }
    let mut alike = BTreeMap::<(Vec<u16>, Vec<u16>), f64>::new();
    for row in 0..codes.codes.rows() {
        let values = (codes.codes.row(row).to_vec(), believed.holding(row));
        *alike.entry(values).or_default() += 1.0;
    }
    for ((filled, holding), customers) in alike {
        let own = filled.iter().filter_map(|slot| slots.get(usize::from(*slot)));
        let more = holding.iter().filter_map(|number| believed.slots.get(usize::from(*number)));
        mixture.add(customers, &own.chain(more).collect::<Vec<_>>());
    }
    mixture
}

/// The slot of a known value that no customer has, if there is one: of a category's unseen levels, of a flag, of an empty list.
fn unseen_value(slots: &[stored::Slot], feature: &Feature) -> Option<usize> {
    let empty = |slot: &usize| slots.get(*slot).is_some_and(|slot| slot.customers == 0);
    match &feature.encoder {
        Encoder::Category(levels) | Encoder::List(levels) => Some(levels.len()).filter(empty),
        Encoder::Flag => [0, 1].into_iter().find(empty),
        Encoder::Number(_) | Encoder::Date(_) => None,
    }
}

/// Makes a slot that no customer fills as sure as the values that customers have, each counted once, where it is less sure.
/// With fewer than two of these, nothing tells how values differ.
fn bound(slots: &mut [stored::Slot], feature: &Feature, unseen: usize) {
    let rank = slots.first().map_or(0, |slot| slot.factors.len());
    let known = || slots.iter().take(feature.missing()).filter(|slot| slot.customers > 0);
    let once = Mixture::of_parts(rank, known().map(|slot| (1.0, slot)));
    let own = slots.get(unseen).and_then(|slot| Mixture::of_parts(rank, [(1.0, slot)]).total_variance());
    let least = once.total_variance().filter(|_| known().nth(1).is_some());
    if let (Some(own), Some(least), Some(slot)) = (own, least, slots.get_mut(unseen))
        && least < own
    {
        (slot.variance, slot.factors) = (least as f32, vec![0.0; rank]);
    }
}
