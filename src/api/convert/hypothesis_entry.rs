//! Converts the hypotheses of a definition from messages.

use jiff::Timestamp;
use sweetspot_core::HypothesisEntry;
use sweetspot_proto::v1;

use super::hypothesis::parse_hypothesis;
use crate::api::violations::Violations;

/// Reads a hypothesis; `path` is its field path in the request. The caller checks its limits.
pub(super) fn parse_hypothesis_entry(
    wire: v1::HypothesisEntry,
    path: &str,
    problems: &mut Violations,
) -> Option<HypothesisEntry> {
    let v1::HypothesisEntry { hypothesis: wire_hypothesis, create_time: _, reason, name: _ } = wire;
    let path = format!("{path}.hypothesis");
    let Some(wire_hypothesis) = wire_hypothesis else {
        problems.add("INVALID_HYPOTHESIS", path, "hypothesis is required");
        return None;
    };
    // The definition sets the dates.
    Some(HypothesisEntry {
        hypothesis: parse_hypothesis(wire_hypothesis, &path, problems),
        stated_at: Timestamp::UNIX_EPOCH,
        reason,
    })
}
