//! Counts the values of an attribute in a group of accounts and in the rest.

use std::collections::BTreeSet;

use sweetspot_core::{ColumnData, NullableVec, is_year_column};

use crate::format::format_bounds;
use crate::{Proportion, format_number};

/// The maximum number of groups of a numeric attribute.
const MAX_GROUPS: usize = 4;
/// The minimum number of accounts with a value that is compared, and of those in the group.
const MIN_ACCOUNTS: u64 = 10;
const MIN_IN_GROUP: u64 = 3;

/// One value of an attribute, with its frequency in the group and in the rest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LevelCounts {
    /// The value as text.
    pub(super) label: String,
    /// The accounts of the group with the value, of those with the attribute.
    pub(super) group: Proportion,
    /// The accounts of the rest with the value, of those with the attribute.
    pub(super) rest: Proportion,
}

impl LevelCounts {
    /// Whether the value has enough accounts to be compared.
    pub(super) const fn has_enough_accounts(&self) -> bool {
        let Self { group, rest, .. } = self;
        group.part + rest.part >= MIN_ACCOUNTS && group.part >= MIN_IN_GROUP && rest.total > 0
    }
}

/// Every value of an attribute. Dates have none, because a start date is not a trait.
pub(super) fn levels(column: &ColumnData, group: &[usize], rest: &[usize]) -> Vec<LevelCounts> {
    match column {
        ColumnData::Categories { dictionary, codes } => {
            let code = |row| codes.get(row).map(|code| vec![code as usize]);
            count_groups(dictionary.clone(), code, group, rest)
        }
        ColumnData::Flags(flags) => {
            let code = |row| flags.get(row).map(|flag| vec![usize::from(flag)]);
            count_groups(["no", "yes"].map(str::to_owned).to_vec(), code, group, rest)
        }
        ColumnData::Lists { dictionary, rows } => {
            // Repeated items count once.
            let distinct = |codes: &[u32]| codes.iter().map(|code| *code as usize).collect::<BTreeSet<_>>();
            let code = |row| rows.get(row).map(|codes| distinct(codes).into_iter().collect());
            count_groups(dictionary.clone(), code, group, rest)
        }
        ColumnData::Numbers(numbers) => {
            let cuts = cuts(numbers, group.iter().chain(rest));
            let bin = |number: f64| cuts.partition_point(|cut| *cut <= number);
            let bound = if is_year_column("", numbers) { |cut: f64| cut.to_string() } else { format_number };
            count_groups(labels(&cuts, bound), |row| numbers.get(row).map(|number| vec![bin(number)]), group, rest)
        }
        ColumnData::Dates(_) => Vec::new(),
    }
}

fn count_groups(
    labels: Vec<String>,
    codes: impl Fn(usize) -> Option<Vec<usize>>,
    group: &[usize],
    rest: &[usize],
) -> Vec<LevelCounts> {
    let count = |group: &[usize]| {
        let (mut counts, mut known) = (vec![0_u64; labels.len()], 0);
        for codes in group.iter().filter_map(|row| codes(*row)) {
            known += 1;
            for code in codes {
                counts.get_mut(code).into_iter().for_each(|count| *count += 1);
            }
        }
        (counts, known)
    };
    let ((group, known_in_group), (rest, known_in_rest)) = (count(group), count(rest));
    let shares = group.into_iter().zip(rest);
    let shares = shares
        .map(|(a, b)| (Proportion { part: a, total: known_in_group }, Proportion { part: b, total: known_in_rest }));
    labels.into_iter().zip(shares).map(|(label, (group, rest))| LevelCounts { label, group, rest }).collect()
}

/// Bounds that separate groups of about equal size.
fn cuts<'a>(numbers: &NullableVec<f64>, rows: impl Iterator<Item = &'a usize>) -> Vec<f64> {
    let mut sorted: Vec<f64> = rows.filter_map(|row| numbers.get(*row)).collect();
    sorted.sort_by(f64::total_cmp);
    let bound = |group| sorted.get(sorted.len() * group / MAX_GROUPS).copied();
    let mut cuts: Vec<f64> = (1..MAX_GROUPS).filter_map(bound).collect();
    cuts.dedup();
    // A bound at the minimum would leave its group empty.
    cuts.retain(|cut| sorted.first().is_some_and(|min| cut > min));
    cuts
}

fn labels(cuts: &[f64], bound: fn(f64) -> String) -> Vec<String> {
    let ends = std::iter::once(None).chain(cuts.iter().copied().map(Some));
    let next = cuts.iter().copied().map(Some).chain(std::iter::once(None));
    let label = |(from, to): (Option<f64>, Option<f64>)| match (from, to) {
        (Some(from), Some(to)) => {
            let (from, to) = format_bounds(from, to, bound);
            format!("{from} to below {to}")
        }
        (Some(from), None) => format!("{} or more", bound(from)),
        (None, Some(to)) => format!("below {}", bound(to)),
        (None, None) => "any number".to_owned(),
    };
    ends.zip(next).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_counted() {
        let (group, rest) = ([0, 1].as_slice(), [2, 3].as_slice());
        let counts = |column: &ColumnData| -> Vec<(String, u64, u64)> {
            levels(column, group, rest)
                .into_iter()
                .map(|level| (level.label, level.group.part, level.rest.part))
                .collect()
        };
        let numbers = ColumnData::Numbers(vec![Some(40.0), Some(30.0), Some(20.0), Some(10.0)].into());
        let groups = ["below 20", "20 to below 30", "30 to below 40", "40 or more"];
        let numbers_of = [(0, 1), (0, 1), (1, 0), (1, 0)];
        let expected: Vec<_> =
            groups.iter().zip(numbers_of).map(|(label, (a, b))| ((*label).to_owned(), a, b)).collect();
        assert_eq!(counts(&numbers), expected);
        let flags = ColumnData::Flags(vec![Some(true), None, Some(false), Some(true)].into());
        assert_eq!(counts(&flags), [("no".to_owned(), 0, 1), ("yes".to_owned(), 1, 1)]);
        assert_eq!(levels(&flags, group, rest).first().map(|level| level.group.total), Some(1));
        let rows = vec![Some(vec![0, 0]), Some(vec![0, 1]), None, Some(vec![])].into();
        let lists = ColumnData::Lists { dictionary: vec!["SAP".to_owned(), "Slack".to_owned()], rows };
        assert_eq!(counts(&lists), [("SAP".to_owned(), 2, 0), ("Slack".to_owned(), 1, 0)]);
        assert_eq!(counts(&ColumnData::Numbers(vec![Some(7.0); 4].into())), [("any number".to_owned(), 2, 2)]);
    }
}
