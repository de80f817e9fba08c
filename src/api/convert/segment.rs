//! Converts the segments and the values of a version to messages.

use sweetspot_model::{CustomerValueSummary, SegmentSummary};
use sweetspot_proto::v1;

use crate::messages::entries::wire_condition;

/// Converts a segment.
pub(super) fn segment_summary(summary: SegmentSummary) -> v1::SegmentSummary {
    let SegmentSummary { id, name, conditions, customers, ideal, stability, value_if_ideal, valued_customers: valued } =
        summary;
    let conditions = conditions.into_iter().map(wire_condition).collect();
    v1::SegmentSummary { id, name, conditions, customers, ideal, stability, value_if_ideal, valued }
}

/// Converts the value summary; `no_order` is why the version cannot order accounts by expected value, if it cannot.
pub(super) fn value_summary(summary: CustomerValueSummary, no_order: Option<String>) -> v1::ValueSummary {
    let CustomerValueSummary { currency, if_ideal, ideal, if_not, others, pooling } = summary;
    v1::ValueSummary {
        currency_code: currency.unwrap_or_default(),
        value_if_ideal: if_ideal,
        ideal,
        value_if_not: if_not,
        others,
        pooling,
        no_order: no_order.unwrap_or_default(),
    }
}
