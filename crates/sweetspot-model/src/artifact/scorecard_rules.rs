//! The scorecard's section on exclusion rules, segments and values.

use serde_json::{Value, json};
use sweetspot_core::ExclusionRule;

use super::scorecard_hypothesis::condition_json;
use super::{CustomerValueSummary, ExclusionRuleSummary, SegmentSummary};
use crate::encoder::Feature;
use crate::stored;
use crate::stored_condition::matcher_from_stored;

/// An exclusion rule as JSON: its condition and its severity. It reads the values of an attribute as the attribute's own
/// term does.
pub(super) fn exclusion_rule_json(stored: &stored::ExclusionRule, terms: &[stored::Term]) -> Option<Value> {
    let ExclusionRuleSummary { rule: exclusion_rule, customers, ideal } = ExclusionRuleSummary::from_stored(stored)?;
    let ExclusionRule { id, statement, when, severity, section, attribution: by } = exclusion_rule;
    let term = terms.iter().find(|term| term.attribute == when.attribute);
    let of_term = term.and_then(|term| Feature::from_stored(&term.attribute, term.encoder.as_ref()?));
    let kind = matcher_from_stored(stored.when.as_ref())?.with_kind(of_term.map(|feature| feature.kind())).kind();
    Some(json!({
        "id": id,
        "statement": statement,
        "when": condition_json(&when, kind),
        "severity": severity.as_str(),
        "section": section.key(),
        "author": by.author,
        "reason": by.reason,
        "customers": customers,
        "ideal": ideal,
    }))
}

/// A segment as JSON: its rule and the value of its customers.
pub(super) fn segment_json(stored: &stored::Segment) -> Option<Value> {
    let SegmentSummary { id, name, conditions, customers, ideal, stability, value_if_ideal, valued_customers: valued } =
        SegmentSummary::from_stored(stored)?;
    Some(json!({
        "id": id,
        "name": name,
        "conditions": conditions.iter().map(|condition| condition_json(condition, None)).collect::<Vec<_>>(),
        "customers": customers,
        "ideal": ideal,
        "stability": stability,
        "value_if_ideal": value_if_ideal,
        "valued": valued,
    }))
}

/// The value of customers as JSON.
pub(super) fn value_json(stored: &stored::Values) -> Value {
    let CustomerValueSummary { currency, if_ideal, ideal, if_not, others, pooling } =
        CustomerValueSummary::from_stored(stored);
    json!({
        "currency": currency,
        "value_if_ideal": if_ideal,
        "ideal": ideal,
        "value_if_not": if_not,
        "others": others,
        "pooling": pooling,
    })
}
