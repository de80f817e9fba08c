//! What is told of a segment, and of what customers are worth.

use sweetspot_core::{Condition, amount};

use crate::condition::from_stored;
use crate::stored;

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
        let conditions = conditions.iter().map(|one| Some(from_stored(Some(one))?.condition));
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
    /// The mean of the others; lost ones count as worth nothing.
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

/// Why accounts have no order by expected value, in one sentence; nothing where they have one, or where no value is known.
///
/// The expected value `p v + (1 - p) w` of a probability `p` rises with it only where an ideal customer's value `v` is greater than
/// the others' `w`: otherwise the worst accounts would come first.
pub(crate) fn no_value_order(values: Option<&stored::Values>, segments: &[stored::Segment]) -> Option<String> {
    let stored::Values { currency, value_if_ideal, value_if_not, .. } = values?;
    let currency = Some(currency.as_str()).filter(|currency| !currency.is_empty());
    let sentence = |whose: &str, value: f64| {
        let [value, others] = [value, *value_if_not].map(|value| amount(value, currency));
        format!(
            "ideal customers{whose} seem worth no more than others ({value} against {others} on average), so there is no order \
             by expected value"
        )
    };
    if value_if_ideal <= value_if_not {
        return Some(sentence("", *value_if_ideal));
    }
    let least = segments.iter().filter_map(|segment| Some((segment, segment.value_if_ideal?)));
    let (segment, value) = least.min_by(|(_, a), (_, b)| a.total_cmp(b)).filter(|(_, value)| value <= value_if_not)?;
    Some(sentence(&format!(" of {} ({})", segment.id, segment.name), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(value_if_ideal: f64, value_if_not: f64) -> stored::Values {
        stored::Values { currency: "EUR".to_owned(), value_if_ideal, value_if_not, ..stored::Values::default() }
    }

    fn segment(value_if_ideal: Option<f64>) -> stored::Segment {
        let (id, name) = ("segment-1".to_owned(), "Fintech".to_owned());
        stored::Segment { id, name, value_if_ideal, ..stored::Segment::default() }
    }

    #[test]
    fn there_is_an_order_by_value_only_where_every_ideal_customer_is_worth_more() {
        assert_eq!(no_value_order(None, &[segment(Some(1.0))]), None);
        assert_eq!(no_value_order(Some(&values(10.0, 9.0)), &[segment(None), segment(Some(9.5))]), None);
        assert_eq!(no_value_order(Some(&values(-1.0, -9.0)), &[]), None);
        let worst_first = no_value_order(Some(&values(74_681.0, 96_993.0)), &[]).unwrap();
        assert_eq!(
            worst_first,
            "ideal customers seem worth no more than others (EUR 74,681 against EUR 96,993 on average), so there is no order by \
             expected value"
        );
        assert!(no_value_order(Some(&values(5.0, 5.0)), &[]).is_some(), "equal values order nothing");
        let of_one = no_value_order(Some(&values(10.0, 9.0)), &[segment(Some(9.5)), segment(Some(8.0))]).unwrap();
        assert!(
            of_one.starts_with("ideal customers of segment-1 (Fintech) seem worth no more than others (EUR 8 "),
            "{of_one}"
        );
    }
}
