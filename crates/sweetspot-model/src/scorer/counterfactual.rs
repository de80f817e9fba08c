//! The smallest change that would lift an account: a counterfactual (Wachter et al. 2017, Harv. J. Law Technol.
//! 31:841). The candidates are the values that the model distinguishes; the result is scored like any account.

use std::borrow::Cow;
use std::cmp::Ordering;

use sweetspot_core::typed_value::list;
use sweetspot_core::{Account, Fit, Value};
use sweetspot_solver::probability;

use super::alternatives::{Alternative, Alternatives};
use super::{EncodedAccount, EncodedValue, Scorer, Term};
use crate::encoder::{FeatureEncoder, ValueStatus};

/// The maximum number of attributes that are tried in pairs: those with the largest gains.
const MAX_PAIRED_CANDIDATES: usize = 16;
/// The maximum length of a list to which an item is added, so that the result fits into a request.
const MAX_LIST_ITEMS: usize = 255;

/// The change of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeChange {
    /// The attribute's name.
    pub attribute: String,
    /// The label of its current value.
    pub old_label: String,
    /// The label of its new value.
    pub new_label: String,
    /// A value with the new label; for a list, the whole list.
    pub value: Value,
    /// The number of training customers with the new value.
    pub customers: u64,
}

/// The changes that would lift an account: one or two.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterfactual {
    /// The changes.
    pub changes: Vec<AttributeChange>,
    /// The fit of the changed account.
    pub fit: Fit,
}

/// A candidate change.
#[derive(Clone, Copy)]
struct ChangeCandidate<'s> {
    term: usize,
    alternative: &'s Alternative,
    gain: f64,
    distance: usize,
}

impl Scorer {
    /// The smallest change of known attributes that lifts the account's probability to at least `goal`. Fewer
    /// attributes come first, then fewer bins moved, then the larger gain. Only attributes listed in `changeable`
    /// change; any may if it is empty. Returns `None` if the goal is out of reach, or already reached. `placed` is the
    /// encoded account.
    #[must_use]
    pub fn counterfactual(
        &self,
        alternatives: &Alternatives,
        account: &Account,
        placed: &EncodedAccount<'_>,
        goal: f64,
        changeable: &[String],
    ) -> Option<Counterfactual> {
        let log_odds = self.fit(placed).log_odds;
        if probability(log_odds) >= goal {
            return None;
        }
        let (mut nearest, mut best): (Option<ChangeCandidate<'_>>, Vec<ChangeCandidate<'_>>) = (None, Vec::new());
        for one in self.change_candidates(placed, alternatives, changeable) {
            record_best(&mut best, one);
            // Comparing distances is cheaper than checking the goal.
            let nearer = nearest.as_ref().is_none_or(|so_far| compare_candidates(&one, so_far).is_lt());
            if nearer && one.gain > 0.0 && probability(log_odds + one.gain) >= goal {
                nearest = Some(one);
            }
        }
        let changes = nearest.map(|one| vec![one]).or_else(|| {
            self.best_two_changes(placed, alternatives, best, &|gain| probability(log_odds + gain) >= goal)
        })?;
        self.apply_changes(account, placed, &changes).filter(|step| step.fit.probability >= goal)
    }

    /// Every change of one attribute, attribute by attribute.
    fn change_candidates<'s>(
        &'s self,
        placed: &'s EncodedAccount<'_>,
        alternatives: &'s Alternatives,
        changeable: &'s [String],
    ) -> impl Iterator<Item = ChangeCandidate<'s>> {
        let may = |known: &Term, spot: &EncodedValue| {
            let named = changeable.is_empty() || changeable.contains(&known.feature.attribute);
            named && !matches!(spot.status, ValueStatus::Missing | ValueStatus::Mismatch)
        };
        let terms = self.terms.iter().zip(&placed.values).enumerate();
        let terms = terms.filter(move |(_, (known, spot))| may(known, spot));
        terms.filter_map(|(term, at)| Some((term, at, self.change_evaluator(placed, alternatives, term)?))).flat_map(
            move |(term, (known, spot), changing)| {
                let own = placed.slots(spot);
                let ordered = matches!(known.feature.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Date(_));
                let other = move |step: &&Alternative| step.value.is_some() && !own.contains(&(step.slot as u32));
                alternatives.term_alternatives(term).iter().filter(other).map(move |step| {
                    let distance = if ordered { step.slot.abs_diff(spot.first_slot()) } else { 1 };
                    ChangeCandidate { term, alternative: step, gain: changing.gain(step), distance }
                })
            },
        )
    }

    /// The smallest combination of changes of two attributes that reaches the goal, among the best change of each
    /// attribute.
    fn best_two_changes<'s>(
        &self,
        placed: &EncodedAccount<'_>,
        alternatives: &Alternatives,
        mut best: Vec<ChangeCandidate<'s>>,
        reaches_goal: &impl Fn(f64) -> bool,
    ) -> Option<Vec<ChangeCandidate<'s>>> {
        best.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        best.truncate(MAX_PAIRED_CANDIDATES);
        let mut found: Option<(ChangeCandidate<'s>, [ChangeCandidate<'s>; 2])> = None;
        let mut changed = placed.clone();
        for (number, first) in best.iter().enumerate() {
            changed.values.clone_from(&placed.values);
            if self.terms.get(first.term).is_some_and(|term| !term.feature.is_list()) {
                first.alternative.apply(&mut changed.values, first.term);
            }
            for second in best.iter().skip(number + 1) {
                let Some(changing) = self.change_evaluator(&changed, alternatives, second.term) else { continue };
                let gain = first.gain + changing.gain(second.alternative);
                let both = ChangeCandidate { gain, distance: first.distance + second.distance, ..*first };
                let better = found.as_ref().is_none_or(|(so_far, _)| compare_candidates(&both, so_far).is_lt());
                if better && reaches_goal(gain) {
                    found = Some((both, [*first, *second]));
                }
            }
        }
        found.map(|(_, two)| two.into())
    }

    /// Changes the account and scores it.
    fn apply_changes(
        &self,
        account: &Account,
        placed: &EncodedAccount<'_>,
        changes: &[ChangeCandidate<'_>],
    ) -> Option<Counterfactual> {
        let changes: Option<Vec<AttributeChange>> =
            changes.iter().map(|one| self.attribute_change(account, placed, one)).collect();
        let mut other = account.clone();
        for change in changes.iter().flatten() {
            other.attributes.insert(change.attribute.clone(), change.value.clone());
        }
        let fit = self.score(&other);
        changes.map(|changes| Counterfactual { changes, fit })
    }

    fn attribute_change(
        &self,
        account: &Account,
        placed: &EncodedAccount<'_>,
        one: &ChangeCandidate<'_>,
    ) -> Option<AttributeChange> {
        let (known, spot) = (self.terms.get(one.term)?, placed.values.get(one.term)?);
        let attribute = known.feature.attribute.clone();
        let (label, value) = (&known.slot_details.get(one.alternative.slot)?.label, one.alternative.value.clone()?);
        let customers = one.alternative.customers;
        if known.feature.is_list() {
            let own = account.attributes.get(&attribute)?.as_ref();
            let Value::Text(item) = value else { return None };
            let items: Vec<_> = list(&own)?.into_iter().chain([item.as_str().into()]).collect();
            let items = (items.len() <= MAX_LIST_ITEMS).then(|| items.into_iter().map(Cow::into_owned).collect())?;
            let (from, to) = (format!("without {label}"), format!("with {label}"));
            return Some(AttributeChange {
                attribute,
                old_label: from,
                new_label: to,
                value: Value::List(items),
                customers,
            });
        }
        let pooled = placed.pooled_text(spot).filter(|_| known.feature.is_pooled(spot.first_slot()));
        let from = pooled.map(super::reasons::truncate_label).unwrap_or_default().into_owned();
        let from = if from.is_empty() { known.slot_details.get(spot.first_slot())?.label.clone() } else { from };
        Some(AttributeChange { attribute, old_label: from, new_label: label.clone(), value, customers })
    }
}

/// Records the change with the largest gain of each attribute, the first of equal ones; changes come attribute by
/// attribute.
fn record_best<'s>(best: &mut Vec<ChangeCandidate<'s>>, one: ChangeCandidate<'s>) {
    match best.last_mut().filter(|last| last.term == one.term) {
        Some(last) if one.gain > last.gain => *last = one,
        None if one.gain > 0.0 => best.push(one),
        Some(_) | None => {}
    }
}

/// Orders changes by distance, then by descending gain.
fn compare_candidates(one: &ChangeCandidate<'_>, other: &ChangeCandidate<'_>) -> Ordering {
    one.distance.cmp(&other.distance).then(other.gain.total_cmp(&one.gain))
}

#[cfg(test)]
mod tests;
