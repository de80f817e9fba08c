//! Converts the hypotheses of a definition from and to messages.

use jiff::Timestamp;
use sweetspot_core::{Hypothesis, HypothesisEntry};
use sweetspot_proto::v1;

use super::condition::wire_condition;
use super::hypothesis::parse_hypothesis;
use super::statement::optional_timestamp;
use super::time::timestamp;
use crate::api::violations::Violations;

/// Reads a hypothesis; `path` is its field path in the request. The caller checks its limits.
pub(super) fn parse_hypothesis_entry(
    wire: v1::HeldHypothesis,
    path: &str,
    problems: &mut Violations,
) -> Option<HypothesisEntry> {
    let v1::HeldHypothesis { hypothesis: believed, create_time: _, reason } = wire;
    let path = format!("{path}.hypothesis");
    let Some(believed) = believed else {
        problems.add("INVALID_HYPOTHESIS", path, "hypothesis is required");
        return None;
    };
    // The definition sets the dates.
    Some(HypothesisEntry {
        hypothesis: parse_hypothesis(believed, &path, problems),
        stated_at: Timestamp::UNIX_EPOCH,
        reason,
    })
}

/// Converts a hypothesis.
pub(super) fn wire_hypothesis_entry(held: HypothesisEntry) -> v1::HeldHypothesis {
    let HypothesisEntry { hypothesis, stated_at: stated, reason } = held;
    let Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires } = hypothesis;
    let (when, expire_time) = (Some(wire_condition(when)), optional_timestamp(expires));
    let hypothesis = v1::Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expire_time };
    v1::HeldHypothesis { hypothesis: Some(hypothesis), create_time: Some(timestamp(stated)), reason }
}
