//! Rows that stay together in evaluation: those of one account, declared or detected, and duplicates.

use std::collections::{BTreeMap, BTreeSet};

/// The group of each row.
#[derive(Debug, PartialEq)]
pub(super) struct RowGroups {
    /// Rows of the same group stay together; a row without a group stands alone.
    pub group_by_row: Vec<Option<usize>>,
    /// The number of rows that joined a group only because they are duplicates.
    pub inferred_count: usize,
}

/// The index of each declared group; rows with the same name have the same index.
pub(super) fn number_groups(declared: &[Option<&str>]) -> Vec<Option<usize>> {
    let mut numbers: BTreeMap<&str, usize> = declared.iter().flatten().map(|name| (*name, 0)).collect();
    for (next, number) in numbers.values_mut().enumerate() {
        *number = next;
    }
    declared.iter().map(|name| name.and_then(|name| numbers.get(name).copied())).collect()
}

impl RowGroups {
    /// Merges known groups, one entry per row or empty, with duplicates; `duplicates` has the first duplicate of each
    /// row. Known groups do not change: a duplicate without a group joins the group of its duplicates, and duplicates
    /// in two groups stay apart.
    pub(super) fn new(known: &[Option<usize>], duplicates: &[Option<usize>]) -> Self {
        let known = known.iter().copied().chain(std::iter::repeat(None));
        let mut of_row: Vec<Option<usize>> = duplicates.iter().zip(known).map(|(_, group)| group).collect();
        let mut homes: BTreeMap<usize, usize> = BTreeMap::new();
        for (group, first) in of_row.iter().zip(duplicates) {
            if let (Some(group), Some(first)) = (group, first) {
                homes.entry(*first).or_insert(*group);
            }
        }
        let (mut found, mut next) = (0, of_row.iter().flatten().max().map_or(0, |last| last + 1));
        for (group, first) in of_row.iter_mut().zip(duplicates) {
            let (None, Some(first)) = (*group, first) else { continue };
            let home = homes.entry(*first).or_insert(next);
            // The first of its duplicates is the account itself, not another id of it.
            if *home == next {
                next += 1;
            } else {
                found += 1;
            }
            *group = Some(*home);
        }
        Self { group_by_row: of_row, inferred_count: found }
    }

    /// The number of accounts of these rows: groups, plus rows without a group.
    pub(super) fn account_count(groups: &[Option<usize>], rows: &[usize]) -> u64 {
        let group = |row: &usize| groups.get(*row).copied().flatten();
        let known: BTreeSet<usize> = rows.iter().filter_map(group).collect();
        (known.len() + rows.iter().filter(|row| group(row).is_none()).count()) as u64
    }

    /// The warning about duplicates without a declared group, if any.
    pub(super) fn duplicate_warning(&self) -> Option<String> {
        match self.inferred_count {
            0 => None,
            1 => Some(
                "1 customer looks like the same account as another one under another id: they are kept in one fold"
                    .to_owned(),
            ),
            found => Some(format!(
                "{found} customers look like the same account as another one under another id: they are kept in one fold"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn duplicates_are_added_to_declared_groups() {
        let declared = [None, Some("b"), None, Some("a"), None, Some("b"), None];
        let duplicates = [Some(0), Some(1), Some(0), None, Some(1), None, None];
        let groups = RowGroups::new(&number_groups(&declared), &duplicates);
        assert_eq!(groups.group_by_row, [Some(2), Some(1), Some(2), Some(0), Some(1), Some(1), None]);
        assert_eq!(groups.inferred_count, 2);
        assert!(groups.duplicate_warning().unwrap().starts_with("2 customers look like the same account"));
    }

    #[test]
    fn duplicates_in_two_declared_groups_stay_separate() {
        let groups = RowGroups::new(&number_groups(&[Some("a"), Some("b"), None]), &[Some(0); 3]);
        assert_eq!(groups.group_by_row, [Some(0), Some(1), Some(0)]);
        assert!(groups.duplicate_warning().unwrap().starts_with("1 customer looks like"));
        assert_eq!(RowGroups::new(&number_groups(&[None, Some("b")]), &[None, None]).duplicate_warning(), None);
    }

    #[test]
    fn account_count_includes_groups_and_ungrouped_rows() {
        let groups = [Some(4), None, Some(4), Some(0), None];
        assert_eq!(RowGroups::account_count(&groups, &[0, 1, 2, 3, 4]), 4);
        assert_eq!((RowGroups::account_count(&groups, &[0, 2]), RowGroups::account_count(&groups, &[])), (1, 0));
        assert_eq!(RowGroups::new(&[], &[None, Some(1), Some(1)]).group_by_row, [None, Some(0), Some(0)]);
    }

    proptest! {
        #[test]
        fn declared_groups_are_unchanged_and_other_duplicates_are_grouped(
            rows in prop::collection::vec((prop::option::of("[ab]"), prop::option::of(0..4_usize)), 0..40),
        ) {
            let declared: Vec<Option<&str>> = rows.iter().map(|(name, _)| name.as_deref()).collect();
            let first = |duplicate: usize| rows.iter().position(|(_, other)| *other == Some(duplicate));
            let duplicates: Vec<Option<usize>> = rows.iter().map(|(_, duplicate)| duplicate.and_then(first)).collect();
            let groups = RowGroups::new(&number_groups(&declared), &duplicates).group_by_row;
            for (i, (name, duplicate)) in rows.iter().enumerate() {
                prop_assert_eq!(groups[i].is_some(), name.is_some() || duplicate.is_some());
                for (j, (other, also)) in rows.iter().enumerate() {
                    prop_assert!(name.is_none() || other.is_none() || (name == other) == (groups[i] == groups[j]));
                    prop_assert!(duplicate.is_none() || duplicate != also || name.is_some() || other.is_some() || groups[i] == groups[j]);
                }
            }
        }
    }
}
