//! Segments as stored.

use super::super::mean_customer_values::segment_value;
use super::super::segments::{DiscoveredSegment, discover_segments};
use super::super::training_sample::Sample;
use crate::artifact::AdditionalTerms;
use crate::stored;
use crate::stored_condition::stored_condition;

/// The segments of a model with the values of their customers.
pub(super) fn stored_segments(
    sample: &Sample,
    terms: &[stored::Term],
    additions: AdditionalTerms<'_>,
    values: Option<&stored::Values>,
    seed: u64,
) -> Vec<stored::Segment> {
    let stored_segment = |(index, segment): (usize, DiscoveredSegment)| {
        let segment_values = values.map(|values| segment_value(sample, &segment, values));
        let DiscoveredSegment { name, conditions, stability, rows, ideal } = segment;
        stored::Segment {
            id: format!("segment-{}", index + 1),
            name,
            conditions: conditions.iter().map(|condition| stored_condition(condition, None)).collect(),
            customers: rows.len() as u64,
            ideal,
            stability,
            value_if_ideal: segment_values.map(|(value, _)| value),
            valued: segment_values.map_or(0, |(_, known)| known),
        }
    };
    discover_segments(sample, terms, additions, seed).into_iter().enumerate().map(stored_segment).collect()
}
