//! What attributes could be instead, and what that would add to a score.

use sweetspot_core::{Value, ValueRef};

use super::{Placed, Scorer, Spot};
use crate::condition::OTHER_LEVEL;
use crate::encoder::Reading;

/// Every value that a model tells apart, ready to be tried on one account after the other.
#[derive(Clone, Debug)]
pub struct Steps {
    by_term: Vec<Vec<Step>>,
    /// The pairs of each attribute.
    pairs: Vec<Vec<usize>>,
}

/// One slot of an attribute.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) slot: usize,
    /// What the slot adds to the log-odds.
    log_odds: f64,
    /// A value of it; nothing where it stands for values that training did not tell apart. Of a list, the item.
    pub(super) value: Option<Value>,
    /// Whether each hypothesis that asks for the attribute holds then.
    holds: Vec<(usize, bool)>,
    /// Training customers with it.
    pub(super) customers: u64,
}

impl Steps {
    /// Of a model.
    #[must_use]
    pub fn of(scorer: &Scorer) -> Self {
        let terms = 0..scorer.terms.len();
        let by_term = terms.clone().map(|term| scorer.steps(term)).collect();
        let pairs = terms.map(|term| {
            let has = |number: &usize| scorer.pairs.get(*number).is_some_and(|pair| pair.has(term));
            (0..scorer.pairs.len()).filter(has).collect()
        });
        Self { by_term, pairs: pairs.collect() }
    }

    /// The steps of an attribute.
    pub(super) fn of_term(&self, term: usize) -> &[Step] {
        self.by_term.get(term).map(Vec::as_slice).unwrap_or_default()
    }

    fn pairs_of(&self, term: usize) -> &[usize] {
        self.pairs.get(term).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Scorer {
    /// Every slot of an attribute that customers have, but for missing ones.
    fn steps(&self, term: usize) -> Vec<Step> {
        let Some(known) = self.terms.get(term) else { return Vec::new() };
        let slots = known.told.iter().enumerate().filter(|(slot, told)| {
            let telling = !known.feature.is_list() || known.feature.example(*slot).is_some();
            *slot != known.feature.missing() && told.customers > 0 && telling
        });
        let step = |(slot, told): (usize, &super::Told)| {
            let value = known.feature.example(slot);
            let holds = self.held(term, value.as_ref(), known.feature.is_list());
            let log_odds = known.slots.get(slot).map_or(0.0, |slot| slot.log_odds);
            Step { slot, log_odds, value, holds, customers: told.customers }
        };
        slots.map(step).collect()
    }

    /// Which hypotheses hold with a value, or with a list of this item.
    fn held(&self, term: usize, value: Option<&Value>, of_list: bool) -> Vec<(usize, bool)> {
        let value = match value {
            Some(Value::Text(item)) if of_list => ValueRef::List(vec![item.as_str()]),
            Some(value) => value.as_ref(),
            None if of_list => ValueRef::List(Vec::new()),
            // A level that is known to be none of those that a hypothesis names.
            None => ValueRef::Text(OTHER_LEVEL),
        };
        let asked = self.asked_by.get(term).map(Vec::as_slice).unwrap_or_default();
        let holds = |number: &usize| Some((*number, self.hypotheses.get(*number)?.when.holds(Some(&value))));
        asked.iter().filter_map(holds).collect()
    }

    /// An attribute of an account, ready to be something else.
    pub(super) fn changing<'c>(
        &'c self,
        placed: &'c Placed<'_>,
        steps: &'c Steps,
        term: usize,
    ) -> Option<Changing<'c>> {
        let (known, spot) = self.terms.get(term).zip(placed.spots.get(term))?;
        let is_list = known.feature.is_list();
        // An item takes the place of nothing, but for that of an empty list.
        let replaced = |slot: &&u32| !is_list || known.feature.example(**slot as usize).is_none();
        let of = |slot: &u32| known.slots.get(*slot as usize).map_or(0.0, |slot| slot.log_odds);
        let before = placed.slots(spot).iter().filter(replaced).map(of).sum();
        Some(Changing {
            scorer: self,
            spots: &placed.spots,
            holds: &placed.holds,
            pairs: steps.pairs_of(term),
            term,
            is_list,
            before,
        })
    }
}

/// An attribute of an account whose attributes fill these spots, with everything that is the same for each of its steps.
pub(super) struct Changing<'c> {
    scorer: &'c Scorer,
    spots: &'c [Spot],
    holds: &'c [bool],
    pairs: &'c [usize],
    term: usize,
    is_list: bool,
    /// What the slots add that a step takes the place of.
    before: f64,
}

impl Changing<'_> {
    /// What a step would add to the log-odds. Of a list, the item comes in addition to those that are there.
    pub(super) fn gain(&self, step: &Step) -> f64 {
        let alone = step.log_odds - self.before;
        if step.holds.is_empty() && self.pairs.is_empty() {
            alone
        } else {
            alone + self.believed(step) + self.of_pairs(step)
        }
    }

    fn believed(&self, step: &Step) -> f64 {
        let believed = step.holds.iter().map(|(number, holds)| {
            let held = self.holds.get(*number).copied().unwrap_or_default();
            let holds = *holds || (self.is_list && held);
            let adds = self.scorer.hypotheses.get(*number).map_or(0.0, |hypothesis| hypothesis.slot.log_odds);
            adds * (f64::from(u8::from(holds)) - f64::from(u8::from(held)))
        });
        believed.sum()
    }

    fn of_pairs(&self, step: &Step) -> f64 {
        let pairs = || self.pairs.iter().filter_map(|number| self.scorer.pairs.get(*number));
        let after: f64 = pairs().filter_map(|pair| pair.cell_with(self.spots, self.term, step.slot)).sum();
        let before: f64 = pairs().filter_map(|pair| Some(pair.cell(self.spots)?.1.log_odds)).sum();
        if self.pairs.is_empty() { 0.0 } else { after - before }
    }
}

impl Step {
    /// Fills its slot. For attributes that fill one slot alone.
    pub(super) fn fill(&self, spots: &mut [Spot], term: usize) {
        if let Some(spot) = spots.get_mut(term) {
            *spot = Spot::of(self.slot, Reading::Used);
        }
    }
}
