//! A cluster as a rule: one to three conditions that hold for its customers and for few others.

use super::super::training_sample::Sample;
use crate::encoder::{Feature, FeatureEncoder};

/// The maximum number of conditions of one rule, and of levels of one condition.
const MAX_CONDITIONS: usize = 3;
const MAX_LEVELS: usize = 6;
/// The minimum gain of a condition in the harmonic mean of precision and recall.
const MIN_F1_GAIN: f64 = 0.02;
/// The minimum precision and recall of a rule.
const MIN_PRECISION: f64 = 0.6;
const MIN_RECALL: f64 = 0.5;
/// Bins are merged until there are at most this many.
const MAX_BINS: usize = 40;

/// An ideal customer, as a row of the sample, and whether it is in the cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClusterMembership {
    pub(super) row: usize,
    pub(super) is_inside: bool,
}

/// Conditions on attributes, by their index in the sample: each is a set of slots, one of which must be filled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SegmentRule(Vec<(usize, Vec<usize>)>);

impl SegmentRule {
    /// Whether each condition holds for a row of the sample.
    pub(super) fn is_match(&self, sample: &Sample, row: usize) -> bool {
        self.0.iter().all(|(attribute, slots)| fills_any_slot(sample, *attribute, slots, row))
    }

    /// The conditions: each with its attribute, and its slots in order.
    pub(super) fn conditions<'a>(&'a self, sample: &'a Sample) -> Vec<(&'a Feature, &'a [usize])> {
        let part =
            |(attribute, slots): &'a (usize, Vec<usize>)| Some((sample.features.get(*attribute)?, slots.as_slice()));
        self.0.iter().filter_map(part).collect()
    }
}

fn fills_any_slot(sample: &Sample, attribute: usize, slots: &[usize], row: usize) -> bool {
    // The base is the first term of a design.
    let codes = sample.design.terms.get(attribute + 1);
    codes.is_some_and(|codes| codes.codes.row(row).iter().any(|slot| slots.binary_search(&usize::from(*slot)).is_ok()))
}

/// The customers that a rule matches: those of the cluster, and others.
#[derive(Clone, Copy, Debug, Default)]
struct MatchCounts {
    inside: f64,
    outside: f64,
}

impl MatchCounts {
    /// Twice the matched members over the sum of members and matches: the harmonic mean of precision and recall.
    fn f1(self, members: f64) -> f64 {
        2.0 * self.inside / (members + self.inside + self.outside).max(1.0)
    }

    fn plus(self, other: Self) -> Self {
        Self { inside: self.inside + other.inside, outside: self.outside + other.outside }
    }
}

/// The rule that separates these members from the others; `None` if no rule is good enough.
pub(super) fn find_rule(sample: &Sample, all: &[ClusterMembership]) -> Option<SegmentRule> {
    let members = all.iter().filter(|member| member.is_inside).count() as f64;
    let mut caught = all.to_vec();
    let mut rule = SegmentRule(Vec::new());
    let mut score = count_matches(&caught).f1(members);
    while rule.0.len() < MAX_CONDITIONS {
        let free = (0..sample.features.len()).filter(|attribute| rule.0.iter().all(|(used, _)| used != attribute));
        let best = free.filter_map(|attribute| {
            let (slots, score) = best_slots(sample, attribute, &caught, members)?;
            Some((attribute, slots, score))
        });
        let Some((attribute, slots, better)) = best.max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0))) else {
            break;
        };
        if better < score + MIN_F1_GAIN {
            break;
        }
        score = better;
        caught.retain(|member| fills_any_slot(sample, attribute, &slots, member.row));
        rule.0.push((attribute, slots));
    }
    let MatchCounts { inside, outside } = count_matches(&caught);
    let good = inside >= MIN_PRECISION * (inside + outside) && inside >= MIN_RECALL * members && inside > 0.0;
    (good && !rule.0.is_empty()).then_some(rule)
}

fn count_matches(members: &[ClusterMembership]) -> MatchCounts {
    let inside = members.iter().filter(|member| member.is_inside).count();
    MatchCounts { inside: inside as f64, outside: (members.len() - inside) as f64 }
}

/// The slots of one attribute with the best match, and their F1.
fn best_slots(
    sample: &Sample,
    attribute: usize,
    caught: &[ClusterMembership],
    members: f64,
) -> Option<(Vec<usize>, f64)> {
    let feature = sample.features.get(attribute)?;
    let codes = sample.design.terms.get(attribute + 1)?;
    let mut counts = vec![MatchCounts::default(); codes.slots];
    for member in caught {
        for slot in codes.codes.row(member.row) {
            if let Some(count) = counts.get_mut(usize::from(*slot)) {
                *if member.is_inside { &mut count.inside } else { &mut count.outside } += 1.0;
            }
        }
    }
    counts.truncate(match &feature.encoder {
        FeatureEncoder::Number(bins) | FeatureEncoder::Date(bins) => bins.len(),
        FeatureEncoder::Category(levels) | FeatureEncoder::List(levels) => levels.len(),
        FeatureEncoder::Flag => 2,
    });
    match &feature.encoder {
        FeatureEncoder::Number(_) | FeatureEncoder::Date(_) => best_range(&counts, members),
        FeatureEncoder::Category(_) => best_set(&counts, members, MAX_LEVELS),
        // One account can have several items, so the matches of two items do not add up.
        FeatureEncoder::List(_) | FeatureEncoder::Flag => best_set(&counts, members, 1),
    }
}

/// The levels in the order of their precision, as many as improve F1.
fn best_set(counts: &[MatchCounts], members: f64, max_rules: usize) -> Option<(Vec<usize>, f64)> {
    let precision = |catch: &MatchCounts| catch.inside / (catch.inside + catch.outside);
    let mut order: Vec<(usize, MatchCounts)> =
        counts.iter().copied().enumerate().filter(|(_, catch)| catch.inside > 0.0).collect();
    if max_rules == 1 {
        order.sort_by(|a, b| b.1.f1(members).total_cmp(&a.1.f1(members)));
    } else {
        order.sort_by(|a, b| precision(&b.1).total_cmp(&precision(&a.1)).then(b.1.inside.total_cmp(&a.1.inside)));
    }
    let (mut slots, mut sum, mut score) = (Vec::new(), MatchCounts::default(), 0.0);
    for (slot, catch) in order {
        let better = sum.plus(catch).f1(members);
        if slots.len() < max_rules && better > score {
            (sum, score) = (sum.plus(catch), better);
            slots.push(slot);
        }
    }
    slots.sort_unstable();
    (!slots.is_empty()).then_some((slots, score))
}

/// The best range of neighboring bins; `None` if it would be all of them.
fn best_range(counts: &[MatchCounts], members: f64) -> Option<(Vec<usize>, f64)> {
    let all: f64 = counts.iter().map(|count| count.inside + count.outside).sum();
    let (mut groups, mut end) = (vec![(0..0, MatchCounts::default())], 0);
    for count in counts {
        end += 1;
        let (range, sum) = groups.last_mut()?;
        (range.end, *sum) = (end, sum.plus(*count));
        if sum.inside + sum.outside >= all / MAX_BINS as f64 && end < counts.len() {
            groups.push((end..end, MatchCounts::default()));
        }
    }
    let mut best: Option<(Vec<usize>, f64)> = None;
    for (at, (first, _)) in groups.iter().enumerate() {
        let mut sum = MatchCounts::default();
        for (last, count) in groups.iter().skip(at) {
            sum = sum.plus(*count);
            let score = sum.f1(members);
            let covers_all = first.start == 0 && last.end == counts.len();
            if !covers_all && best.as_ref().is_none_or(|(_, known)| score > *known) {
                best = Some(((first.start..last.end).collect(), score));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(u32, u32)]) -> Vec<MatchCounts> {
        counts
            .iter()
            .map(|(inside, outside)| MatchCounts { inside: (*inside).into(), outside: (*outside).into() })
            .collect()
    }

    #[test]
    fn the_best_range_and_the_best_levels_by_hand() {
        let bins = counts(&[(0, 9), (5, 1), (4, 0), (1, 9)]);
        assert_eq!(best_range(&bins, 10.0).unwrap(), (vec![1, 2], 18.0 / 20.0));
        assert_eq!(best_range(&counts(&[(4, 0)]), 4.0), None, "a range of all bins is not a condition");
        let levels = counts(&[(5, 0), (1, 9), (4, 1), (0, 3)]);
        assert_eq!(best_set(&levels, 10.0, 6).unwrap(), (vec![0, 2], 18.0 / 20.0));
        assert_eq!(best_set(&levels, 10.0, 1).unwrap().0, [0]);
        assert_eq!(best_set(&counts(&[(0, 3)]), 10.0, 6), None);
    }
}
