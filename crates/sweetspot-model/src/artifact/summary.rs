//! What one attribute does in a model.

use sweetspot_core::{Direction, TextFormat};

use super::direction_of;
use super::whole::{Additions, whole_spread};
use crate::stored::{self, term};

/// One attribute of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeSummary {
    /// Its name.
    pub attribute: String,
    /// Its kind, as a word.
    pub kind: &'static str,
    /// Bins, levels or items, the slot for missing included.
    pub slots: u64,
    /// Share of training customers without it, in `[0, 1]`.
    pub missing_share: f64,
    /// Standard deviation of its own contributions, without those of its pairs and beliefs, over the training customers (of a list: over the
    /// items they have), in log-odds: how much it matters alone.
    pub spread: f64,
    /// The same with the pairs that it is part of and what is believed of it: how much it matters in all.
    pub whole_spread: f64,
    /// Effective number of parameters.
    pub effective_parameters: f64,
    /// Which way it may move the fit, where that was asked for.
    pub direction: Option<Direction>,
    /// How its texts are written, as those of the customers were.
    pub format: TextFormat,
}

impl AttributeSummary {
    /// The summary of a kept term of a model with these pairs and hypotheses.
    pub(super) fn of(term: &stored::Term, additions: Additions<'_>) -> Self {
        Self {
            attribute: term.attribute.clone(),
            kind: kind(term.encoder.as_ref()),
            slots: term.slots.len() as u64,
            missing_share: term.missing_share,
            spread: spread(&term.slots),
            whole_spread: whole_spread(term, additions),
            effective_parameters: term.effective_parameters,
            direction: direction_of(term),
            format: format_of(term),
        }
    }
}

/// How the texts of a kept term are written.
pub(crate) fn format_of(term: &stored::Term) -> TextFormat {
    TextFormat::from_keys(&term.decimal, &term.date_order)
}

/// Standard deviation of the slots' log-odds over their customers.
pub(crate) fn spread(slots: &[stored::Slot]) -> f64 {
    let of_all =
        |f: fn(&stored::Slot) -> f64| -> f64 { slots.iter().map(|slot| slot.customers as f64 * f(slot)).sum() };
    let customers = of_all(|_| 1.0).max(1.0);
    let mean = of_all(|slot| slot.log_odds) / customers;
    let square = of_all(|slot| slot.log_odds * slot.log_odds) / customers;
    (square - mean * mean).max(0.0).sqrt()
}

/// The word for a kept encoder's kind.
pub(super) const fn kind(encoder: Option<&term::Encoder>) -> &'static str {
    match encoder {
        Some(term::Encoder::Number(_)) => "number",
        Some(term::Encoder::Date(_)) => "date",
        Some(term::Encoder::Category(_)) => "category",
        Some(term::Encoder::Flag(_)) => "flag",
        Some(term::Encoder::List(_)) => "list",
        None => "unknown",
    }
}
