//! The reasons for a score, and the notes on an account.

use std::borrow::Cow;

use sweetspot_core::{AttributeNote, Contribution, ContributionKind, NoteKind};

use super::{CompiledHypothesis, CompiledInteraction, EncodedAccount, EncodedValue, Scorer, Slot, SlotDetails, Term};
use crate::encoder::ValueStatus;

/// One reason for a score. Cheap to create: its labels are only built by [`Self::contribution`].
#[derive(Clone, Copy, Debug)]
pub struct Reason<'s> {
    source: ReasonSource<'s>,
    slot: &'s Slot,
    slot_details: &'s SlotDetails,
}

/// The source of a reason.
#[derive(Clone, Copy, Debug)]
enum ReasonSource<'s> {
    Attribute { term: &'s Term, spot: EncodedValue, slot: usize },
    Hypothesis(&'s CompiledHypothesis),
    Interaction(&'s CompiledInteraction),
}

impl<'s> Reason<'s> {
    /// The contribution to the log-odds.
    #[must_use]
    pub const fn log_odds(&self) -> f64 {
        self.slot.log_odds
    }

    /// The contribution with its labels; `placed` is the account that the reason belongs to.
    #[must_use]
    pub fn contribution<'a>(&self, placed: &'a EncodedAccount<'_>) -> Contribution<'a>
    where
        's: 'a,
    {
        let SlotDetails { label, standard_error, customers, ideal_rate, raw_rate_differs } = self.slot_details;
        let (attribute, value_label, kind) = match self.source {
            ReasonSource::Attribute { term, spot, slot } => {
                let pooled = placed.pooled_text(&spot).filter(|_| term.feature.is_pooled(slot));
                let label = pooled.map_or(Cow::Borrowed(label.as_str()), truncate_label);
                (term.feature.attribute.as_str(), label, ContributionKind::Attribute)
            }
            ReasonSource::Hypothesis(hypothesis) => {
                (hypothesis.matcher.attribute(), Cow::Borrowed(label.as_str()), ContributionKind::Hypothesis)
            }
            ReasonSource::Interaction(pair) => {
                (pair.name.as_str(), Cow::Borrowed(label.as_str()), ContributionKind::Interaction)
            }
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
    /// All reasons for an encoded account's score, in the order in which they are added up.
    #[must_use]
    pub fn reasons<'s>(&'s self, placed: &EncodedAccount<'_>) -> Vec<Reason<'s>> {
        let mut reasons = Vec::with_capacity(self.terms.len() + self.hypotheses.len() + self.interactions.len());
        for (term, spot) in self.terms.iter().zip(&placed.values) {
            reasons.extend(placed.slots(spot).iter().filter_map(|slot| term.reason(*spot, *slot as usize)));
        }
        let believed = self.hypotheses.iter().zip(&placed.conditions_met).filter(|(_, holds)| **holds);
        reasons.extend(believed.map(|(hypothesis, _)| hypothesis.reason()));
        reasons.extend(self.interactions.iter().filter_map(|pair| {
            let (cell, slot) = pair.find_cell(&placed.values)?;
            Some(Reason { source: ReasonSource::Interaction(pair), slot, slot_details: pair.slot_details.get(cell)? })
        }));
        reasons
    }

    /// At most `most` reasons, largest absolute log-odds first; ties are in the model's order.
    #[must_use]
    pub fn largest_reasons<'s>(&'s self, placed: &EncodedAccount<'_>, most: usize) -> Vec<Reason<'s>> {
        let mut reasons = self.reasons(placed);
        reasons.sort_by(|a, b| b.log_odds().abs().total_cmp(&a.log_odds().abs()));
        reasons.truncate(most);
        reasons
    }

    /// The notes on an encoded account: on the model's terms, then on ambiguous texts, each in the model's order, then
    /// on attributes that only hypotheses use, then on unknown attributes, by name.
    pub fn all_notes<'n>(&'n self, placed: &'n EncodedAccount<'_>) -> impl Iterator<Item = AttributeNote<'n>> {
        let terms = self
            .terms
            .iter()
            .zip(&placed.values)
            .filter_map(|(term, spot)| Some(AttributeNote::new(&term.feature.attribute, note_kind(spot.status)?)));
        let beyond =
            self.attribute_names().skip(self.terms.len()).zip(&placed.extra_present).filter(|(_, known)| !**known);
        let beyond = beyond.map(|(attribute, _)| AttributeNote::new(attribute, NoteKind::Missing));
        let unknown = placed.unknown_names.iter();
        let unknown = unknown.map(|name| AttributeNote::new(name, NoteKind::UnknownAttribute));
        terms.chain(self.ambiguity_notes(placed)).chain(beyond).chain(unknown)
    }
}

impl Scorer {
    /// The notes on ambiguous texts, in the model's order.
    fn ambiguity_notes<'n>(&'n self, placed: &'n EncodedAccount<'_>) -> impl Iterator<Item = AttributeNote<'n>> {
        let spots = self.terms.iter().zip(&placed.values).filter(|(_, spot)| spot.has_text());
        spots.filter(|(term, _)| term.feature.parses_texts()).filter_map(|(term, spot)| {
            let note = AttributeNote::new(&term.feature.attribute, NoteKind::Ambiguous);
            Some(AttributeNote { reading: placed.pooled_text(spot)?.into(), ..note })
        })
    }
}

impl Term {
    pub(super) fn reason(&self, spot: EncodedValue, number: usize) -> Option<Reason<'_>> {
        let source = ReasonSource::Attribute { term: self, spot, slot: number };
        Some(Reason { source, slot: self.slots.get(number)?, slot_details: self.slot_details.get(number)? })
    }
}

impl CompiledHypothesis {
    fn reason(&self) -> Reason<'_> {
        Reason { source: ReasonSource::Hypothesis(self), slot: &self.slot, slot_details: &self.slot_details }
    }
}

const fn note_kind(reading: ValueStatus) -> Option<NoteKind> {
    match reading {
        ValueStatus::Used => None,
        ValueStatus::Missing => Some(NoteKind::Missing),
        ValueStatus::Unseen => Some(NoteKind::UnseenCategory),
        ValueStatus::OutOfRange => Some(NoteKind::OutOfRange),
        ValueStatus::Mismatch => Some(NoteKind::TypeMismatch),
    }
}

/// At most 60 characters of a text from a caller.
pub(super) fn truncate_label(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}
