//! What a score is made of, and what is remarked about the account.

use std::borrow::Cow;

use sweetspot_core::{Contribution, ContributionKind, Note, NoteKind};

use super::{Hypothesis, Pair, Placed, Scorer, Slot, Spot, Term, Told};
use crate::encoder::Reading;

/// One part of a score. Cheap: what a person reads of it is put together only when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Reason<'s> {
    source: Source<'s>,
    slot: &'s Slot,
    told: &'s Told,
}

/// What adds a number to a score.
#[derive(Clone, Copy, Debug)]
enum Source<'s> {
    Attribute { term: &'s Term, spot: Spot, slot: usize },
    Hypothesis(&'s Hypothesis),
    Pair(&'s Pair),
}

impl<'s> Reason<'s> {
    /// What it adds to the log-odds.
    #[must_use]
    pub const fn log_odds(&self) -> f64 {
        self.slot.log_odds
    }

    /// As it is told, for the account whose reason it is.
    #[must_use]
    pub fn contribution<'a>(&self, placed: &'a Placed<'_>) -> Contribution<'a>
    where
        's: 'a,
    {
        let Told { label, standard_error, customers, ideal_rate, raw_rate_differs } = self.told;
        let (attribute, value_label, kind) = match self.source {
            Source::Attribute { term, spot, slot } => {
                let pooled = placed.text(&spot).filter(|_| term.feature.is_pooled(slot));
                let label = pooled.map_or(Cow::Borrowed(label.as_str()), shorten);
                (term.feature.attribute.as_str(), label, ContributionKind::Attribute)
            }
            Source::Hypothesis(hypothesis) => {
                (hypothesis.when.attribute(), Cow::Borrowed(label.as_str()), ContributionKind::Hypothesis)
            }
            Source::Pair(pair) => (pair.name.as_str(), Cow::Borrowed(label.as_str()), ContributionKind::Pair),
        };
        Contribution {
            attribute: attribute.into(),
            value_label,
            log_odds: self.slot.log_odds,
            standard_error: *standard_error,
            kind,
            customers: *customers,
            ideal_rate: *ideal_rate,
            raw_rate_differs: *raw_rate_differs,
        }
    }
}

impl Scorer {
    /// Every part of a placed account's score, in the order in which it is added up.
    #[must_use]
    pub fn reasons<'s>(&'s self, placed: &Placed<'_>) -> Vec<Reason<'s>> {
        let mut reasons = Vec::with_capacity(self.terms.len() + self.hypotheses.len() + self.pairs.len());
        for (term, spot) in self.terms.iter().zip(&placed.spots) {
            reasons.extend(placed.slots(spot).iter().filter_map(|slot| term.reason(*spot, *slot as usize)));
        }
        let believed = self.hypotheses.iter().zip(&placed.holds).filter(|(_, holds)| **holds);
        reasons.extend(believed.map(|(hypothesis, _)| hypothesis.reason()));
        reasons.extend(self.pairs.iter().filter_map(|pair| {
            let (cell, slot) = pair.cell(&placed.spots)?;
            Some(Reason { source: Source::Pair(pair), slot, told: pair.told.get(cell)? })
        }));
        reasons
    }

    /// The largest parts of a score, largest first; of equal ones the one earlier in the model comes first.
    #[must_use]
    pub fn largest_reasons<'s>(&'s self, placed: &Placed<'_>, most: usize) -> Vec<Reason<'s>> {
        let mut reasons = self.reasons(placed);
        reasons.sort_by(|a, b| b.log_odds().abs().total_cmp(&a.log_odds().abs()));
        reasons.truncate(most);
        reasons
    }

    /// Remarks on a placed account, in the model's order, then on texts that could mean two things; attributes unknown to the
    /// model last, by name.
    pub fn notes<'n>(&'n self, placed: &'n Placed<'_>) -> impl Iterator<Item = Note<'n>> {
        let terms = self
            .terms
            .iter()
            .zip(&placed.spots)
            .filter_map(|(term, spot)| Some(Note::new(&term.feature.attribute, note(spot.reading)?)));
        let beyond = self.in_order().skip(self.terms.len()).zip(&placed.beyond).filter(|(_, known)| !**known);
        let beyond = beyond.map(|(attribute, _)| Note::new(attribute, NoteKind::Missing));
        let unknown = placed.unknown.iter();
        let unknown = unknown.map(|name| Note::new(name, NoteKind::UnknownAttribute));
        terms.chain(self.taken_notes(placed)).chain(beyond).chain(unknown)
    }
}

impl Scorer {
    /// Remarks on texts that could mean two things, in the model's order.
    fn taken_notes<'n>(&'n self, placed: &'n Placed<'_>) -> impl Iterator<Item = Note<'n>> {
        let spots = self.terms.iter().zip(&placed.spots).filter(|(_, spot)| spot.has_text());
        spots.filter(|(term, _)| term.feature.parses_texts()).filter_map(|(term, spot)| {
            let note = Note::new(&term.feature.attribute, NoteKind::Ambiguous);
            Some(Note { taken: placed.text(spot)?.into(), ..note })
        })
    }
}

impl Term {
    pub(super) fn reason(&self, spot: Spot, number: usize) -> Option<Reason<'_>> {
        let source = Source::Attribute { term: self, spot, slot: number };
        Some(Reason { source, slot: self.slots.get(number)?, told: self.told.get(number)? })
    }
}

impl Hypothesis {
    fn reason(&self) -> Reason<'_> {
        Reason { source: Source::Hypothesis(self), slot: &self.slot, told: &self.told }
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

/// At most 60 characters of a text that a caller wrote.
pub(super) fn shorten(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}
