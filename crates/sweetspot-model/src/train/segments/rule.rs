//! A cluster as a rule: one to three conditions that hold for its customers and for few others.

use super::super::sample::Sample;
use crate::encoder::{Encoder, Feature};

/// Most conditions of one rule, and most levels of one condition.
const CONDITIONS: usize = 3;
const LEVELS: usize = 6;
/// A condition must add so much to the harmonic mean of precision and recall.
const WORTH: f64 = 0.02;
/// So precise, and so complete, must a rule be.
const PRECISION: f64 = 0.6;
const RECALL: f64 = 0.5;
/// Bins are put together until there are no more of them than this.
const BINS: usize = 40;

/// An ideal customer, as a row of the sample, and whether it is in the cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) row: usize,
    pub(super) inside: bool,
}

/// Conditions on attributes, by their place in the sample: each a set of slots, of which one must be filled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule(Vec<(usize, Vec<usize>)>);

impl Rule {
    /// Whether every condition holds for a row of the sample.
    pub(super) fn holds(&self, sample: &Sample, row: usize) -> bool {
        self.0.iter().all(|(attribute, slots)| fills(sample, *attribute, slots, row))
    }

    /// Each condition: the attribute, and its slots in their order.
    pub(super) fn parts<'a>(&'a self, sample: &'a Sample) -> Vec<(&'a Feature, &'a [usize])> {
        let part =
            |(attribute, slots): &'a (usize, Vec<usize>)| Some((sample.features.get(*attribute)?, slots.as_slice()));
        self.0.iter().filter_map(part).collect()
    }
}

fn fills(sample: &Sample, attribute: usize, slots: &[usize], row: usize) -> bool {
    // The base is the first term of a design.
    let codes = sample.design.terms.get(attribute + 1);
    codes.is_some_and(|codes| codes.codes.row(row).iter().any(|slot| slots.binary_search(&usize::from(*slot)).is_ok()))
}

/// What a rule catches: customers of the cluster, and others.
#[derive(Clone, Copy, Debug, Default)]
struct Catch {
    inside: f64,
    outside: f64,
}

impl Catch {
    /// Twice the caught members over members and caught: the harmonic mean of precision and recall.
    fn worth(self, members: f64) -> f64 {
        2.0 * self.inside / (members + self.inside + self.outside).max(1.0)
    }

    fn and(self, other: Self) -> Self {
        Self { inside: self.inside + other.inside, outside: self.outside + other.outside }
    }
}

/// The rule that tells these members from the others; nothing where none does well enough.
pub(super) fn find(sample: &Sample, all: &[Member]) -> Option<Rule> {
    let members = all.iter().filter(|member| member.inside).count() as f64;
    let mut caught = all.to_vec();
    let mut rule = Rule(Vec::new());
    let mut worth = catch(&caught).worth(members);
    while rule.0.len() < CONDITIONS {
        let free = (0..sample.features.len()).filter(|attribute| rule.0.iter().all(|(used, _)| used != attribute));
        let best = free.filter_map(|attribute| {
            let (slots, worth) = best_slots(sample, attribute, &caught, members)?;
            Some((attribute, slots, worth))
        });
        let Some((attribute, slots, better)) = best.max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0))) else {
            break;
        };
        if better < worth + WORTH {
            break;
        }
        worth = better;
        caught.retain(|member| fills(sample, attribute, &slots, member.row));
        rule.0.push((attribute, slots));
    }
    let Catch { inside, outside } = catch(&caught);
    let good = inside >= PRECISION * (inside + outside) && inside >= RECALL * members && inside > 0.0;
    (good && !rule.0.is_empty()).then_some(rule)
}

fn catch(members: &[Member]) -> Catch {
    let inside = members.iter().filter(|member| member.inside).count();
    Catch { inside: inside as f64, outside: (members.len() - inside) as f64 }
}

/// The slots of one attribute that catch best, and how well.
fn best_slots(sample: &Sample, attribute: usize, caught: &[Member], members: f64) -> Option<(Vec<usize>, f64)> {
    let feature = sample.features.get(attribute)?;
    let codes = sample.design.terms.get(attribute + 1)?;
    let mut counts = vec![Catch::default(); codes.slots];
    for member in caught {
        for slot in codes.codes.row(member.row) {
            if let Some(count) = counts.get_mut(usize::from(*slot)) {
                *if member.inside { &mut count.inside } else { &mut count.outside } += 1.0;
            }
        }
    }
    counts.truncate(match &feature.encoder {
        Encoder::Number(bins) | Encoder::Date(bins) => bins.len(),
        Encoder::Category(levels) | Encoder::List(levels) => levels.len(),
        Encoder::Flag => 2,
    });
    match &feature.encoder {
        Encoder::Number(_) | Encoder::Date(_) => best_range(&counts, members),
        Encoder::Category(_) => best_set(&counts, members, LEVELS),
        // Items go together in one account: what two of them catch is not a sum.
        Encoder::List(_) | Encoder::Flag => best_set(&counts, members, 1),
    }
}

/// The levels in the order of their precision, as many as make it better.
fn best_set(counts: &[Catch], members: f64, most: usize) -> Option<(Vec<usize>, f64)> {
    let precision = |catch: &Catch| catch.inside / (catch.inside + catch.outside);
    let mut order: Vec<(usize, Catch)> =
        counts.iter().copied().enumerate().filter(|(_, catch)| catch.inside > 0.0).collect();
    if most == 1 {
        order.sort_by(|a, b| b.1.worth(members).total_cmp(&a.1.worth(members)));
    } else {
        order.sort_by(|a, b| precision(&b.1).total_cmp(&precision(&a.1)).then(b.1.inside.total_cmp(&a.1.inside)));
    }
    let (mut slots, mut sum, mut worth) = (Vec::new(), Catch::default(), 0.0);
    for (slot, catch) in order {
        let better = sum.and(catch).worth(members);
        if slots.len() < most && better > worth {
            (sum, worth) = (sum.and(catch), better);
            slots.push(slot);
        }
    }
    slots.sort_unstable();
    (!slots.is_empty()).then_some((slots, worth))
}

/// The best range of neighbouring bins; not all of them.
fn best_range(counts: &[Catch], members: f64) -> Option<(Vec<usize>, f64)> {
    let all: f64 = counts.iter().map(|count| count.inside + count.outside).sum();
    let (mut groups, mut end) = (vec![(0..0, Catch::default())], 0);
    for count in counts {
        end += 1;
        let (range, sum) = groups.last_mut()?;
        (range.end, *sum) = (end, sum.and(*count));
        if sum.inside + sum.outside >= all / BINS as f64 && end < counts.len() {
            groups.push((end..end, Catch::default()));
        }
    }
    let mut best: Option<(Vec<usize>, f64)> = None;
    for (at, (first, _)) in groups.iter().enumerate() {
        let mut sum = Catch::default();
        for (last, count) in groups.iter().skip(at) {
            sum = sum.and(*count);
            let worth = sum.worth(members);
            let whole = first.start == 0 && last.end == counts.len();
            if !whole && best.as_ref().is_none_or(|(_, known)| worth > *known) {
                best = Some(((first.start..last.end).collect(), worth));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(u32, u32)]) -> Vec<Catch> {
        counts.iter().map(|(inside, outside)| Catch { inside: (*inside).into(), outside: (*outside).into() }).collect()
    }

    #[test]
    fn the_best_range_and_the_best_levels_by_hand() {
        let bins = counts(&[(0, 9), (5, 1), (4, 0), (1, 9)]);
        assert_eq!(best_range(&bins, 10.0).unwrap(), (vec![1, 2], 18.0 / 20.0));
        assert_eq!(best_range(&counts(&[(4, 0)]), 4.0), None, "all bins are no condition");
        let levels = counts(&[(5, 0), (1, 9), (4, 1), (0, 3)]);
        assert_eq!(best_set(&levels, 10.0, 6).unwrap(), (vec![0, 2], 18.0 / 20.0));
        assert_eq!(best_set(&levels, 10.0, 1).unwrap().0, [0]);
        assert_eq!(best_set(&counts(&[(0, 3)]), 10.0, 6), None);
    }
}
