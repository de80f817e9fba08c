//! The answers of account reviews: those of ideal customers compared with those of the others.

mod compare;

pub(super) use compare::compare_fields;
use sweetspot_core::{ReviewField, SpicedPart};

use super::Proportion;

/// One answer, with its frequency among the ideal customers and among the others.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedAnswer {
    /// The answer, in its first spelling.
    pub text: String,
    /// The ideal customers with this answer, of those with any.
    pub ideal: Proportion,
    /// The other accounts with this answer, of those with any.
    pub others: Proportion,
    /// How many times as frequent the answer is among the ideal customers, with the ends of the 95% interval (Katz et
    /// al. 1978, Biometrics 34:469); `None` if too few accounts have the answer.
    pub ratio: Option<(f64, f64, f64)>,
}

/// The answers of one field of the review.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldComparison {
    /// The field.
    pub field: ReviewField,
    /// The number of ideal customers with an answer.
    pub ideal_answered: u64,
    /// The number of other accounts with an answer.
    pub others_answered: u64,
    /// The answers that most ideal customers gave, at most five.
    pub frequent: Vec<ComparedAnswer>,
    /// The number of other answers of ideal customers.
    pub omitted: u64,
    /// The answers that are more frequent among ideal customers, beyond chance; the clearest first, at most five.
    pub standing_out: Vec<ComparedAnswer>,
    /// The number of other answers that are more frequent, beyond chance.
    pub standing_out_omitted: u64,
    /// The number of answers that enough customers gave to be compared.
    pub compared: u64,
}

impl FieldComparison {
    /// The most frequent answers of ideal customers.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.frequent.iter().map(|answer| answer.text.as_str())
    }
}

/// The field of a part of a SPICED diagnosis.
pub(super) const fn spiced_field(part: SpicedPart) -> ReviewField {
    match part {
        SpicedPart::Situation => ReviewField::Situation,
        SpicedPart::Pain => ReviewField::Pain,
        SpicedPart::Impact => ReviewField::Impact,
        SpicedPart::CriticalEvent => ReviewField::CriticalEvent,
        SpicedPart::Decision => ReviewField::Decision,
    }
}
