//! Ids of segments that stay the same from one version to the next.

use std::collections::BTreeSet;

use sweetspot_core::{AccountTable, Condition, Test};

use super::super::hypotheses::condition_holds;
use crate::stored::{self, FieldError, StoredField, stored_message};
use crate::stored_condition::dataset_matcher;

/// What the id of a segment begins with; a number follows.
const ID_PREFIX: &str = "segment-";
/// The minimum overlap of two segments that are the same one: the customers in both, of those in either (Jaccard 1912,
/// New Phytol. 11:37).
const MIN_OVERLAP: f64 = 0.5;
/// The overlap of segments with the same rule, which are the same whatever their customers.
const SAME_RULE: f64 = 2.0;

/// The segments of the version before, whose ids a training continues.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EarlierSegments {
    /// The name of that version.
    pub version: String,
    /// The largest number of an id that this version or one before it has used.
    pub last_number: u64,
    /// The segments, in the order in which their rules are evaluated.
    pub segments: Vec<EarlierSegment>,
}

/// A segment of the version before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EarlierSegment {
    /// The id.
    pub id: String,
    /// The rule: all conditions must hold, and those of no segment before it.
    pub conditions: Vec<Condition>,
}

stored_message!(
    EarlierSegment as stored::Segment: id, conditions;
    + name, customers, ideal, stability, value_if_ideal, valued
);

/// Absent in the options of earlier releases, and without a version before.
impl StoredField for EarlierSegments {
    type Stored = Option<stored::EarlierSegments>;

    fn into_stored(self) -> Self::Stored {
        let is_absent = self == Self::default();
        let Self { version, last_number, segments } = self;
        let segments = segments.into_stored();
        (!is_absent).then_some(stored::EarlierSegments { version, last_number, segments })
    }

    fn from_stored(stored: Self::Stored, name: &'static str) -> Result<Self, FieldError> {
        let stored::EarlierSegments { version, last_number, segments } = stored.unwrap_or_default();
        Ok(Self { version, last_number, segments: StoredField::from_stored(segments, name)? })
    }
}

impl EarlierSegments {
    /// The segments of an artifact.
    pub(crate) fn from_artifact(artifact: &stored::ModelArtifact, version: String) -> Self {
        let segment = |segment: &stored::Segment| EarlierSegment::try_from(segment.clone()).ok();
        let segments: Vec<EarlierSegment> = artifact.segments.iter().filter_map(segment).collect();
        let known = Self { version, last_number: artifact.last_segment_number, segments };
        // Earlier releases did not store the number.
        Self { last_number: known.max_number(), ..known }
    }

    /// The largest number of an id that is used.
    fn max_number(&self) -> u64 {
        let numbers = self.segments.iter().filter_map(|segment| id_number(&segment.id));
        numbers.max().unwrap_or(0).max(self.last_number)
    }
}

/// The number of a segment's id.
fn id_number(id: &str) -> Option<u64> {
    id.strip_prefix(ID_PREFIX)?.parse().ok()
}

/// A segment without an id: its rule, and its ideal customers as indices into those of the training.
#[derive(Clone, Debug)]
pub(super) struct UnnamedSegment<'a> {
    pub(super) conditions: &'a [Condition],
    pub(super) members: BTreeSet<usize>,
}

/// The ids of segments, and the largest number used so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::train) struct SegmentIds {
    pub(in crate::train) ids: Vec<String>,
    pub(in crate::train) last_number: u64,
}

/// Assigns ids: a segment has the id of the earlier one with the same rule, or else with the largest overlap of
/// ideal customers, one to one; others have numbers that no earlier segment has used. `rows` are the rows of the ideal
/// customers of the training, with the number of customers of each.
pub(super) fn segment_ids(
    segments: &[UnnamedSegment<'_>],
    earlier: &EarlierSegments,
    accounts: &AccountTable,
    rows: &[(usize, u64)],
) -> SegmentIds {
    let (rows, counts): (Vec<usize>, Vec<u64>) = rows.iter().copied().unzip();
    let earlier_members = earlier_members(earlier, accounts, &rows);
    let mut pairs = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        for (earlier_index, (before, earlier_members)) in earlier.segments.iter().zip(&earlier_members).enumerate() {
            let is_same = is_same_rule(segment.conditions, &before.conditions);
            let overlap = overlap(&segment.members, earlier_members, &counts) + if is_same { SAME_RULE } else { 0.0 };
            pairs.push((overlap, index, earlier_index));
        }
    }
    pairs.retain(|(overlap, ..)| *overlap >= MIN_OVERLAP);
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut ids, mut taken) = (vec![None; segments.len()], BTreeSet::new());
    for (_, index, earlier_index) in pairs {
        if let (Some(id @ None), Some(before)) = (ids.get_mut(index), earlier.segments.get(earlier_index))
            && taken.insert(before.id.as_str())
        {
            *id = Some(before.id.clone());
        }
    }
    let mut last_number = earlier.max_number();
    let mut next_id = || {
        last_number += 1;
        format!("{ID_PREFIX}{last_number}")
    };
    let ids = ids.into_iter().map(|id| id.unwrap_or_else(&mut next_id)).collect();
    SegmentIds { ids, last_number }
}

/// The rows of each earlier segment: those for which its rule is the first that holds.
fn earlier_members(earlier: &EarlierSegments, accounts: &AccountTable, rows: &[usize]) -> Vec<BTreeSet<usize>> {
    let mut is_free = vec![true; rows.len()];
    let mut members = Vec::new();
    for segment in &earlier.segments {
        let mut holds = is_free.clone();
        for condition in &segment.conditions {
            let of_condition = condition_holds(&dataset_matcher(condition.clone(), accounts), accounts, rows);
            holds.iter_mut().zip(of_condition).for_each(|(holds, of_condition)| *holds &= of_condition);
        }
        is_free.iter_mut().zip(&holds).for_each(|(is_free, holds)| *is_free &= !holds);
        members.push((0..rows.len()).filter(|row| holds.get(*row) == Some(&true)).collect());
    }
    members
}

/// The share of the customers of either set that are in both; 0 if neither has any.
fn overlap(first: &BTreeSet<usize>, second: &BTreeSet<usize>, counts: &[u64]) -> f64 {
    let customers = |rows: &mut dyn Iterator<Item = &usize>| -> u64 { rows.filter_map(|row| counts.get(*row)).sum() };
    let shared = customers(&mut first.intersection(second));
    let either = customers(&mut first.union(second));
    shared as f64 / either.max(1) as f64
}

/// Whether two rules have the same conditions, in any order.
fn is_same_rule(first: &[Condition], second: &[Condition]) -> bool {
    let has = |conditions: &[Condition], wanted: &Condition| {
        conditions.iter().any(|known| known.attribute == wanted.attribute && is_same_test(&known.test, &wanted.test))
    };
    first.len() == second.len()
        && first.iter().all(|condition| has(second, condition))
        && second.iter().all(|condition| has(first, condition))
}

fn is_same_test(first: &Test, second: &Test) -> bool {
    match (first, second) {
        (Test::AnyOf(first), Test::AnyOf(second)) => {
            first.iter().collect::<BTreeSet<_>>() == second.iter().collect::<BTreeSet<_>>()
        }
        (first, second) => first == second,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::{Column, ColumnData};

    use super::*;

    /// Accounts with a level `0` to `9` each.
    fn accounts(levels: &[u32]) -> AccountTable {
        let dictionary = (0..10).map(|level| level.to_string()).collect();
        let codes = levels.iter().copied().map(Some).collect();
        let column = Column { name: "level".to_owned(), data: ColumnData::Categories { dictionary, codes } };
        AccountTable::new((0..levels.len()).map(|row| row.to_string()).collect(), vec![column]).unwrap()
    }

    fn rule(levels: &[u32]) -> Vec<Condition> {
        let texts = levels.iter().map(u32::to_string).collect();
        vec![Condition { attribute: "level".to_owned(), test: Test::AnyOf(texts) }]
    }

    fn earlier(segments: &[(&str, &[u32])], last_number: u64) -> EarlierSegments {
        let segments = segments
            .iter()
            .map(|(id, levels)| EarlierSegment { id: (*id).to_owned(), conditions: rule(levels) })
            .collect();
        EarlierSegments { version: "v".to_owned(), last_number, segments }
    }

    fn ids(levels: &[u32], rules: &[&[u32]], earlier: &EarlierSegments) -> SegmentIds {
        let conditions: Vec<Vec<Condition>> = rules.iter().map(|levels| rule(levels)).collect();
        let first = |level: u32| rules.iter().position(|levels| levels.contains(&level));
        let members: Vec<BTreeSet<usize>> = (0..rules.len())
            .map(|index| (0..levels.len()).filter(|row| first(levels[*row]) == Some(index)).collect())
            .collect();
        let segments: Vec<UnnamedSegment<'_>> = conditions
            .iter()
            .zip(members)
            .map(|(conditions, members)| UnnamedSegment { conditions, members })
            .collect();
        segment_ids(&segments, earlier, &accounts(levels), &(0..levels.len()).map(|row| (row, 1)).collect::<Vec<_>>())
    }

    #[test]
    fn a_segment_keeps_its_id_by_rule_or_by_members() {
        let levels: Vec<u32> = (0..100).map(|row| row % 10).collect();
        let none = EarlierSegments::default();
        let first = ids(&levels, &[&[0, 1], &[2]], &none);
        assert_eq!((first.ids, first.last_number), (vec!["segment-1".to_owned(), "segment-2".to_owned()], 2));
        let before = earlier(&[("segment-1", &[0, 1]), ("segment-2", &[2, 3, 4])], 7);
        // The second has three of four members in common with segment-2, the others none or too few.
        let next = ids(&levels, &[&[1, 0], &[5, 4, 3, 2], &[9]], &before);
        assert_eq!(next.ids, ["segment-1", "segment-2", "segment-8"]);
        assert_eq!(next.last_number, 8);
        let split = ids(&levels, &[&[2], &[3], &[4]], &before);
        assert_eq!(split.ids, ["segment-8", "segment-9", "segment-10"], "a third of the members is too little");
        // The order of the rules changes the members, but not what the segments are.
        let swapped = ids(&levels, &[&[2, 3, 4], &[0, 1]], &before);
        assert_eq!(swapped.ids, ["segment-2", "segment-1"]);
    }

    #[test]
    fn earlier_rules_come_first_and_absent_attributes_match_nothing() {
        let levels: Vec<u32> = (0..100).map(|row| row % 10).collect();
        let rows: Vec<usize> = (0..levels.len()).collect();
        let mut before = earlier(&[("segment-1", &[0, 1]), ("segment-2", &[1, 2])], 2);
        let members = earlier_members(&before, &accounts(&levels), &rows);
        assert_eq!(members.iter().map(BTreeSet::len).collect::<Vec<_>>(), [20, 10]);
        before.segments[0].conditions[0].attribute = "gone".to_owned();
        let members = earlier_members(&before, &accounts(&levels), &rows);
        assert_eq!(members.iter().map(BTreeSet::len).collect::<Vec<_>>(), [0, 20]);
    }

    #[test]
    fn earlier_segments_round_trip_through_storage() {
        for before in [earlier(&[("segment-3", &[0, 1])], 4), EarlierSegments::default()] {
            assert_eq!(EarlierSegments::from_stored(before.clone().into_stored(), "segments"), Ok(before));
        }
    }

    proptest! {
        #[test]
        fn ids_are_unique_new_ones_are_unused_and_a_repetition_changes_none(
            levels in prop::collection::vec(0..10_u32, 1..200),
            (old, new) in (partition(), partition()),
            last in 0..9_u64,
        ) {
            let named: Vec<(String, Vec<u32>)> =
                old.iter().enumerate().map(|(index, levels)| (format!("segment-{}", 5 - index), levels.clone())).collect();
            let named: Vec<(&str, &[u32])> = named.iter().map(|(id, levels)| (id.as_str(), levels.as_slice())).collect();
            let before = earlier(&named, last);
            let rules: Vec<&[u32]> = new.iter().map(Vec::as_slice).collect();
            let found = ids(&levels, &rules, &before);
            prop_assert_eq!(found.ids.iter().collect::<BTreeSet<_>>().len(), new.len());
            let max = before.max_number();
            for id in &found.ids {
                let is_known = named.iter().any(|(known, _)| known == id);
                prop_assert!(is_known || id_number(id).is_some_and(|number| number > max && number <= found.last_number));
            }
            for (id, levels) in &named {
                if let Some(same) = new.iter().position(|other| other.iter().collect::<BTreeSet<_>>() == levels.iter().collect()) {
                    prop_assert_eq!(&found.ids[same], id);
                }
            }
            let again: Vec<(&str, &[u32])> = found.ids.iter().map(String::as_str).zip(rules.iter().copied()).collect();
            prop_assert_eq!(ids(&levels, &rules, &earlier(&again, found.last_number)), found);
        }
    }

    /// Up to five disjoint sets of levels.
    fn partition() -> impl Strategy<Value = Vec<Vec<u32>>> {
        (Just((0..10_u32).collect::<Vec<_>>()).prop_shuffle(), prop::collection::vec(1..3_usize, 0..6)).prop_map(
            |(levels, sizes)| {
                let mut rest = levels.into_iter();
                sizes
                    .into_iter()
                    .map(|size| rest.by_ref().take(size).collect())
                    .filter(|set: &Vec<u32>| !set.is_empty())
                    .collect()
            },
        )
    }
}
