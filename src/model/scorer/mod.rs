//! A compiled model: immutable, shared, total.

pub(crate) mod cell;
mod compile;

use std::collections::BTreeSet;

use super::encoder::{Feature, Reading};
use super::train::probability;
use crate::domain::{Account, Contribution, Fit, Note, NoteKind, Tier, ValueRef};

pub use compile::CompileError;

/// A model ready to score.
#[derive(Debug)]
pub struct Scorer {
    base: f64,
    terms: Vec<Term>,
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
    customers: u64,
    ideal: u64,
}

/// A fit with every reason for it, in the model's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The fit.
    pub fit: Fit,
    /// Every attribute's contribution; of a list, one an item.
    pub contributions: Vec<Contribution>,
}

impl Scorer {
    /// Scores one account. Total: whatever the account holds, there is a score, and notes tell what could not be used.
    #[must_use]
    pub fn score(&self, account: &Account) -> Fit {
        self.walk(account, |_, _, _, _| {})
    }

    /// Scores one account and gives every reason. The fit equals [`Self::score`]'s bit for bit.
    #[must_use]
    pub fn explain(&self, account: &Account) -> Explained {
        let mut contributions = Vec::with_capacity(self.terms.len());
        let fit = self.walk(account, |feature, index, slot, value| {
            contributions.push(Contribution {
                attribute: feature.attribute.clone(),
                value_label: feature.label(index, value),
                log_odds: slot.log_odds,
                customers: slot.customers,
                ideal_rate: slot.ideal as f64 / slot.customers.max(1) as f64,
            });
        });
        Explained { fit, contributions }
    }

    /// Names of the model's attributes.
    #[must_use]
    pub const fn attributes(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The one way to a score: visits every slot that the account fills, in the model's order.
    fn walk(&self, account: &Account, mut visit: impl FnMut(&Feature, usize, &Slot, Option<&ValueRef<'_>>)) -> Fit {
        let (mut log_odds, mut present, mut notes) = (self.base, 0_usize, Vec::new());
        for Term { feature, slots } in &self.terms {
            let value = account.attributes.get(&feature.attribute).map(|value| value.as_ref());
            let reading = feature.place(value.as_ref(), |index| {
                if let Some(slot) = slots.get(index) {
                    log_odds += slot.log_odds;
                    visit(feature, index, slot, value.as_ref());
                }
            });
            present += usize::from(!matches!(reading, Reading::Missing | Reading::Mismatch));
            notes.extend(note(reading).map(|kind| Note { attribute: feature.attribute.clone(), kind }));
        }
        let unknown = account.attributes.keys().filter(|name| !self.names.contains(*name));
        notes.extend(unknown.map(|name| Note { attribute: name.clone(), kind: NoteKind::UnknownAttribute }));
        let probability = probability(log_odds);
        Fit {
            probability,
            log_odds,
            base_log_odds: self.base,
            tier: self.tier(probability),
            coverage: present as f64 / self.terms.len() as f64,
            notes,
        }
    }

    fn tier(&self, probability: f64) -> Tier {
        let reached = self.cuts.iter().zip(Tier::ALL).find(|(cut, _)| probability >= **cut);
        reached.map_or(Tier::D, |(_, tier)| tier)
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
