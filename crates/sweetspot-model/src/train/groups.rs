//! Which rows stay together in evaluation: those of one account, declared or found, and twins.

use std::collections::{BTreeMap, BTreeSet};

/// The group of each row.
#[derive(Debug, PartialEq)]
pub(super) struct Groups {
    /// Rows of one number stay together; a row without one stands for itself.
    pub of_row: Vec<Option<usize>>,
    /// Rows that joined a group only because they look like another row.
    pub found: usize,
}

/// The number of each declared group; rows of one name have one number.
pub(super) fn numbered(declared: &[Option<&str>]) -> Vec<Option<usize>> {
    let mut numbers: BTreeMap<&str, usize> = declared.iter().flatten().map(|name| (*name, 0)).collect();
    for (next, number) in numbers.values_mut().enumerate() {
        *number = next;
    }
    declared.iter().map(|name| name.and_then(|name| numbers.get(name).copied())).collect()
}

impl Groups {
    /// Puts known groups, one entry a row or none at all, and twins together; `twins` holds the first twin of each row. What is
    /// known stays as it is: a twin without a group joins the group of its twins, and twins of two groups stay apart.
    pub(super) fn new(known: &[Option<usize>], twins: &[Option<usize>]) -> Self {
        let known = known.iter().copied().chain(std::iter::repeat(None));
        let mut of_row: Vec<Option<usize>> = twins.iter().zip(known).map(|(_, group)| group).collect();
        let mut homes: BTreeMap<usize, usize> = BTreeMap::new();
        for (group, first) in of_row.iter().zip(twins) {
            if let (Some(group), Some(first)) = (group, first) {
                homes.entry(*first).or_insert(*group);
            }
        }
        let (mut found, mut next) = (0, of_row.iter().flatten().max().map_or(0, |last| last + 1));
        for (group, first) in of_row.iter_mut().zip(twins) {
            let (None, Some(first)) = (*group, first) else { continue };
            let home = homes.entry(*first).or_insert(next);
            // The first of its kind is the account itself, not another id of it.
            if *home == next {
                next += 1;
            } else {
                found += 1;
            }
            *group = Some(*home);
        }
        Self { of_row, found }
    }

    /// How many accounts these rows are of: groups, and rows of none.
    pub(super) fn accounts(groups: &[Option<usize>], rows: &[usize]) -> u64 {
        let group = |row: &usize| groups.get(*row).copied().flatten();
        let known: BTreeSet<usize> = rows.iter().filter_map(group).collect();
        (known.len() + rows.iter().filter(|row| group(row).is_none()).count()) as u64
    }

    /// What a person should know of twins that nobody declared.
    pub(super) fn warning(&self) -> Option<String> {
        match self.found {
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
    fn twins_are_added_to_what_is_declared() {
        let declared = [None, Some("b"), None, Some("a"), None, Some("b"), None];
        let twins = [Some(0), Some(1), Some(0), None, Some(1), None, None];
        let groups = Groups::new(&numbered(&declared), &twins);
        assert_eq!(groups.of_row, [Some(2), Some(1), Some(2), Some(0), Some(1), Some(1), None]);
        assert_eq!(groups.found, 2);
        assert!(groups.warning().unwrap().starts_with("2 customers look like the same account"));
    }

    #[test]
    fn twins_of_two_declared_groups_stay_apart() {
        let groups = Groups::new(&numbered(&[Some("a"), Some("b"), None]), &[Some(0); 3]);
        assert_eq!(groups.of_row, [Some(0), Some(1), Some(0)]);
        assert!(groups.warning().unwrap().starts_with("1 customer looks like"));
        assert_eq!(Groups::new(&numbered(&[None, Some("b")]), &[None, None]).warning(), None);
    }

    #[test]
    fn accounts_are_groups_and_rows_of_none() {
        let groups = [Some(4), None, Some(4), Some(0), None];
        assert_eq!(Groups::accounts(&groups, &[0, 1, 2, 3, 4]), 4);
        assert_eq!((Groups::accounts(&groups, &[0, 2]), Groups::accounts(&groups, &[])), (1, 0));
        assert_eq!(Groups::new(&[], &[None, Some(1), Some(1)]).of_row, [None, Some(0), Some(0)]);
    }

    proptest! {
        #[test]
        fn declared_groups_are_kept_and_undeclared_twins_joined(
            rows in prop::collection::vec((prop::option::of("[ab]"), prop::option::of(0..4_usize)), 0..40),
        ) {
            let declared: Vec<Option<&str>> = rows.iter().map(|(name, _)| name.as_deref()).collect();
            let first = |twin: usize| rows.iter().position(|(_, other)| *other == Some(twin));
            let twins: Vec<Option<usize>> = rows.iter().map(|(_, twin)| twin.and_then(first)).collect();
            let groups = Groups::new(&numbered(&declared), &twins).of_row;
            for (i, (name, twin)) in rows.iter().enumerate() {
                prop_assert_eq!(groups[i].is_some(), name.is_some() || twin.is_some());
                for (j, (other, also)) in rows.iter().enumerate() {
                    prop_assert!(name.is_none() || other.is_none() || (name == other) == (groups[i] == groups[j]));
                    prop_assert!(twin.is_none() || twin != also || name.is_some() || other.is_some() || groups[i] == groups[j]);
                }
            }
        }
    }
}
