//! Alternative values of attributes, and their effect on a score.

use sweetspot_core::{Value, ValueRef};

use super::{EncodedAccount, EncodedValue, Scorer};
use crate::encoder::ValueStatus;
use crate::stored_condition::OTHER_LEVEL;

/// Every value that a model distinguishes, prepared once for any number of accounts.
#[derive(Clone, Debug)]
pub struct Alternatives {
    by_term: Vec<Vec<Alternative>>,
    /// The interactions of each attribute.
    interactions_by_term: Vec<Vec<usize>>,
}

/// One slot of an attribute as an alternative.
#[derive(Clone, Debug)]
pub(super) struct Alternative {
    pub(super) slot: usize,
    /// The slot's log-odds.
    log_odds: f64,
    /// A value that fills the slot; `None` if the slot is of values that training did not distinguish. For a list, the
    /// item.
    pub(super) value: Option<Value>,
    /// The hypotheses about the attribute, each with whether it holds for this value.
    conditions_met: Vec<(usize, bool)>,
    /// The number of training customers in the slot.
    pub(super) customers: u64,
}

impl Alternatives {
    /// The alternatives of a model.
    #[must_use]
    pub fn new(scorer: &Scorer) -> Self {
        let terms = 0..scorer.terms.len();
        let by_term = terms.clone().map(|term| scorer.term_alternatives(term)).collect();
        let pairs = terms.map(|term| {
            let has = |number: &usize| scorer.interactions.get(*number).is_some_and(|pair| pair.has_term(term));
            (0..scorer.interactions.len()).filter(has).collect()
        });
        Self { by_term, interactions_by_term: pairs.collect() }
    }

    /// The alternatives of an attribute.
    pub(super) fn term_alternatives(&self, term: usize) -> &[Alternative] {
        self.by_term.get(term).map(Vec::as_slice).unwrap_or_default()
    }

    fn term_interactions(&self, term: usize) -> &[usize] {
        self.interactions_by_term.get(term).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Scorer {
    /// All slots of an attribute that have customers, except the one for missing values.
    fn term_alternatives(&self, term: usize) -> Vec<Alternative> {
        let Some(known) = self.terms.get(term) else { return Vec::new() };
        let slots = known.slot_details.iter().enumerate().filter(|(slot, details)| {
            let telling = !known.feature.is_list() || known.feature.example(*slot).is_some();
            *slot != known.feature.missing_slot() && details.customers > 0 && telling
        });
        let step = |(slot, details): (usize, &super::SlotDetails)| {
            let value = known.feature.example(slot);
            let holds = self.hypothesis_results(term, value.as_ref(), known.feature.is_list());
            let log_odds = known.slots.get(slot).map_or(0.0, |slot| slot.log_odds);
            Alternative { slot, log_odds, value, conditions_met: holds, customers: details.customers }
        };
        slots.map(step).collect()
    }

    /// Whether each hypothesis about the attribute holds for a value, or for a list with this item.
    fn hypothesis_results(&self, term: usize, value: Option<&Value>, of_list: bool) -> Vec<(usize, bool)> {
        let value = match value {
            Some(Value::Text(item)) if of_list => ValueRef::List(vec![item.as_str()]),
            Some(value) => value.as_ref(),
            None if of_list => ValueRef::List(Vec::new()),
            // A level that is known not to be one of those that a hypothesis lists.
            None => ValueRef::Text(OTHER_LEVEL),
        };
        let condition_numbers = self.conditions_by_attribute.get(term).map(Vec::as_slice).unwrap_or_default();
        let holds = |number: &usize| Some((*number, self.hypotheses.get(*number)?.matcher.holds(Some(&value))));
        condition_numbers.iter().filter_map(holds).collect()
    }

    /// Prepares the evaluation of alternatives of one attribute of an account.
    pub(super) fn change_evaluator<'c>(
        &'c self,
        encoded_account: &'c EncodedAccount<'_>,
        alternatives: &'c Alternatives,
        term: usize,
    ) -> Option<ChangeEvaluator<'c>> {
        let (known, encoded_value) = self.terms.get(term).zip(encoded_account.values.get(term))?;
        let is_list = known.feature.is_list();
        // An item replaces nothing, except the slot of the empty list.
        let replaced = |slot: &&u32| !is_list || known.feature.example(**slot as usize).is_none();
        let slot_log_odds = |slot: &u32| known.slots.get(*slot as usize).map_or(0.0, |slot| slot.log_odds);
        let before = encoded_account.slots(encoded_value).iter().filter(replaced).map(slot_log_odds).sum();
        Some(ChangeEvaluator {
            scorer: self,
            encoded_values: &encoded_account.values,
            conditions_met: &encoded_account.conditions_met,
            interactions: alternatives.term_interactions(term),
            term,
            is_list,
            replaced_log_odds: before,
        })
    }
}

/// Evaluates the alternatives of one attribute of an account with these encoded values; contains what all alternatives
/// share.
pub(super) struct ChangeEvaluator<'c> {
    scorer: &'c Scorer,
    encoded_values: &'c [EncodedValue],
    conditions_met: &'c [bool],
    interactions: &'c [usize],
    term: usize,
    is_list: bool,
    /// The log-odds of the slots that an alternative replaces.
    replaced_log_odds: f64,
}

impl ChangeEvaluator<'_> {
    /// The change in log-odds due to an alternative. An item is added to the list's other items.
    pub(super) fn gain(&self, step: &Alternative) -> f64 {
        let alone = step.log_odds - self.replaced_log_odds;
        if step.conditions_met.is_empty() && self.interactions.is_empty() {
            alone
        } else {
            alone + self.hypothesis_gain(step) + self.interaction_gain(step)
        }
    }

    fn hypothesis_gain(&self, step: &Alternative) -> f64 {
        let gains = step.conditions_met.iter().map(|(number, holds)| {
            let held_before = self.conditions_met.get(*number).copied().unwrap_or_default();
            let holds = *holds || (self.is_list && held_before);
            let adds = self.scorer.hypotheses.get(*number).map_or(0.0, |hypothesis| hypothesis.slot.log_odds);
            adds * (f64::from(u8::from(holds)) - f64::from(u8::from(held_before)))
        });
        gains.sum()
    }

    fn interaction_gain(&self, step: &Alternative) -> f64 {
        let pairs = || self.interactions.iter().filter_map(|number| self.scorer.interactions.get(*number));
        let after: f64 =
            pairs().filter_map(|pair| pair.cell_log_odds_with(self.encoded_values, self.term, step.slot)).sum();
        let before: f64 = pairs().filter_map(|pair| Some(pair.find_cell(self.encoded_values)?.1.log_odds)).sum();
        if self.interactions.is_empty() { 0.0 } else { after - before }
    }
}

impl Alternative {
    /// Sets the attribute to this slot. Only for attributes that fill exactly one slot.
    pub(super) fn apply(&self, encoded_values: &mut [EncodedValue], term: usize) {
        if let Some(encoded_value) = encoded_values.get_mut(term) {
            *encoded_value = EncodedValue::single_slot(self.slot, ValueStatus::Used);
        }
    }
}
