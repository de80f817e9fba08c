//! The smallest change that would lift an account: a counterfactual (Wachter et al. 2017, Harv. J. Law Technol. 31:841), found
//! among the values that the model tells apart, and scored as any account is.

use std::borrow::Cow;
use std::cmp::Ordering;

use sweetspot_core::reading::list;
use sweetspot_core::{Account, Fit, Value};
use sweetspot_solver::probability;

use super::steps::{Step, Steps};
use super::{Placed, Scorer, Spot, Term};
use crate::encoder::{Encoder, Reading};

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
    /// Nothing where that is out of reach, or reached already. `placed` is the account.
    #[must_use]
    pub fn next_step(
        &self,
        steps: &Steps,
        account: &Account,
        placed: &Placed<'_>,
        goal: f64,
        changeable: &[String],
    ) -> Option<NextStep> {
        let log_odds = self.fit(placed).log_odds;
        if probability(log_odds) >= goal {
            return None;
        }
        let (mut nearest, mut best): (Option<Candidate<'_>>, Vec<Candidate<'_>>) = (None, Vec::new());
        for one in self.candidates(placed, steps, changeable) {
            note_best(&mut best, one);
            // Whether it is near costs less to know than whether it is enough.
            let nearer = nearest.as_ref().is_none_or(|so_far| nearer(&one, so_far).is_lt());
            if nearer && one.gain > 0.0 && probability(log_odds + one.gain) >= goal {
                nearest = Some(one);
            }
        }
        let changes = nearest
            .map(|one| vec![one])
            .or_else(|| self.two(placed, steps, best, &|gain| probability(log_odds + gain) >= goal))?;
        self.tried(account, placed, &changes).filter(|step| step.fit.probability >= goal)
    }

    /// Every change of one attribute, attribute by attribute.
    fn candidates<'s>(
        &'s self,
        placed: &'s Placed<'_>,
        steps: &'s Steps,
        changeable: &'s [String],
    ) -> impl Iterator<Item = Candidate<'s>> {
        let may = |known: &Term, spot: &Spot| {
            let named = changeable.is_empty() || changeable.contains(&known.feature.attribute);
            named && !matches!(spot.reading, Reading::Missing | Reading::Mismatch)
        };
        let terms = self.terms.iter().zip(&placed.spots).enumerate();
        let terms = terms.filter(move |(_, (known, spot))| may(known, spot));
        terms.filter_map(|(term, at)| Some((term, at, self.changing(placed, steps, term)?))).flat_map(
            move |(term, (known, spot), changing)| {
                let own = placed.slots(spot);
                let ordered = matches!(known.feature.encoder, Encoder::Number(_) | Encoder::Date(_));
                let other = move |step: &&Step| step.value.is_some() && !own.contains(&(step.slot as u32));
                steps.of_term(term).iter().filter(other).map(move |step| {
                    let distance = if ordered { step.slot.abs_diff(spot.slot()) } else { 1 };
                    Candidate { term, step, gain: changing.gain(step), distance }
                })
            },
        )
    }

    /// The nearest two changes of two attributes that are enough together, out of the best of each attribute.
    fn two<'s>(
        &self,
        placed: &Placed<'_>,
        steps: &Steps,
        mut best: Vec<Candidate<'s>>,
        enough: &impl Fn(f64) -> bool,
    ) -> Option<Vec<Candidate<'s>>> {
        best.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        best.truncate(TRIED_TOGETHER);
        let mut found: Option<(Candidate<'s>, [Candidate<'s>; 2])> = None;
        let mut changed = placed.clone();
        for (number, first) in best.iter().enumerate() {
            changed.spots.clone_from(&placed.spots);
            if self.terms.get(first.term).is_some_and(|term| !term.feature.is_list()) {
                first.step.fill(&mut changed.spots, first.term);
            }
            for second in best.iter().skip(number + 1) {
                let Some(changing) = self.changing(&changed, steps, second.term) else { continue };
                let gain = first.gain + changing.gain(second.step);
                let both = Candidate { gain, distance: first.distance + second.distance, ..*first };
                let better = found.as_ref().is_none_or(|(so_far, _)| nearer(&both, so_far).is_lt());
                if better && enough(gain) {
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
            let items: Vec<_> = list(&own)?.into_iter().chain([item.as_str().into()]).collect();
            let items = (items.len() <= LONGEST_LIST).then(|| items.into_iter().map(Cow::into_owned).collect())?;
            let (from, to) = (format!("without {label}"), format!("with {label}"));
            return Some(Change { attribute, from, to, value: Value::List(items), customers });
        }
        let pooled = placed.text(spot).filter(|_| known.feature.is_pooled(spot.slot()));
        let from = pooled.map(super::reasons::shorten).unwrap_or_default().into_owned();
        let from = if from.is_empty() { known.told.get(spot.slot())?.label.clone() } else { from };
        Some(Change { attribute, from, to: label.clone(), value, customers })
    }
}

/// Keeps the change that adds most of each attribute, the first of equal ones; changes come attribute by attribute.
fn note_best<'s>(best: &mut Vec<Candidate<'s>>, one: Candidate<'s>) {
    match best.last_mut().filter(|last| last.term == one.term) {
        Some(last) if one.gain > last.gain => *last = one,
        None if one.gain > 0.0 => best.push(one),
        Some(_) | None => {}
    }
}

/// Whether a change is smaller than another, or as small and worth more.
fn nearer(one: &Candidate<'_>, other: &Candidate<'_>) -> Ordering {
    one.distance.cmp(&other.distance).then(other.gain.total_cmp(&one.gain))
}

#[cfg(test)]
mod tests;
