//! Segments: kinds of ideal customers, only as many as the data support, each described by a rule that people can
//! apply.
//!
//! Ideal customers are clustered by what moves the fit; each cluster is turned into one to three conditions, which
//! define the segment from then on. If several rules hold for an account, the first one applies. Accounts that an
//! exclusion rule puts out of the pond are in no segment.

mod cluster;
mod cluster_rule;
mod clustering_agreement;
mod clustering_choice;
mod coordinates;
mod earlier_segments;
mod naming;

pub(super) use earlier_segments::SegmentIds;
pub use earlier_segments::{EarlierSegment, EarlierSegments};
use sweetspot_core::{AccountTable, Condition};

use self::cluster::ClusterPoints;
use self::cluster_rule::{ClusterMembership, SegmentRule, find_rule};
use self::clustering_choice::{Clustering, ClusteringFault, choose_clustering};
use self::earlier_segments::{UnnamedSegment, segment_ids};
use super::training_sample::Sample;
use crate::artifact::AdditionalTerms;
use crate::stored;

/// The maximum and the minimum number of segments: one segment is the same as none.
const MAX_SEGMENTS: usize = 5;
const MIN_SEGMENTS: usize = 2;
/// The number of segments from which on a profile is complete: three to five, if the data support them.
const MIN_COMPLETE_SEGMENTS: usize = 3;
/// The minimum agreement of clusterings of resamples (adjusted Rand index, Hubert and Arabie 1985, J. Classif. 2:193).
const MIN_STABILITY: f64 = 0.6;
/// The minimum silhouette: below, there is no substantial structure (Kaufman and Rousseeuw 1990, Finding Groups in
/// Data, p. 88). Among stable numbers of clusters the one with the largest silhouette is used: k-means splits any
/// distribution into halves that it finds again.
const MIN_SILHOUETTE: f64 = 0.25;
/// The maximum number of ideal customers to cluster.
const MAX_CLUSTERED: u64 = 1000;
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

/// The segments that a training found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct DiscoveredSegments {
    /// The segments, in the order in which their rules are evaluated; empty if the data do not support any.
    pub(super) segments: Vec<DiscoveredSegment>,
    /// Why there are fewer than three, in one sentence; empty if there are three.
    pub(super) note: String,
}

/// The segments of the ideal customers among these rows of the sample, which no exclusion rule puts out of the pond.
pub(super) fn discover_segments(
    sample: &Sample,
    terms: &[stored::Term],
    additions: AdditionalTerms<'_>,
    in_pond: &[usize],
    seed: u64,
) -> DiscoveredSegments {
    let none = |reason: String| DiscoveredSegments { segments: Vec::new(), note: format!("no segments: {reason}") };
    let ideal: Vec<usize> = in_pond.iter().copied().filter(|row| is_ideal(sample, *row)).collect();
    let customers = effective_customers(sample, &ideal);
    if customers < MIN_IDEAL {
        return none(too_few_reason(customers, in_pond.len() < sample.rows.len()));
    }
    let step = sample.counts.of_rows(ideal.iter().copied()).div_ceil(MAX_CLUSTERED);
    let rows = sample.counts.every_nth(ideal.iter().copied(), step);
    let units = rows.iter().map(|row| sample.groups.get(*row).copied().flatten()).collect();
    let Some(points) = coordinates::customer_coordinates(sample, terms, additions, &rows)
        .map(|places| ClusterPoints::new(places, units))
    else {
        return none("no attribute moves the fit enough".to_owned());
    };
    let clustering = |kinds| {
        let stability = points.stability(kinds, seed);
        if stability < MIN_STABILITY {
            return Err(ClusteringFault::Unstable(stability));
        }
        let clusters = points.assign_clusters(kinds, seed);
        let silhouette = points.silhouette(&clusters);
        if silhouette < MIN_SILHOUETTE {
            return Err(ClusteringFault::Overlapping(silhouette));
        }
        let rules = rules_for_clusters(sample, &rows, &clusters);
        let segments = segments_from_rules(sample, &rules, stability, in_pond);
        Ok(Clustering { silhouette, rules: rules.len(), segments })
    };
    choose_clustering(&(MIN_SEGMENTS..=MAX_SEGMENTS).map(|kinds| (kinds, clustering(kinds))).collect::<Vec<_>>())
}

/// `31 ideal customers, at least 40 are needed`.
fn too_few_reason(customers: f64, has_excluded: bool) -> String {
    let qualifier = if has_excluded { " that no exclusion rule puts out" } else { "" };
    // At least zero and small; the fraction is cut off.
    let customers = customers as u64;
    let noun = if customers == 1 { "customer" } else { "customers" };
    format!("{customers} ideal {noun}{qualifier}, at least {MIN_IDEAL} are needed")
}

/// The ids of these segments, by the segments of the version before and the ideal customers in both.
pub(super) fn continue_ids(
    segments: &[DiscoveredSegment],
    earlier: &EarlierSegments,
    accounts: &AccountTable,
    sample: &Sample,
) -> SegmentIds {
    let ideal: Vec<usize> = (0..sample.labels.len()).filter(|row| is_ideal(sample, *row)).collect();
    let rows: Vec<usize> = ideal.iter().filter_map(|row| sample.rows.get(*row).copied()).collect();
    let unnamed: Vec<UnnamedSegment<'_>> = segments
        .iter()
        .map(|segment| UnnamedSegment {
            conditions: &segment.conditions,
            members: segment.rows.iter().filter_map(|row| ideal.binary_search(row).ok()).collect(),
        })
        .collect();
    let rows: Vec<(usize, u64)> = rows.into_iter().zip(ideal.iter().map(|row| sample.counts.get(*row))).collect();
    segment_ids(&unnamed, earlier, accounts, &rows)
}

/// The effective number of customers of these rows: rows of one account are weighted by the information that they add.
fn effective_customers(sample: &Sample, rows: &[usize]) -> f64 {
    rows.iter().map(|row| sample.repeat_weight(*row) * sample.counts.get(*row) as f64).sum()
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

/// The segments of these rules among the labeled customers in the pond, without those that have too few ideal ones, or a lower rate
/// of ideal ones than average: what is common among the others, too, is not a segment to look for.
fn segments_from_rules(
    sample: &Sample,
    rules: &[SegmentRule],
    stability: f64,
    in_pond: &[usize],
) -> Vec<DiscoveredSegment> {
    let all_ideal: Vec<usize> = in_pond.iter().copied().filter(|row| is_ideal(sample, *row)).collect();
    let min_ideal = MIN_SEGMENT_IDEAL.max((MIN_SEGMENT_SHARE * effective_customers(sample, &all_ideal)).ceil());
    let customers = |rows: &[usize]| sample.counts.of_rows(rows.iter().copied());
    let base_rate = customers(&all_ideal) as f64 / customers(in_pond).max(1) as f64;
    let mut rules: Vec<&SegmentRule> = rules.iter().filter(|rule| rule_conditions(sample, rule).is_some()).collect();
    loop {
        let mut rows = vec![Vec::new(); rules.len()];
        for row in in_pond {
            if let Some(rows) = rules
                .iter()
                .position(|rule| rule.is_match(sample, *row))
                .and_then(|rule_index| rows.get_mut(rule_index))
            {
                rows.push(*row);
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
            member_count(segment) < min_ideal || (segment.ideal as f64) < base_rate * customers(&segment.rows) as f64
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
    let ideal = sample.counts.of_rows(rows.iter().copied().filter(|row| is_ideal(sample, *row)));
    let name = naming::segment_name(&rule.conditions(sample));
    Some(DiscoveredSegment { name, conditions: rule_conditions(sample, rule)?, stability, rows, ideal })
}
