//! Segments as stored.

use sweetspot_core::{Customers, Severity};

use super::super::TrainingSpec;
use super::super::hypotheses::condition_holds;
use super::super::mean_customer_values::segment_value;
use super::super::segments::{DiscoveredSegment, DiscoveredSegments, SegmentIds, continue_ids, discover_segments};
use super::super::training_sample::Sample;
use crate::artifact::{AdditionalTerms, ExclusionRuleSummary};
use crate::stored;
use crate::stored_condition::{dataset_matcher, stored_condition};

/// The segments of a model as stored, with what is known about them as a whole.
#[derive(Clone, Debug, Default)]
pub(super) struct StoredSegments {
    pub(super) segments: Vec<stored::Segment>,
    pub(super) last_number: u64,
    pub(super) note: String,
}

/// The segments of a model with the values of their customers.
pub(super) fn stored_segments(
    spec: &TrainingSpec,
    customers: &Customers,
    sample: &Sample,
    terms: &[stored::Term],
    additions: AdditionalTerms<'_>,
    exclusion_rules: &[ExclusionRuleSummary],
    values: Option<&stored::Values>,
) -> StoredSegments {
    let in_pond = rows_in_pond(customers, sample, exclusion_rules);
    let DiscoveredSegments { segments, note } = discover_segments(sample, terms, additions, &in_pond, spec.seed);
    let SegmentIds { ids, last_number } = continue_ids(&segments, &spec.earlier_segments, customers.accounts(), sample);
    let stored_segment = |(id, segment): (String, DiscoveredSegment)| {
        let segment_values = values.map(|values| segment_value(sample, &segment, values));
        let DiscoveredSegment { name, conditions, stability, rows, ideal } = segment;
        stored::Segment {
            id,
            name,
            conditions: conditions.iter().map(|condition| stored_condition(condition, None)).collect(),
            customers: sample.counts.of_rows(rows),
            ideal,
            stability,
            value_if_ideal: segment_values.map(|(value, _)| value),
            valued: segment_values.map_or(0, |(_, known)| known),
        }
    };
    StoredSegments { segments: ids.into_iter().zip(segments).map(stored_segment).collect(), last_number, note }
}

/// The rows of the sample that no exclusion rule puts out of the pond.
fn rows_in_pond(customers: &Customers, sample: &Sample, exclusion_rules: &[ExclusionRuleSummary]) -> Vec<usize> {
    let accounts = customers.accounts();
    let mut is_out = vec![false; sample.rows.len()];
    for summary in exclusion_rules.iter().filter(|summary| summary.rule.severity == Severity::Out) {
        let matcher = dataset_matcher(summary.rule.when.clone(), accounts);
        let holds = condition_holds(&matcher, accounts, &sample.rows);
        is_out.iter_mut().zip(holds).for_each(|(is_out, holds)| *is_out |= holds);
    }
    (0..sample.rows.len()).filter(|row| is_out.get(*row) == Some(&false)).collect()
}
