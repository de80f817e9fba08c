//! Summaries of segments and of customer value.

use sweetspot_core::{Condition, amount};

use crate::stored;
use crate::stored_condition::matcher_from_stored;

/// A segment: a kind of ideal customers, defined by a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentSummary {
    /// The unique id, such as `segment-1`.
    pub id: String,
    /// The display name.
    pub name: String,
    /// The rule: all conditions must hold. An account belongs to the first segment whose rule holds.
    pub conditions: Vec<Condition>,
    /// The number of labeled training customers in the segment.
    pub customers: u64,
    /// The number of ideal customers among them.
    pub ideal: u64,
    /// The agreement of clusterings of resamples: the mean adjusted Rand index, at most 1.
    pub stability: f64,
    /// The mean net value of its ideal customers, in the version's currency, pooled with all ideal customers; `None` if
    /// no value is known.
    pub value_if_ideal: Option<f64>,
    /// The number of its ideal customers with a known value.
    pub valued_customers: u64,
}

impl SegmentSummary {
    /// Summarizes a stored segment; `None` if a condition is absent, in which case the model does not compile.
    pub(super) fn from_stored(stored: &stored::Segment) -> Option<Self> {
        let stored::Segment { id, name, conditions, customers, ideal, stability, value_if_ideal, valued } = stored;
        let conditions = conditions.iter().map(|condition| Some(matcher_from_stored(Some(condition))?.condition));
        Some(Self {
            id: id.clone(),
            name: name.clone(),
            conditions: conditions.collect::<Option<_>>()?,
            customers: *customers,
            ideal: *ideal,
            stability: *stability,
            value_if_ideal: *value_if_ideal,
            valued_customers: *valued,
        })
    }
}

/// The net value of customers.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerValueSummary {
    /// The currency; `None` if it was not specified.
    pub currency: Option<String>,
    /// The mean of ideal customers.
    pub if_ideal: f64,
    /// The number of ideal customers with a known value.
    pub ideal: u64,
    /// The mean of the other customers; lost ones count as 0.
    pub if_not: f64,
    /// The number of other customers with a known value.
    pub others: u64,
    /// The weight of [`Self::if_ideal`] in a segment's mean, as a number of customers.
    pub pooling: f64,
}

impl CustomerValueSummary {
    /// Reads stored values.
    pub(super) fn from_stored(stored: &stored::Values) -> Self {
        let stored::Values { currency, value_if_ideal, ideal, value_if_not, others, pooling } = stored.clone();
        let currency = Some(currency).filter(|currency| !currency.is_empty());
        Self { currency, if_ideal: value_if_ideal, ideal, if_not: value_if_not, others, pooling }
    }
}

/// The reason why accounts have no order by expected value, in one sentence; `None` if they have one, or if no value is
/// known.
///
/// The expected value `p v + (1 - p) w` increases with the probability `p` only if an ideal customer's value `v` is
/// greater than the others' `w`: otherwise the worst accounts would come first.
pub(crate) fn no_value_order_reason(values: Option<&stored::Values>, segments: &[stored::Segment]) -> Option<String> {
    let stored::Values { currency, value_if_ideal, value_if_not, .. } = values?;
    let currency = Some(currency.as_str()).filter(|currency| !currency.is_empty());
    let sentence = |group: &str, value: f64| {
        let [value, others] = [value, *value_if_not].map(|value| amount(value, currency));
        format!(
            "ideal customers{group} seem worth no more than others ({value} against {others} on average), so there is no order \
             by expected value"
        )
    };
    if value_if_ideal <= value_if_not {
        return Some(sentence("", *value_if_ideal));
    }
    let segment_values = segments.iter().filter_map(|segment| Some((segment, segment.value_if_ideal?)));
    let (segment, value) =
        segment_values.min_by(|(_, a), (_, b)| a.total_cmp(b)).filter(|(_, value)| value <= value_if_not)?;
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
        assert_eq!(no_value_order_reason(None, &[segment(Some(1.0))]), None);
        assert_eq!(no_value_order_reason(Some(&values(10.0, 9.0)), &[segment(None), segment(Some(9.5))]), None);
        assert_eq!(no_value_order_reason(Some(&values(-1.0, -9.0)), &[]), None);
        let worst_first = no_value_order_reason(Some(&values(74_681.0, 96_993.0)), &[]).unwrap();
        assert_eq!(
            worst_first,
            "ideal customers seem worth no more than others (EUR 74,681 against EUR 96,993 on average), so there is no order by \
             expected value"
        );
        assert!(no_value_order_reason(Some(&values(5.0, 5.0)), &[]).is_some(), "equal values give no order");
        let of_one =
            no_value_order_reason(Some(&values(10.0, 9.0)), &[segment(Some(9.5)), segment(Some(8.0))]).unwrap();
        assert!(
            of_one.starts_with("ideal customers of segment-1 (Fintech) seem worth no more than others (EUR 8 "),
            "{of_one}"
        );
    }
}
