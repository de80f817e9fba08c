//! The scorecard's part on gates, segments and values.

use serde_json::{Value, json};
use sweetspot_core::Gate;

use super::believed::condition_json;
use super::{GateSummary, SegmentSummary, ValueSummary};
use crate::stored;

/// A gate as JSON: its condition and what it does.
pub(super) fn gate_json(stored: &stored::Gate) -> Option<Value> {
    let GateSummary { gate, customers, ideal } = GateSummary::of(stored)?;
    let Gate { id, statement, when, severity, section, by } = gate;
    Some(json!({
        "id": id,
        "statement": statement,
        "when": condition_json(&when),
        "severity": severity.word(),
        "section": section.key(),
        "author": by.author,
        "reason": by.reason,
        "customers": customers,
        "ideal": ideal,
    }))
}

/// A segment as JSON: its rule and what its customers are worth.
pub(super) fn segment_json(stored: &stored::Segment) -> Option<Value> {
    let SegmentSummary { id, name, conditions, customers, ideal, stability, value_if_ideal, valued } =
        SegmentSummary::of(stored)?;
    Some(json!({
        "id": id,
        "name": name,
        "conditions": conditions.iter().map(condition_json).collect::<Vec<_>>(),
        "customers": customers,
        "ideal": ideal,
        "stability": stability,
        "value_if_ideal": value_if_ideal,
        "valued": valued,
    }))
}

/// What customers are worth, as JSON.
pub(super) fn value_json(stored: &stored::Values) -> Value {
    let ValueSummary { currency, if_ideal, ideal, if_not, others, pooling } = ValueSummary::of(stored);
    json!({
        "currency": currency,
        "value_if_ideal": if_ideal,
        "ideal": ideal,
        "value_if_not": if_not,
        "others": others,
        "pooling": pooling,
    })
}
