//! Segments as they are kept.

use super::super::sample::Sample;
use super::super::segments::{Segment, segments};
use super::super::values::of_segment;
use crate::artifact::Additions;
use crate::condition::to_stored;
use crate::stored;

/// The segments of a model with what their customers are worth.
pub(super) fn kinds(
    sample: &Sample,
    terms: &[stored::Term],
    additions: Additions<'_>,
    values: Option<&stored::Values>,
    seed: u64,
) -> Vec<stored::Segment> {
    let kept = |(index, segment): (usize, Segment)| {
        let worth = values.map(|values| of_segment(sample, &segment, values));
        let Segment { name, conditions, stability, rows, ideal } = segment;
        stored::Segment {
            id: format!("segment-{}", index + 1),
            name,
            conditions: conditions.iter().map(|condition| to_stored(condition, None)).collect(),
            customers: rows.len() as u64,
            ideal,
            stability,
            value_if_ideal: worth.map(|(value, _)| value),
            valued: worth.map_or(0, |(_, known)| known),
        }
    };
    segments(sample, terms, additions, seed).into_iter().enumerate().map(kept).collect()
}
