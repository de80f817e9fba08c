//! A compiled model: immutable, shared, total.

pub(crate) mod cell;
mod compile;
mod hypothesis;
mod pair;
mod uncertainty;

use std::collections::BTreeSet;

use self::hypothesis::Hypothesis;
use self::pair::Pair;
use self::uncertainty::Uncertainty;
use super::encoder::{Feature, Reading};
use super::solve::probability;
use crate::domain::{Account, Contribution, ContributionKind, Evidence, Fit, Note, NoteKind, Tier, ValueRef};

pub use compile::CompileError;
pub(crate) use uncertainty::{RANK, standard_error};

/// A model ready to score.
#[derive(Debug)]
pub struct Scorer {
    base: f64,
    base_uncertainty: Uncertainty,
    terms: Vec<Term>,
    hypotheses: Vec<Hypothesis>,
    pairs: Vec<Pair>,
    /// Attributes that hypotheses ask for and no term has, by name.
    beyond: Vec<String>,
    names: BTreeSet<String>,
    cuts: [f64; 3],
}

/// One attribute, ready to score.
#[derive(Debug)]
struct Term {
    feature: Feature,
    slots: Vec<Slot>,
}

/// One slot's coefficient and the customers behind it.
#[derive(Clone, Copy, Debug)]
struct Slot {
    log_odds: f64,
    uncertainty: Uncertainty,
    customers: u64,
    ideal: u64,
}

/// What adds one number to a score.
enum Part<'a> {
    Attribute { feature: &'a Feature, index: usize, value: Option<&'a ValueRef<'a>> },
    Hypothesis(&'a Hypothesis),
    Pair { pair: &'a Pair, cell: usize },
}

/// A fit with every reason for it, in the model's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The fit.
    pub fit: Fit,
    /// Every attribute's contribution; of a list, one an item; then that of each hypothesis which holds; then every pair's.
    pub contributions: Vec<Contribution>,
}

impl Scorer {
    /// Scores one account. Total: whatever the account holds, there is a score, and notes tell what could not be used.
    #[must_use]
    pub fn score(&self, account: &Account) -> Fit {
        self.walk(account, |_, _| {})
    }

    /// Scores one account and gives every reason. The fit equals [`Self::score`]'s bit for bit.
    #[must_use]
    pub fn explain(&self, account: &Account) -> Explained {
        let mut contributions = Vec::with_capacity(self.terms.len() + self.hypotheses.len() + self.pairs.len());
        let fit = self.walk(account, |part, slot| contributions.push(contribution(&part, slot)));
        Explained { fit, contributions }
    }

    /// Names of the model's attributes, those included that only its hypotheses ask for.
    #[must_use]
    pub const fn attributes(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The same names in the model's order.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &str> {
        let terms = self.terms.iter().map(|term| term.feature.attribute.as_str());
        terms.chain(self.beyond.iter().map(String::as_str))
    }

    /// The one way to a score: visits every slot that the account fills, in the model's order.
    fn walk(&self, account: &Account, mut visit: impl FnMut(Part<'_>, &Slot)) -> Fit {
        let (mut log_odds, mut uncertainty) = (self.base, self.base_uncertainty);
        let (mut known, mut present, mut notes) = (0, 0_usize, Vec::new());
        let mut filled = Vec::with_capacity(if self.pairs.is_empty() { 0 } else { self.terms.len() });
        let mut add = |part: Part<'_>, slot: &Slot| {
            log_odds += slot.log_odds;
            uncertainty += &slot.uncertainty;
            visit(part, slot);
        };
        for Term { feature, slots } in &self.terms {
            let value = account.attributes.get(&feature.attribute).map(|value| value.as_ref());
            known += usize::from(value.is_some());
            let mut last = 0;
            let reading = feature.place(value.as_ref(), |index| {
                last = index;
                if let Some(slot) = slots.get(index) {
                    add(Part::Attribute { feature, index, value: value.as_ref() }, slot);
                }
            });
            if !self.pairs.is_empty() {
                filled.push(last);
            }
            present += usize::from(!matches!(reading, Reading::Missing | Reading::Mismatch));
            notes.extend(note(reading).map(|kind| Note { attribute: feature.attribute.clone(), kind }));
        }
        for hypothesis in self.hypotheses.iter().filter(|hypothesis| hypothesis.holds(account)) {
            add(Part::Hypothesis(hypothesis), &hypothesis.slot);
        }
        for pair in &self.pairs {
            if let Some((cell, slot)) = pair.cell(&filled) {
                add(Part::Pair { pair, cell }, slot);
            }
        }
        let missing = self.beyond.iter().filter(|name| !account.attributes.contains_key(*name));
        let before = notes.len();
        notes.extend(missing.map(|name| Note { attribute: name.clone(), kind: NoteKind::Missing }));
        let beyond = self.beyond.len() - (notes.len() - before);
        present += beyond;
        if known + beyond < account.attributes.len() {
            let unknown = account.attributes.keys().filter(|name| !self.names.contains(*name));
            notes.extend(unknown.map(|name| Note { attribute: name.clone(), kind: NoteKind::UnknownAttribute }));
        }
        self.fit(log_odds, uncertainty, present, notes)
    }

    fn fit(&self, log_odds: f64, uncertainty: Uncertainty, present: usize, notes: Vec<Note>) -> Fit {
        let (low, high) = uncertainty.interval(log_odds);
        let (low, probability, high) = (probability(low), probability(log_odds), probability(high));
        let tier = self.tier(probability);
        let one_tier = self.tier(low) == tier && self.tier(high) == tier;
        let evidence = match present {
            0 => Evidence::None,
            _ if one_tier => Evidence::Sufficient,
            _ => Evidence::Thin,
        };
        let coverage = present as f64 / self.names.len() as f64;
        Fit { probability, log_odds, low, high, evidence, base_log_odds: self.base, tier, coverage, notes }
    }

    fn tier(&self, probability: f64) -> Tier {
        let reached = self.cuts.iter().zip(Tier::ALL).find(|(cut, _)| probability >= **cut);
        reached.map_or(Tier::D, |(_, tier)| tier)
    }
}

fn contribution(part: &Part<'_>, slot: &Slot) -> Contribution {
    match part {
        Part::Attribute { feature, index, value } => {
            let label = feature.label(*index, *value);
            slot.contribution(feature.attribute.clone(), label, ContributionKind::Attribute)
        }
        Part::Hypothesis(hypothesis) => hypothesis.contribution(),
        Part::Pair { pair, cell } => slot.contribution(pair.name.clone(), pair.label(*cell), ContributionKind::Pair),
    }
}

impl Slot {
    fn contribution(&self, attribute: String, value_label: String, kind: ContributionKind) -> Contribution {
        Contribution {
            attribute,
            value_label,
            log_odds: self.log_odds,
            standard_error: self.uncertainty.standard_error(),
            kind,
            customers: self.customers,
            ideal_rate: self.ideal as f64 / self.customers.max(1) as f64,
        }
    }
}

const fn note(reading: Reading) -> Option<NoteKind> {
    match reading {
        Reading::Used => None,
        Reading::Missing => Some(NoteKind::Missing),
        Reading::Unseen => Some(NoteKind::UnseenCategory),
        Reading::OutOfRange => Some(NoteKind::OutOfRange),
        Reading::Mismatch => Some(NoteKind::TypeMismatch),
    }
}

#[cfg(test)]
mod tests;
