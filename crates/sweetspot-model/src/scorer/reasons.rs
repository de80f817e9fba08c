//! The reasons for a score, and the notes on an account.

use std::borrow::Cow;

use sweetspot_core::{AttributeNote, AttributeNoteKind, Contribution, ContributionKind};

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
    Attribute { term: &'s Term, encoded_value: EncodedValue, slot: usize },
    Hypothesis(&'s CompiledHypothesis),
    Interaction(&'s CompiledInteraction),
}

impl<'s> Reason<'s> {
    /// The contribution to the log-odds.
    #[must_use]
    pub const fn log_odds(&self) -> f64 {
        self.slot.log_odds
    }

    /// The contribution with its labels; `encoded_account` is the account that the reason belongs to.
    #[must_use]
    pub fn contribution<'a>(&self, encoded_account: &'a EncodedAccount<'_>) -> Contribution<'a>
    where
        's: 'a,
    {
        let SlotDetails { label, standard_error, customers, ideal_rate, raw_rate_differs } = self.slot_details;
        let (attribute, value_label, kind) = match self.source {
            ReasonSource::Attribute { term, encoded_value, slot } => {
                let pooled = encoded_account.pooled_text(&encoded_value).filter(|_| term.feature.is_pooled(slot));
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
    pub fn reasons<'s>(&'s self, encoded_account: &EncodedAccount<'_>) -> Vec<Reason<'s>> {
        let mut reasons = Vec::with_capacity(self.terms.len() + self.hypotheses.len() + self.interactions.len());
        for (term, encoded_value) in self.terms.iter().zip(&encoded_account.values) {
            reasons.extend(
                encoded_account
                    .slots(encoded_value)
                    .iter()
                    .filter_map(|slot| term.reason(*encoded_value, *slot as usize)),
            );
        }
        let matching = self.hypotheses.iter().zip(&encoded_account.conditions_met).filter(|(_, holds)| **holds);
        reasons.extend(matching.map(|(hypothesis, _)| hypothesis.reason()));
        reasons.extend(self.interactions.iter().filter_map(|pair| {
            let (cell, slot) = pair.find_cell(&encoded_account.values)?;
            Some(Reason { source: ReasonSource::Interaction(pair), slot, slot_details: pair.slot_details.get(cell)? })
        }));
        reasons
    }

    /// At most `max_count` reasons, largest absolute log-odds first; ties are in the model's order.
    #[must_use]
    pub fn largest_reasons<'s>(&'s self, encoded_account: &EncodedAccount<'_>, max_count: usize) -> Vec<Reason<'s>> {
        let mut reasons = self.reasons(encoded_account);
        reasons.sort_by(|a, b| b.log_odds().abs().total_cmp(&a.log_odds().abs()));
        reasons.truncate(max_count);
        reasons
    }

    /// The notes on an encoded account: on the model's terms, then on ambiguous texts, each in the model's order, then
    /// on attributes that only hypotheses use, then on unknown attributes, by name.
    pub fn all_notes<'n>(&'n self, encoded_account: &'n EncodedAccount<'_>) -> impl Iterator<Item = AttributeNote<'n>> {
        let terms = self.terms.iter().zip(&encoded_account.values).filter_map(|(term, encoded_value)| {
            Some(AttributeNote::new(&term.feature.attribute, note_kind(encoded_value.status)?))
        });
        let extra_attributes = self
            .attribute_names()
            .skip(self.terms.len())
            .zip(&encoded_account.extra_present)
            .filter(|(_, known)| !**known);
        let extra_attributes =
            extra_attributes.map(|(attribute, _)| AttributeNote::new(attribute, AttributeNoteKind::Missing));
        let unknown = encoded_account.unknown_names.iter();
        let unknown = unknown.map(|name| AttributeNote::new(name, AttributeNoteKind::UnknownAttribute));
        terms.chain(self.ambiguity_notes(encoded_account)).chain(extra_attributes).chain(unknown)
    }
}

impl Scorer {
    /// The notes on ambiguous texts, in the model's order.
    fn ambiguity_notes<'n>(
        &'n self,
        encoded_account: &'n EncodedAccount<'_>,
    ) -> impl Iterator<Item = AttributeNote<'n>> {
        let text_values =
            self.terms.iter().zip(&encoded_account.values).filter(|(_, encoded_value)| encoded_value.has_text());
        text_values.filter(|(term, _)| term.feature.parses_texts()).filter_map(|(term, encoded_value)| {
            let note = AttributeNote::new(&term.feature.attribute, AttributeNoteKind::Ambiguous);
            Some(AttributeNote { reading: encoded_account.pooled_text(encoded_value)?.into(), ..note })
        })
    }
}

impl Term {
    pub(super) fn reason(&self, encoded_value: EncodedValue, number: usize) -> Option<Reason<'_>> {
        let source = ReasonSource::Attribute { term: self, encoded_value, slot: number };
        Some(Reason { source, slot: self.slots.get(number)?, slot_details: self.slot_details.get(number)? })
    }
}

impl CompiledHypothesis {
    fn reason(&self) -> Reason<'_> {
        Reason { source: ReasonSource::Hypothesis(self), slot: &self.slot, slot_details: &self.slot_details }
    }
}

const fn note_kind(reading: ValueStatus) -> Option<AttributeNoteKind> {
    match reading {
        ValueStatus::Used => None,
        ValueStatus::Missing => Some(AttributeNoteKind::Missing),
        ValueStatus::Unseen => Some(AttributeNoteKind::UnseenCategory),
        ValueStatus::OutOfRange => Some(AttributeNoteKind::OutOfRange),
        ValueStatus::Mismatch => Some(AttributeNoteKind::TypeMismatch),
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
