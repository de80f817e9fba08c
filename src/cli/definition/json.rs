//! The definition as JSON.

use serde_json::{Value, json};
use sweetspot_proto::v1::definition::State;
use sweetspot_proto::v1::profile_change::Kind;
use sweetspot_proto::v1::{self};

use super::words::{category_word, lean_word, section_word, severity_word, spiced_word};
use crate::cli::hypothesis_json::condition_json;
use crate::cli::version_json::time_text;

/// Returns a hypothesis as JSON.
pub(crate) fn hypothesis_entry_json(held: &v1::HeldHypothesis) -> Value {
    let hypothesis = held.hypothesis.clone().unwrap_or_default();
    json!({
        "id": hypothesis.id,
        "statement": hypothesis.statement,
        "when": hypothesis.when.as_ref().map(condition_json),
        "odds_ratio": hypothesis.odds_ratio,
        "confidence_customers": hypothesis.confidence_customers,
        "author": hypothesis.author,
        "stated": held.create_time.as_ref().map(time_text),
        "reason": held.reason,
        "expires": hypothesis.expire_time.as_ref().map(time_text),
    })
}

/// Returns an exclusion rule as JSON.
pub(crate) fn gate_json(gate: &v1::Gate) -> Value {
    json!({
        "id": gate.id,
        "statement": gate.statement,
        "when": gate.when.as_ref().map(condition_json),
        "severity": severity_word(gate.severity()),
        "section": section_word(gate.section()),
        "author": gate.author,
        "stated": gate.create_time.as_ref().map(time_text),
        "reason": gate.reason,
        "expires": gate.expire_time.as_ref().map(time_text),
    })
}

/// Returns a finding as JSON.
pub(crate) fn finding_json(finding: &v1::Finding) -> Value {
    json!({
        "id": finding.id,
        "text": finding.text,
        "question": finding.question,
        "account": finding.account_id,
        "segment": finding.segment_id,
        "section": section_word(finding.section()),
        "spiced": spiced_word(finding.spiced()),
        "category": category_word(finding.category()),
        "lean": lean_word(finding.lean()),
        "author": finding.author,
        "stated": finding.create_time.as_ref().map(time_text),
        "reason": finding.reason,
        "expires": finding.expire_time.as_ref().map(time_text),
    })
}

/// Returns a comment as JSON.
pub(crate) fn comment_json(comment: &v1::Comment) -> Value {
    json!({
        "id": comment.id,
        "about": comment.about,
        "text": comment.text,
        "author": comment.author,
        "time": comment.create_time.as_ref().map(time_text),
    })
}

/// Returns a definition as JSON, without its lists.
pub(crate) fn definition_json(definition: &v1::Definition) -> Value {
    let place = |place: &v1::AttributePlace| {
        let (category, section) = (category_word(place.category()), section_word(place.section()));
        json!({ "attribute": place.attribute, "category": category, "section": section })
    };
    json!({
        "model": definition.model,
        "etag": definition.etag,
        "state": state_word(definition.state()),
        "by": definition.state_author,
        "time": definition.state_time.as_ref().map(time_text),
        "profile_version": definition.profile_version,
        "review_date": definition.review_date,
        "attributes": definition.attributes.iter().map(place).collect::<Vec<_>>(),
        "hypotheses": definition.hypotheses,
        "gates": definition.gates,
        "findings": definition.findings,
        "comments": definition.comments,
        "profile_versions": definition.profile_versions,
    })
}

/// Returns an approved version as JSON, without its content.
pub(crate) fn profile_json(profile: &v1::ProfileVersion) -> Value {
    json!({
        "number": profile.number,
        "model_version": profile.model_version,
        "approver": profile.approver,
        "time": profile.approve_time.as_ref().map(time_text),
    })
}

/// Returns the differences between two approved versions as JSON.
pub(crate) fn diff_json(diff: &v1::DiffProfilesResponse) -> Value {
    let change = |change: &v1::ProfileChange| {
        let kind = match change.kind() {
            Kind::Unspecified => "unknown",
            Kind::Added => "added",
            Kind::Removed => "removed",
            Kind::Changed => "changed",
        };
        let (subject, id, sentence) = (&change.subject, &change.id, &change.sentence);
        let effect = change.effect.as_ref().map(effect_json);
        json!({ "kind": kind, "subject": subject, "id": id, "sentence": sentence, "effect": effect })
    };
    json!({
        "from_model_version": diff.from_model_version,
        "to_model_version": diff.to_model_version,
        "changes": diff.changes.iter().map(change).collect::<Vec<_>>(),
        "more": diff.more,
    })
}

fn effect_json(effect: &v1::EffectChange) -> Value {
    json!({
        "value": effect.value,
        "from": { "odds_ratio": effect.from_odds_ratio, "low": effect.from_low, "high": effect.from_high },
        "to": { "odds_ratio": effect.to_odds_ratio, "low": effect.to_low, "high": effect.to_high },
        "customers": effect.customers,
    })
}

/// Returns the word for a state.
pub(crate) const fn state_word(state: State) -> &'static str {
    match state {
        State::Unspecified => "unknown",
        State::Draft => "draft",
        State::InReview => "in review",
        State::Approved => "approved",
    }
}
