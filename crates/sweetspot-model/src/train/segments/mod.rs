//! Kinds of ideal customers: only as many as the data carry, each told by a rule that a person can apply.
//!
//! Ideal customers are clustered by what moves the fit; each cluster is turned into one to three conditions, and from then
//! on the segment is its rule. Of several rules that hold for an account, the first counts.

mod agreement;
mod cluster;
mod places;
mod rule;
mod words;

use sweetspot_core::Condition;

use self::cluster::Points;
use self::rule::{Member, Rule, find};
use super::sample::Sample;
use crate::artifact::Additions;
use crate::stored;

/// Most segments, and fewest: one segment is none.
const MOST: usize = 5;
const FEWEST: usize = 2;
/// How well clusterings of resamples must agree (adjusted Rand index, Hubert and Arabie 1985, J. Classif. 2:193).
const STABLE: f64 = 0.6;
/// How clear clusters must be (silhouette): below, there is no substantial structure (Kaufman and Rousseeuw 1990, Finding Groups in
/// Data, p. 88). Of stable numbers of clusters the clearest counts: k-means cuts any cloud into halves that it finds again.
const CLEAR: f64 = 0.25;
/// Most ideal customers that are looked at.
const LOOKED_AT: usize = 1000;
/// Fewest ideal customers that have kinds at all.
const FEWEST_IDEAL: f64 = 40.0;
/// A segment holds so many ideal customers at the least, and this share of them.
const LEAST_IDEAL: f64 = 10.0;
const LEAST_SHARE: f64 = 0.05;

/// A kind of ideal customers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segment {
    /// What people call it.
    pub(super) name: String,
    /// All of them hold for its accounts.
    pub(super) conditions: Vec<Condition>,
    /// How well clusterings of resamples agree, -1 to 1.
    pub(super) stability: f64,
    /// The labelled customers whose segment it is, as rows of the sample.
    pub(super) rows: Vec<usize>,
    /// How many of them are ideal.
    pub(super) ideal: u64,
}

/// The segments of the ideal customers, in the order in which their rules are asked; none where the data tell no kinds apart.
pub(super) fn segments(sample: &Sample, terms: &[stored::Term], additions: Additions<'_>, seed: u64) -> Vec<Segment> {
    let ideal: Vec<usize> = (0..sample.labels.len()).filter(|row| is_ideal(sample, *row)).collect();
    if customers(sample, &ideal) < FEWEST_IDEAL {
        return Vec::new();
    }
    let rows: Vec<usize> = ideal.iter().copied().step_by(ideal.len().div_ceil(LOOKED_AT)).collect();
    let units = rows.iter().map(|row| sample.groups.get(*row).copied().flatten()).collect();
    let Some(points) = places::points(sample, terms, additions, &rows).map(|places| Points::new(places, units)) else {
        return Vec::new();
    };
    let of = |kinds| {
        let stability = points.stability(kinds, seed);
        let clusters = (stability >= STABLE).then(|| points.clusters(kinds, seed))?;
        let clear = Some(points.silhouette(&clusters)).filter(|clear| *clear >= CLEAR)?;
        let segments = told(sample, &ruled(sample, &rows, &clusters), stability, &ideal);
        (segments.len() >= FEWEST).then_some((clear, segments))
    };
    let found = (FEWEST..=MOST).filter_map(of).max_by(|one, other| one.0.total_cmp(&other.0));
    found.map(|(_, segments)| segments).unwrap_or_default()
}

/// How many customers these rows stand for: rows of one account count for what they add.
fn customers(sample: &Sample, rows: &[usize]) -> f64 {
    rows.iter().map(|row| sample.worth(*row)).sum()
}

fn is_ideal(sample: &Sample, row: usize) -> bool {
    sample.labels.get(row).is_some_and(|label| *label > 0.5)
}

/// A rule for each cluster, the largest first, for those that are not in an earlier one's.
fn ruled(sample: &Sample, rows: &[usize], clusters: &[usize]) -> Vec<Rule> {
    let size = |kind: usize| clusters.iter().filter(|cluster| **cluster == kind).count();
    let mut kinds: Vec<usize> = (0..MOST).filter(|kind| size(*kind) > 0).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(size(*kind)));
    let mut rules: Vec<Rule> = Vec::new();
    for kind in kinds {
        let open = rows.iter().zip(clusters).filter(|(row, _)| !rules.iter().any(|rule| rule.holds(sample, **row)));
        let members: Vec<Member> = open.map(|(row, cluster)| Member { row: *row, inside: *cluster == kind }).collect();
        rules.extend(find(sample, &members));
    }
    rules
}

/// The segments of these rules among all labelled customers, without those that hold too few ideal ones, or fewer of them than
/// customers do on average: what is common among the others, too, is no kind to look for.
fn told(sample: &Sample, rules: &[Rule], stability: f64, all_ideal: &[usize]) -> Vec<Segment> {
    let least = LEAST_IDEAL.max((LEAST_SHARE * customers(sample, all_ideal)).ceil());
    let base_rate = all_ideal.len() as f64 / sample.rows.len().max(1) as f64;
    let mut rules: Vec<&Rule> = rules.iter().filter(|rule| conditions(sample, rule).is_some()).collect();
    loop {
        let mut rows = vec![Vec::new(); rules.len()];
        for row in 0..sample.rows.len() {
            if let Some(rows) = rules.iter().position(|rule| rule.holds(sample, row)).and_then(|at| rows.get_mut(at)) {
                rows.push(row);
            }
        }
        let segments: Vec<Segment> =
            rules.iter().zip(rows).filter_map(|(rule, rows)| segment(sample, rule, rows, stability)).collect();
        let held = |one: &Segment| {
            let ideal: Vec<usize> = one.rows.iter().copied().filter(|row| is_ideal(sample, *row)).collect();
            customers(sample, &ideal)
        };
        let poor = |one: &Segment| held(one) < least || (one.ideal as f64) < base_rate * one.rows.len() as f64;
        let Some(poor) = segments.iter().position(poor) else { return segments };
        rules.remove(poor);
    }
}

fn conditions(sample: &Sample, rule: &Rule) -> Option<Vec<Condition>> {
    rule.parts(sample).iter().map(|(feature, slots)| words::condition(feature, slots)).collect()
}

fn segment(sample: &Sample, rule: &Rule, rows: Vec<usize>, stability: f64) -> Option<Segment> {
    let ideal = rows.iter().filter(|row| is_ideal(sample, **row)).count() as u64;
    let name = words::name(&rule.parts(sample));
    Some(Segment { name, conditions: conditions(sample, rule)?, stability, rows, ideal })
}
