//! Hypotheses as they are held, from the wire and back.

use jiff::Timestamp;
use sweetspot_core::{HeldHypothesis, Hypothesis};
use sweetspot_proto::v1;

use super::condition::wire_condition;
use super::hypothesis::hypothesis;
use super::said::wire_time;
use super::time::timestamp;
use crate::api::problems::Problems;

/// Reads a hypothesis; `path` is where it stands in the request. Its bounds are for the caller to check.
pub(super) fn held(wire: v1::HeldHypothesis, path: &str, problems: &mut Problems) -> Option<HeldHypothesis> {
    let v1::HeldHypothesis { hypothesis: believed, create_time: _, reason } = wire;
    let path = format!("{path}.hypothesis");
    let Some(believed) = believed else {
        problems.add("INVALID_HYPOTHESIS", path, "hypothesis is required");
        return None;
    };
    // The definition dates it.
    Some(HeldHypothesis { hypothesis: hypothesis(believed, &path, problems), stated: Timestamp::UNIX_EPOCH, reason })
}

/// A hypothesis as it is answered.
pub(super) fn wire_held(held: HeldHypothesis) -> v1::HeldHypothesis {
    let HeldHypothesis { hypothesis, stated, reason } = held;
    let Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expires } = hypothesis;
    let (when, expire_time) = (Some(wire_condition(when)), wire_time(expires));
    let hypothesis = v1::Hypothesis { id, statement, when, odds_ratio, confidence_customers, author, expire_time };
    v1::HeldHypothesis { hypothesis: Some(hypothesis), create_time: Some(timestamp(stated)), reason }
}
