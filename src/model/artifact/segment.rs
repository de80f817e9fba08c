//! What is told of a segment, and of what customers are worth.

use crate::domain::Condition;
use crate::generated::stored;
use crate::model::belief::Belief;

/// A kind of ideal customers, told by a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentSummary {
    /// Tells it from the others, such as `segment-1`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// All of them hold for its accounts. Of several segments whose conditions hold, the first counts.
    pub conditions: Vec<Condition>,
    /// Labelled training customers whose segment it is.
    pub customers: u64,
    /// How many of them are ideal.
    pub ideal: u64,
    /// How well clusterings of resamples agreed: the mean adjusted Rand index, at most 1.
    pub stability: f64,
    /// What an ideal customer of it is worth, in the version's currency, pooled with all ideal ones; nothing where no value is known.
    pub value_if_ideal: Option<f64>,
    /// Ideal customers of it whose value is known.
    pub valued: u64,
}

impl SegmentSummary {
    /// Of a kept segment; nothing where a condition is not there, with which no model compiles.
    pub(super) fn of(stored: &stored::Segment) -> Option<Self> {
        let stored::Segment { id, name, conditions, customers, ideal, stability, value_if_ideal, valued } = stored;
        let conditions = conditions.iter().map(|one| Some(Belief::from_stored(Some(one))?.condition));
        Some(Self {
            id: id.clone(),
            name: name.clone(),
            conditions: conditions.collect::<Option<_>>()?,
            customers: *customers,
            ideal: *ideal,
            stability: *stability,
            value_if_ideal: *value_if_ideal,
            valued: *valued,
        })
    }
}

/// What customers are worth, net of costs.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueSummary {
    /// The currency; nothing where none was told.
    pub currency: Option<String>,
    /// The mean of ideal customers.
    pub if_ideal: f64,
    /// Of how many that is known.
    pub ideal: u64,
    /// The mean of the others; lost ones without a value count as worth nothing.
    pub if_not: f64,
    /// Of how many that is known.
    pub others: u64,
    /// A segment's own mean is pooled with so many customers of [`Self::if_ideal`].
    pub pooling: f64,
}

impl ValueSummary {
    /// Of what is kept.
    pub(super) fn of(stored: &stored::Values) -> Self {
        let stored::Values { currency, value_if_ideal, ideal, value_if_not, others, pooling } = stored.clone();
        let currency = Some(currency).filter(|currency| !currency.is_empty());
        Self { currency, if_ideal: value_if_ideal, ideal, if_not: value_if_not, others, pooling }
    }
}
