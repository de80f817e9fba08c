//! Rows of a version's evaluation, stored with it so that later versions can be evaluated on the same ones.

use std::collections::BTreeMap;

use sweetspot_core::Digest;

/// The maximum number of rows that a version stores.
pub(crate) const MAX_EVALUATED_ROWS: usize = 10_000;

/// One row with the prediction of a fit that had not seen it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvaluatedRow {
    /// The hash of the account's id, see [`EvaluatedRow::account_hash`].
    pub account: u64,
    /// Whether the label is ideal.
    pub ideal: bool,
    /// The calibrated prediction, in log-odds.
    pub log_odds: f64,
    /// The customer: rows with the same number belong together; 0 if no other row in the sample does.
    pub group: u32,
    /// The fold in which it was evaluated, from 0: predictions of different folds come from different fits.
    pub fold: u8,
}

impl EvaluatedRow {
    /// The hash of an account's id: the first eight bytes of its SHA-256.
    #[must_use]
    pub fn account_hash(account_id: &str) -> u64 {
        Digest::new(account_id.as_bytes()).prefix()
    }
}

/// Rows in ascending order of their account hashes, without repeated accounts, at most 10,000.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvaluatedSample(Vec<EvaluatedRow>);

impl EvaluatedSample {
    /// Keeps the rows with the lowest hashes, so that two versions evaluated on the same customers keep the same rows.
    /// Groups are renumbered; the group of a row without others of its group in the sample becomes 0.
    #[must_use]
    pub fn new(mut rows: Vec<EvaluatedRow>) -> Self {
        rows.sort_by_key(|row| row.account);
        rows.dedup_by_key(|row| row.account);
        rows.truncate(MAX_EVALUATED_ROWS);
        let mut sizes: BTreeMap<u32, u32> = BTreeMap::new();
        rows.iter().filter(|row| row.group > 0).for_each(|row| *sizes.entry(row.group).or_default() += 1);
        let groups = sizes.into_iter().filter(|(_, rows)| *rows > 1).map(|(group, _)| group);
        let numbers: BTreeMap<u32, u32> = groups.zip(1..).collect();
        for row in &mut rows {
            row.group = numbers.get(&row.group).copied().unwrap_or(0);
        }
        Self(rows)
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[EvaluatedRow] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_stand_in_order_once_and_groups_have_at_least_two(
            rows in prop::collection::vec((0..40_u64, any::<bool>(), 0..6_u32), 0..60),
        ) {
            let row = |(account, ideal, group): &(u64, bool, u32)| EvaluatedRow { account: *account, ideal: *ideal, log_odds: 0.5, group: *group, fold: 0 };
            let sample = EvaluatedSample::new(rows.iter().map(row).collect());
            prop_assert!(sample.rows().windows(2).all(|pair| pair[0].account < pair[1].account));
            for group in sample.rows().iter().map(|row| row.group).filter(|group| *group > 0) {
                prop_assert!(sample.rows().iter().filter(|row| row.group == group).count() > 1);
            }
        }
    }

    #[test]
    fn two_halves_of_many_customers_keep_the_rows_that_both_have() {
        let row = |account: u64| EvaluatedRow { account, ideal: false, log_odds: 0.0, group: 0, fold: 0 };
        let hashes = |ids: std::ops::Range<u32>| {
            ids.map(|id| row(EvaluatedRow::account_hash(&id.to_string()))).collect::<Vec<_>>()
        };
        let (first, second) = (EvaluatedSample::new(hashes(0..40_000)), EvaluatedSample::new(hashes(20_000..60_000)));
        assert_eq!((first.rows().len(), second.rows().len()), (MAX_EVALUATED_ROWS, MAX_EVALUATED_ROWS));
        let common = first
            .rows()
            .iter()
            .filter(|row| second.rows().binary_search_by_key(&row.account, |one| one.account).is_ok());
        let common = common.count();
        assert!(common > 4_500, "{common}: rows drawn independently would leave 1,250");
    }

    #[test]
    fn the_hash_of_an_id_stays_what_it_is() {
        assert_eq!(EvaluatedRow::account_hash("abc"), 0xba78_16bf_8f01_cfea);
    }
}
