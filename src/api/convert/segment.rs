//! Segments and values of a version as they are answered.

use sweetspot_model::{SegmentSummary, ValueSummary};
use sweetspot_proto::v1;

use super::condition::wire_condition;

/// A segment.
pub(super) fn segment_summary(summary: SegmentSummary) -> v1::SegmentSummary {
    let SegmentSummary { id, name, conditions, customers, ideal, stability, value_if_ideal, valued } = summary;
    let conditions = conditions.into_iter().map(wire_condition).collect();
    v1::SegmentSummary { id, name, conditions, customers, ideal, stability, value_if_ideal, valued }
}

/// What customers are worth, and why there is no order by it, where there is none.
pub(super) fn value_summary(summary: ValueSummary, no_order: Option<String>) -> v1::ValueSummary {
    let ValueSummary { currency, if_ideal, ideal, if_not, others, pooling } = summary;
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
