//! The smallest change that would lift an account: a counterfactual (Wachter et al. 2017, Harv. J. Law Technol.
//! 31:841). The candidates are the values that the model distinguishes; the result is scored like any account.

use std::borrow::Cow;
use std::cmp::Ordering;

use sweetspot_core::coerce::list;
use sweetspot_core::{Account, Fit, Value};
use sweetspot_solver::probability;

use super::alternative_values::{Alternative, Alternatives};
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
    /// change; any may if it is empty. Returns `None` if the goal is out of reach, or already reached.
    /// `encoded_account` is the encoded account.
    #[must_use]
    pub fn counterfactual(
        &self,
        alternatives: &Alternatives,
        account: &Account,
        encoded_account: &EncodedAccount<'_>,
        goal: f64,
        changeable: &[String],
    ) -> Option<Counterfactual> {
        let log_odds = self.fit(encoded_account).log_odds;
        if probability(log_odds) >= goal {
            return None;
        }
        let (mut nearest, mut best): (Option<ChangeCandidate<'_>>, Vec<ChangeCandidate<'_>>) = (None, Vec::new());
        for candidate in self.change_candidates(encoded_account, alternatives, changeable) {
            record_best(&mut best, candidate);
            // Comparing distances is cheaper than checking the goal.
            let nearer = nearest.as_ref().is_none_or(|so_far| compare_candidates(&candidate, so_far).is_lt());
            if nearer && candidate.gain > 0.0 && probability(log_odds + candidate.gain) >= goal {
                nearest = Some(candidate);
            }
        }
        let changes = nearest.map(|candidate| vec![candidate]).or_else(|| {
            self.best_two_changes(encoded_account, alternatives, best, &|gain| probability(log_odds + gain) >= goal)
        })?;
        self.apply_changes(account, encoded_account, &changes).filter(|step| step.fit.probability >= goal)
    }

    /// Every change of one attribute, attribute by attribute.
    fn change_candidates<'s>(
        &'s self,
        encoded_account: &'s EncodedAccount<'_>,
        alternatives: &'s Alternatives,
        changeable: &'s [String],
    ) -> impl Iterator<Item = ChangeCandidate<'s>> {
        let may = |known: &Term, encoded_value: &EncodedValue| {
            let named = changeable.is_empty() || changeable.contains(&known.feature.attribute);
            named && !matches!(encoded_value.status, ValueStatus::Missing | ValueStatus::Mismatch)
        };
        let terms = self.terms.iter().zip(&encoded_account.values).enumerate();
        let terms = terms.filter(move |(_, (known, encoded_value))| may(known, encoded_value));
        terms
            .filter_map(|(term, position)| {
                Some((term, position, self.change_evaluator(encoded_account, alternatives, term)?))
            })
            .flat_map(move |(term, (known, encoded_value), changing)| {
                let own = encoded_account.slots(encoded_value);
                let ordered = matches!(known.feature.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Date(_));
                let other = move |step: &&Alternative| step.value.is_some() && !own.contains(&(step.slot as u32));
                alternatives.term_alternatives(term).iter().filter(other).map(move |step| {
                    let distance = if ordered { step.slot.abs_diff(encoded_value.first_slot()) } else { 1 };
                    ChangeCandidate { term, alternative: step, gain: changing.gain(step), distance }
                })
            })
    }

    /// The smallest combination of changes of two attributes that reaches the goal, among the best change of each
    /// attribute.
    fn best_two_changes<'s>(
        &self,
        encoded_account: &EncodedAccount<'_>,
        alternatives: &Alternatives,
        mut best: Vec<ChangeCandidate<'s>>,
        reaches_goal: &impl Fn(f64) -> bool,
    ) -> Option<Vec<ChangeCandidate<'s>>> {
        best.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        best.truncate(MAX_PAIRED_CANDIDATES);
        let mut found: Option<(ChangeCandidate<'s>, [ChangeCandidate<'s>; 2])> = None;
        let mut changed = encoded_account.clone();
        for (number, first) in best.iter().enumerate() {
            changed.values.clone_from(&encoded_account.values);
            if self.terms.get(first.term).is_some_and(|term| !term.feature.is_list()) {
                first.alternative.apply(&mut changed.values, first.term);
            }
            for second in best.iter().skip(number + 1) {
                let Some(changing) = self.change_evaluator(&changed, alternatives, second.term) else { continue };
                let gain = first.gain + changing.gain(second.alternative);
                let joint = ChangeCandidate { gain, distance: first.distance + second.distance, ..*first };
                let better = found.as_ref().is_none_or(|(so_far, _)| compare_candidates(&joint, so_far).is_lt());
                if better && reaches_goal(gain) {
                    found = Some((joint, [*first, *second]));
                }
            }
        }
        found.map(|(_, two)| two.into())
    }

    /// Changes the account and scores it.
    fn apply_changes(
        &self,
        account: &Account,
        encoded_account: &EncodedAccount<'_>,
        changes: &[ChangeCandidate<'_>],
    ) -> Option<Counterfactual> {
        let changes: Option<Vec<AttributeChange>> =
            changes.iter().map(|candidate| self.attribute_change(account, encoded_account, candidate)).collect();
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
        encoded_account: &EncodedAccount<'_>,
        candidate: &ChangeCandidate<'_>,
    ) -> Option<AttributeChange> {
        let (known, encoded_value) = (self.terms.get(candidate.term)?, encoded_account.values.get(candidate.term)?);
        let attribute = known.feature.attribute.clone();
        let (label, value) =
            (&known.slot_details.get(candidate.alternative.slot)?.label, candidate.alternative.value.clone()?);
        let customers = candidate.alternative.customers;
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
        let pooled =
            encoded_account.pooled_text(encoded_value).filter(|_| known.feature.is_pooled(encoded_value.first_slot()));
        let from = pooled.map(super::reasons::truncate_label).unwrap_or_default().into_owned();
        let from =
            if from.is_empty() { known.slot_details.get(encoded_value.first_slot())?.label.clone() } else { from };
        Some(AttributeChange { attribute, old_label: from, new_label: label.clone(), value, customers })
    }
}

/// Records the change with the largest gain of each attribute, the first of equal ones; changes come attribute by
/// attribute.
fn record_best<'s>(best: &mut Vec<ChangeCandidate<'s>>, candidate: ChangeCandidate<'s>) {
    match best.last_mut().filter(|last| last.term == candidate.term) {
        Some(last) if candidate.gain > last.gain => *last = candidate,
        None if candidate.gain > 0.0 => best.push(candidate),
        Some(_) | None => {}
    }
}

/// Orders changes by distance, then by descending gain.
fn compare_candidates(a: &ChangeCandidate<'_>, b: &ChangeCandidate<'_>) -> Ordering {
    a.distance.cmp(&b.distance).then(b.gain.total_cmp(&a.gain))
}

#[cfg(test)]
mod tests;
