//! The smallest change that would lift an account: a counterfactual (Wachter et al. 2017, Harv. J. Law Technol. 31:841), found
//! among the values that the model tells apart, and scored as any account is.

use std::cmp::Ordering;

use super::steps::{Step, Steps};
use super::{Placed, Scorer};
use crate::domain::{Account, Fit, Value};
use crate::model::encoder::{Encoder, Reading, list};
use crate::model::solve::probability;

/// Attributes of which two are tried together: those that could add most.
const TRIED_TOGETHER: usize = 16;
/// Longest list that takes one more item: a request holds no longer one.
const LONGEST_LIST: usize = 255;

/// One attribute that would be different.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The attribute.
    pub attribute: String,
    /// What it is, as a person reads it.
    pub from: String,
    /// What it would be.
    pub to: String,
    /// A value that is that; of a list, the whole list.
    pub value: Value,
    /// Training customers that are so.
    pub customers: u64,
}

/// What would lift an account: one change or two.
#[derive(Clone, Debug, PartialEq)]
pub struct NextStep {
    /// Its changes.
    pub changes: Vec<Change>,
    /// The fit of the account once changed.
    pub fit: Fit,
}

/// A change that is tried.
#[derive(Clone, Copy)]
struct Candidate<'s> {
    term: usize,
    step: &'s Step,
    gain: f64,
    distance: usize,
}

impl Scorer {
    /// The smallest change of known attributes that makes the account at least so probable: one attribute rather than two, then
    /// the fewest bins passed, then the most gained. Only attributes named in `changeable` change; any may where none is named.
    /// Nothing where that is out of reach, or reached already.
    #[must_use]
    pub fn next_step(&self, steps: &Steps, account: &Account, goal: f64, changeable: &[String]) -> Option<NextStep> {
        let placed = self.placed(account);
        let log_odds = self.fit(&placed).log_odds;
        if probability(log_odds) >= goal {
            return None;
        }
        let candidates = self.candidates(&placed, steps, changeable);
        let one = candidates.iter().filter(|one| probability(log_odds + one.gain) >= goal).min_by(|a, b| nearer(a, b));
        let changes = one.map(|one| vec![*one]).or_else(|| self.two(&placed, steps, &candidates, log_odds, goal))?;
        self.tried(account, &placed, &changes).filter(|step| step.fit.probability >= goal)
    }

    fn candidates<'s>(&self, placed: &Placed<'_>, steps: &'s Steps, changeable: &[String]) -> Vec<Candidate<'s>> {
        let mut candidates = Vec::new();
        for (term, (known, spot)) in self.terms.iter().zip(&placed.spots).enumerate() {
            let named = changeable.is_empty() || changeable.contains(&known.feature.attribute);
            if !named || matches!(spot.reading, Reading::Missing | Reading::Mismatch) {
                continue;
            }
            let own = placed.slots(spot);
            let ordered = matches!(known.feature.encoder, Encoder::Number(_) | Encoder::Date(_));
            let other = |step: &&Step| step.value.is_some() && !own.contains(&(step.slot as u32));
            candidates.extend(steps.of_term(term).iter().filter(other).map(|step| {
                let distance = if ordered { step.slot.abs_diff(spot.slot()) } else { 1 };
                Candidate { term, step, gain: self.gain(placed, steps, term, step), distance }
            }));
        }
        candidates
    }

    /// The nearest two changes of two attributes, each by the value that adds most.
    fn two<'s>(
        &self,
        placed: &Placed<'_>,
        steps: &Steps,
        candidates: &[Candidate<'s>],
        log_odds: f64,
        goal: f64,
    ) -> Option<Vec<Candidate<'s>>> {
        let mut best: Vec<Candidate<'s>> = Vec::new();
        for one in candidates.iter().filter(|one| one.gain > 0.0) {
            match best.last_mut().filter(|last| last.term == one.term) {
                Some(last) if one.gain > last.gain => *last = *one,
                Some(_) => {}
                None => best.push(*one),
            }
        }
        best.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        best.truncate(TRIED_TOGETHER);
        let mut found: Option<(Candidate<'s>, [Candidate<'s>; 2])> = None;
        for (number, first) in best.iter().enumerate() {
            let mut changed = placed.clone();
            if self.terms.get(first.term).is_some_and(|term| !term.feature.is_list()) {
                first.step.fill(&mut changed.spots, first.term);
            }
            for second in best.iter().skip(number + 1) {
                let gain = first.gain + self.gain(&changed, steps, second.term, second.step);
                let both = Candidate { gain, distance: first.distance + second.distance, ..*first };
                let better = found.as_ref().is_none_or(|(so_far, _)| nearer(&both, so_far).is_lt());
                if better && probability(log_odds + gain) >= goal {
                    found = Some((both, [*first, *second]));
                }
            }
        }
        found.map(|(_, two)| two.into())
    }

    /// Changes the account and scores it.
    fn tried(&self, account: &Account, placed: &Placed<'_>, changes: &[Candidate<'_>]) -> Option<NextStep> {
        let changes: Option<Vec<Change>> = changes.iter().map(|one| self.change(account, placed, one)).collect();
        let mut other = account.clone();
        for change in changes.iter().flatten() {
            other.attributes.insert(change.attribute.clone(), change.value.clone());
        }
        let fit = self.score(&other);
        changes.map(|changes| NextStep { changes, fit })
    }

    fn change(&self, account: &Account, placed: &Placed<'_>, one: &Candidate<'_>) -> Option<Change> {
        let (known, spot) = (self.terms.get(one.term)?, placed.spots.get(one.term)?);
        let attribute = known.feature.attribute.clone();
        let (label, value) = (&known.told.get(one.step.slot)?.label, one.step.value.clone()?);
        let customers = one.step.customers;
        if known.feature.is_list() {
            let own = account.attributes.get(&attribute)?.as_ref();
            let Value::Text(item) = value else { return None };
            let items: Vec<&str> = list(&own)?.into_iter().chain([item.as_str()]).collect();
            let items = (items.len() <= LONGEST_LIST).then(|| items.into_iter().map(str::to_owned).collect())?;
            let (from, to) = (format!("without {label}"), format!("with {label}"));
            return Some(Change { attribute, from, to, value: Value::List(items), customers });
        }
        let from = placed.text(spot).map(super::reasons::shorten).unwrap_or_default().into_owned();
        let from = if from.is_empty() { known.told.get(spot.slot())?.label.clone() } else { from };
        Some(Change { attribute, from, to: label.clone(), value, customers })
    }
}

/// Whether a change is smaller than another, or as small and worth more.
fn nearer(one: &Candidate<'_>, other: &Candidate<'_>) -> Ordering {
    one.distance.cmp(&other.distance).then(other.gain.total_cmp(&one.gain))
}

#[cfg(test)]
mod tests;
