//! Accounts counted by key: an answer of the review, or a value of an attribute.

use std::collections::BTreeMap;

use super::{Proportion, ReportInput, truncate};

/// The maximum number of values in a breakdown.
const MAX_LEVELS: usize = 10;

/// The rows of the customers.
pub(super) fn customers(input: &ReportInput) -> Vec<usize> {
    (0..input.rows()).filter(|row| input.is_customer(*row)).collect()
}

/// The totals of the accounts with one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct GroupTotals {
    /// The number of customers.
    pub(super) customers: u64,
    /// The ideal accounts of all with a label, customers or not.
    pub(super) ideal: Proportion,
    /// The net value of the customers.
    pub(super) value: f64,
    /// The number of customers with a net value.
    pub(super) valued: u64,
}

impl GroupTotals {
    fn add(&mut self, input: &ReportInput, row: usize) {
        if let Some(ideal) = input.ideal(row) {
            self.ideal = Proportion { part: self.ideal.part + u64::from(ideal), total: self.ideal.total + 1 };
        }
        if input.is_customer(row) {
            self.customers += 1;
            if let Some(value) = input.outcome(row).net_value() {
                self.value += value;
                self.valued += 1;
            }
        }
    }
}

/// Totals by key; an account with several keys counts for each of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TotalsByGroup<K> {
    pub(super) by_key: BTreeMap<K, GroupTotals>,
    /// The accounts with any key.
    pub(super) answered: GroupTotals,
    /// All accounts.
    pub(super) total: GroupTotals,
}

/// Counts all accounts by their keys, which are distinct for each account.
pub(super) fn tally<K: Ord>(input: &ReportInput, keys: impl Fn(usize) -> Vec<K>) -> TotalsByGroup<K> {
    let mut tallies =
        TotalsByGroup { by_key: BTreeMap::new(), answered: GroupTotals::default(), total: GroupTotals::default() };
    for row in 0..input.rows() {
        tallies.total.add(input, row);
        let keys = keys(row);
        if !keys.is_empty() {
            tallies.answered.add(input, row);
        }
        for key in keys {
            tallies.by_key.entry(key).or_default().add(input, row);
        }
    }
    tallies
}

/// The accounts with one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakdownLevel {
    /// The answer.
    pub name: String,
    /// The customers with it, of all customers with an answer.
    pub customers: Proportion,
    /// Its ideal accounts, of those with a label, lost ones included.
    pub ideal: Proportion,
    /// The net value of its customers; `None` if it is unknown for all of them.
    pub value: Option<f64>,
    /// Its share of the net value of all customers, in `[0, 1]` unless some cost more than they pay; `None` if that
    /// total is unknown or not positive.
    pub value_share: Option<f64>,
}

/// Customers by answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Breakdown {
    /// The levels: most frequent first, at most ten; or all size bands, in ascending order.
    pub levels: Vec<BreakdownLevel>,
    /// The number of other levels.
    pub omitted: u64,
    /// The customers with an answer, of all customers.
    pub answered: Proportion,
}

impl<K: Ord> TotalsByGroup<K> {
    /// The level of one key.
    pub(super) fn level(&self, name: String, tally: &GroupTotals) -> BreakdownLevel {
        let value = (tally.valued > 0).then_some(tally.value);
        BreakdownLevel {
            name,
            customers: Proportion { part: tally.customers, total: self.answered.customers },
            ideal: tally.ideal,
            value,
            value_share: value.filter(|_| self.total.value > 0.0).map(|value| value / self.total.value),
        }
    }

    /// The breakdown in the order of the keys; `name` returns the name of a key.
    pub(super) fn sorted_by_key(&self, name: impl Fn(&K) -> String) -> Breakdown {
        let answer_share = Proportion { part: self.answered.customers, total: self.total.customers };
        let tallies = self.by_key.iter().filter(|(_, tally)| tally.customers > 0);
        let levels = tallies.map(|(key, tally)| self.level(name(key), tally)).collect();
        Breakdown { levels, omitted: 0, answered: answer_share }
    }
}

impl TotalsByGroup<&str> {
    /// The breakdown, most frequent first.
    pub(super) fn sorted_by_frequency(&self) -> Breakdown {
        let mut split = self.sorted_by_key(|name| truncate(name));
        // The sort is stable, so that ties stay in alphabetical order.
        split.levels.sort_by_key(|level| std::cmp::Reverse(level.customers.part));
        split.omitted = split.levels.len().saturating_sub(MAX_LEVELS) as u64;
        split.levels.truncate(MAX_LEVELS);
        split
    }
}
