//! Segments as stored.

use super::super::customer_value::segment_value;
use super::super::sample::Sample;
use super::super::segments::{DiscoveredSegment, discover_segments};
use crate::artifact::AdditionalTerms;
use crate::condition::stored_condition;
use crate::stored;

/// The segments of a model with the values of their customers.
pub(super) fn stored_segments(
    sample: &Sample,
    terms: &[stored::Term],
    additions: AdditionalTerms<'_>,
    values: Option<&stored::Values>,
    seed: u64,
) -> Vec<stored::Segment> {
    let kept = |(index, segment): (usize, DiscoveredSegment)| {
        let worth = values.map(|values| segment_value(sample, &segment, values));
        let DiscoveredSegment { name, conditions, stability, rows, ideal } = segment;
        stored::Segment {
            id: format!("segment-{}", index + 1),
            name,
            conditions: conditions.iter().map(|condition| stored_condition(condition, None)).collect(),
            customers: rows.len() as u64,
            ideal,
            stability,
            value_if_ideal: worth.map(|(value, _)| value),
            valued: worth.map_or(0, |(_, known)| known),
        }
    };
    discover_segments(sample, terms, additions, seed).into_iter().enumerate().map(kept).collect()
}
