//! Summaries of a model's attributes.

use sweetspot_core::{MonotonicityConstraint, TextFormat};

use super::total_effect::{AdditionalTerms, total_spread};
use crate::stored::{self, StoredField as _, term};

/// One attribute of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeSummary {
    /// The attribute's name, as in the dataset.
    pub attribute: String,
    /// The attribute's kind, in lowercase, or `unknown`.
    pub kind: &'static str,
    /// The number of bins, levels or items, including the slot for missing values.
    pub slots: u64,
    /// The share of training customers without a value, in `[0, 1]`.
    pub missing_share: f64,
    /// The standard deviation of the attribute's own contributions over the training customers (for a list: over their
    /// items), in log-odds, without its interactions and hypotheses: how much the attribute matters alone.
    pub spread: f64,
    /// The same as [`Self::spread`], including its interactions and hypotheses: how much the attribute matters in
    /// total.
    pub total_spread: f64,
    /// The effective number of parameters.
    pub effective_parameters: f64,
    /// The direction that the training spec requires of its effect, if any.
    pub direction: Option<MonotonicityConstraint>,
    /// The format of its texts, as detected in the training customers.
    pub format: TextFormat,
}

impl AttributeSummary {
    /// Summarizes a stored term of a model with these interactions and hypotheses.
    pub(super) fn from_stored(term: &stored::Term, additions: AdditionalTerms<'_>) -> Self {
        Self {
            attribute: term.attribute.clone(),
            kind: kind_word(term.encoder.as_ref()),
            slots: term.slots.len() as u64,
            missing_share: term.missing_share,
            spread: spread(&term.slots),
            total_spread: total_spread(term, additions),
            effective_parameters: term.effective_parameters,
            direction: MonotonicityConstraint::from_stored(term.direction, "direction").ok(),
            format: text_format(term),
        }
    }
}

/// The text format of a stored term.
pub(crate) fn text_format(term: &stored::Term) -> TextFormat {
    TextFormat::from_keys(&term.decimal, &term.date_order)
}

/// The standard deviation of the slots' log-odds over their customers.
pub(crate) fn spread(slots: &[stored::Slot]) -> f64 {
    let of_all =
        |f: fn(&stored::Slot) -> f64| -> f64 { slots.iter().map(|slot| slot.customers as f64 * f(slot)).sum() };
    let customers = of_all(|_| 1.0).max(1.0);
    let mean = of_all(|slot| slot.log_odds) / customers;
    let square = of_all(|slot| slot.log_odds * slot.log_odds) / customers;
    (square - mean * mean).max(0.0).sqrt()
}

/// The name of a stored encoder's kind.
pub(super) const fn kind_word(encoder: Option<&term::Encoder>) -> &'static str {
    match encoder {
        Some(term::Encoder::Number(_)) => "number",
        Some(term::Encoder::Date(_)) => "date",
        Some(term::Encoder::Category(_)) => "category",
        Some(term::Encoder::Flag(_)) => "flag",
        Some(term::Encoder::List(_)) => "list",
        None => "unknown",
    }
}
