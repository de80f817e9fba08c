//! Segments: kinds of ideal customers, only as many as the data support, each described by a rule that people can
//! apply.
//!
//! Ideal customers are clustered by what moves the fit; each cluster is turned into one to three conditions, which
//! define the segment from then on. If several rules hold for an account, the first one applies.

mod cluster;
mod cluster_rule;
mod clustering_agreement;
mod coordinates;
mod naming;

use sweetspot_core::Condition;

use self::cluster::ClusterPoints;
use self::cluster_rule::{ClusterMembership, SegmentRule, find_rule};
use super::training_sample::Sample;
use crate::artifact::AdditionalTerms;
use crate::stored;

/// The maximum and the minimum number of segments: one segment is the same as none.
const MAX_SEGMENTS: usize = 5;
const MIN_SEGMENTS: usize = 2;
/// The minimum agreement of clusterings of resamples (adjusted Rand index, Hubert and Arabie 1985, J. Classif. 2:193).
const MIN_STABILITY: f64 = 0.6;
/// The minimum silhouette: below, there is no substantial structure (Kaufman and Rousseeuw 1990, Finding Groups in
/// Data, p. 88). Among stable numbers of clusters the one with the largest silhouette is used: k-means splits any
/// distribution into halves that it finds again.
const MIN_SILHOUETTE: f64 = 0.25;
/// The maximum number of ideal customers to cluster.
const MAX_CLUSTERED: usize = 1000;
/// The minimum number of ideal customers for segments.
const MIN_IDEAL: f64 = 40.0;
/// The minimum number of ideal customers in a segment, and their minimum share.
const MIN_SEGMENT_IDEAL: f64 = 10.0;
const MIN_SEGMENT_SHARE: f64 = 0.05;

/// A kind of ideal customers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DiscoveredSegment {
    /// The name shown to people.
    pub(super) name: String,
    /// The conditions, all of which hold for accounts of the segment.
    pub(super) conditions: Vec<Condition>,
    /// The agreement of clusterings of resamples, -1 to 1.
    pub(super) stability: f64,
    /// The labeled customers of the segment, as rows of the sample.
    pub(super) rows: Vec<usize>,
    /// The number of them that are ideal.
    pub(super) ideal: u64,
}

/// The segments of the ideal customers, in the order in which their rules are evaluated; empty if the data do not
/// support any.
pub(super) fn discover_segments(
    sample: &Sample,
    terms: &[stored::Term],
    additions: AdditionalTerms<'_>,
    seed: u64,
) -> Vec<DiscoveredSegment> {
    let ideal: Vec<usize> = (0..sample.labels.len()).filter(|row| is_ideal(sample, *row)).collect();
    if effective_customers(sample, &ideal) < MIN_IDEAL {
        return Vec::new();
    }
    let rows: Vec<usize> = ideal.iter().copied().step_by(ideal.len().div_ceil(MAX_CLUSTERED)).collect();
    let units = rows.iter().map(|row| sample.groups.get(*row).copied().flatten()).collect();
    let Some(points) = coordinates::customer_coordinates(sample, terms, additions, &rows)
        .map(|places| ClusterPoints::new(places, units))
    else {
        return Vec::new();
    };
    let partition = |kinds| {
        let stability = points.stability(kinds, seed);
        let clusters = (stability >= MIN_STABILITY).then(|| points.assign_clusters(kinds, seed))?;
        let clear = Some(points.silhouette(&clusters)).filter(|clear| *clear >= MIN_SILHOUETTE)?;
        let segments = segments_from_rules(sample, &rules_for_clusters(sample, &rows, &clusters), stability, &ideal);
        (segments.len() >= MIN_SEGMENTS).then_some((clear, segments))
    };
    let found = (MIN_SEGMENTS..=MAX_SEGMENTS).filter_map(partition).max_by(|a, b| a.0.total_cmp(&b.0));
    found.map(|(_, segments)| segments).unwrap_or_default()
}

/// The effective number of customers of these rows: rows of one account are weighted by the information that they add.
fn effective_customers(sample: &Sample, rows: &[usize]) -> f64 {
    rows.iter().map(|row| sample.repeat_weight(*row)).sum()
}

fn is_ideal(sample: &Sample, row: usize) -> bool {
    sample.labels.get(row).is_some_and(|label| *label > 0.5)
}

/// A rule for each cluster, the largest first, for its customers that match no earlier rule.
fn rules_for_clusters(sample: &Sample, rows: &[usize], clusters: &[usize]) -> Vec<SegmentRule> {
    let size = |kind: usize| clusters.iter().filter(|cluster| **cluster == kind).count();
    let mut kinds: Vec<usize> = (0..MAX_SEGMENTS).filter(|kind| size(*kind) > 0).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(size(*kind)));
    let mut rules: Vec<SegmentRule> = Vec::new();
    for kind in kinds {
        let open = rows.iter().zip(clusters).filter(|(row, _)| !rules.iter().any(|rule| rule.is_match(sample, **row)));
        let members: Vec<ClusterMembership> =
            open.map(|(row, cluster)| ClusterMembership { row: *row, is_inside: *cluster == kind }).collect();
        rules.extend(find_rule(sample, &members));
    }
    rules
}

/// The segments of these rules among all labeled customers, without those that have too few ideal ones, or a lower rate
/// of ideal ones than average: what is common among the others, too, is not a segment to look for.
fn segments_from_rules(
    sample: &Sample,
    rules: &[SegmentRule],
    stability: f64,
    all_ideal: &[usize],
) -> Vec<DiscoveredSegment> {
    let min_ideal = MIN_SEGMENT_IDEAL.max((MIN_SEGMENT_SHARE * effective_customers(sample, all_ideal)).ceil());
    let base_rate = all_ideal.len() as f64 / sample.rows.len().max(1) as f64;
    let mut rules: Vec<&SegmentRule> = rules.iter().filter(|rule| rule_conditions(sample, rule).is_some()).collect();
    loop {
        let mut rows = vec![Vec::new(); rules.len()];
        for row in 0..sample.rows.len() {
            if let Some(rows) =
                rules.iter().position(|rule| rule.is_match(sample, row)).and_then(|rule_index| rows.get_mut(rule_index))
            {
                rows.push(row);
            }
        }
        let segments: Vec<DiscoveredSegment> = rules
            .iter()
            .zip(rows)
            .filter_map(|(rule, rows)| segment_from_rule(sample, rule, rows, stability))
            .collect();
        let member_count = |segment: &DiscoveredSegment| {
            let ideal: Vec<usize> = segment.rows.iter().copied().filter(|row| is_ideal(sample, *row)).collect();
            effective_customers(sample, &ideal)
        };
        let poor = |segment: &DiscoveredSegment| {
            member_count(segment) < min_ideal || (segment.ideal as f64) < base_rate * segment.rows.len() as f64
        };
        let Some(poor) = segments.iter().position(poor) else { return segments };
        rules.remove(poor);
    }
}

fn rule_conditions(sample: &Sample, rule: &SegmentRule) -> Option<Vec<Condition>> {
    rule.conditions(sample).iter().map(|(feature, slots)| naming::condition_from_slots(feature, slots)).collect()
}

fn segment_from_rule(
    sample: &Sample,
    rule: &SegmentRule,
    rows: Vec<usize>,
    stability: f64,
) -> Option<DiscoveredSegment> {
    let ideal = rows.iter().filter(|row| is_ideal(sample, **row)).count() as u64;
    let name = naming::segment_name(&rule.conditions(sample));
    Some(DiscoveredSegment { name, conditions: rule_conditions(sample, rule)?, stability, rows, ideal })
}
