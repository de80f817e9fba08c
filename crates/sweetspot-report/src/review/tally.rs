//! Accounts counted by what is said of them.

use std::collections::BTreeMap;

use sweetspot_core::Status;

use super::{Evidence, Share, short};

/// Most values that a split shows one by one.
const MOST: usize = 15;

/// Whether an account is a customer, past or present: it did not say no.
pub(super) fn is_customer(evidence: &Evidence, row: usize) -> bool {
    evidence.outcome(row).status != Some(Status::Lost)
}

/// The rows of the customers.
pub(super) fn customers(evidence: &Evidence) -> Vec<usize> {
    (0..evidence.rows()).filter(|row| is_customer(evidence, *row)).collect()
}

/// What is known of the accounts of which one thing is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// How many of them are customers.
    pub(super) customers: u64,
    /// How many of all of them are ideal, customers or not.
    pub(super) ideal: Share,
    /// The customers' net value.
    pub(super) value: f64,
    /// How many customers have one.
    pub(super) valued: u64,
}

impl Tally {
    fn add(&mut self, evidence: &Evidence, row: usize) {
        if let Some(ideal) = evidence.ideal(row) {
            self.ideal = Share { part: self.ideal.part + u64::from(ideal), of: self.ideal.of + 1 };
        }
        if is_customer(evidence, row) {
            self.customers += 1;
            if let Some(value) = evidence.outcome(row).net_value() {
                self.value += value;
                self.valued += 1;
            }
        }
    }
}

/// Accounts by what is said of them; an account of which several things are said counts for each of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tallies<K> {
    pub(super) by: BTreeMap<K, Tally>,
    /// The accounts of which anything is said.
    pub(super) told: Tally,
    /// All accounts.
    pub(super) all: Tally,
}

/// Counts all accounts by the keys of each. No account has a key twice.
pub(super) fn tally<K: Ord>(evidence: &Evidence, keys: impl Fn(usize) -> Vec<K>) -> Tallies<K> {
    let mut tallies = Tallies { by: BTreeMap::new(), told: Tally::default(), all: Tally::default() };
    for row in 0..evidence.rows() {
        tallies.all.add(evidence, row);
        let keys = keys(row);
        if !keys.is_empty() {
            tallies.told.add(evidence, row);
        }
        for key in keys {
            tallies.by.entry(key).or_default().add(evidence, row);
        }
    }
    tallies
}

/// The accounts of which one thing is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// What is said.
    pub name: String,
    /// How many of the customers of whom anything is said.
    pub customers: Share,
    /// How many of its accounts are ideal, of those whose outcome tells, lost ones included.
    pub ideal: Share,
    /// Its customers' net value; nothing where none has one.
    pub value: Option<f64>,
    /// Its part of the net value of all customers, in `[0, 1]` unless some cost more than they pay; nothing where that is
    /// not known or not above zero.
    pub value_share: Option<f64>,
}

/// Customers by what is said of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    /// The most frequent first, at most fifteen; sizes in their own order.
    pub levels: Vec<Level>,
    /// How many further ones there are.
    pub others: u64,
    /// How many of all customers anything is said of.
    pub told: Share,
}

impl<K: Ord> Tallies<K> {
    /// One level.
    pub(super) fn level(&self, name: String, tally: &Tally) -> Level {
        let value = (tally.valued > 0).then_some(tally.value);
        Level {
            name,
            customers: Share { part: tally.customers, of: self.told.customers },
            ideal: tally.ideal,
            value,
            value_share: value.filter(|_| self.all.value > 0.0).map(|value| value / self.all.value),
        }
    }

    /// The split in the order of the keys, whose names are given.
    pub(super) fn in_order(&self, name: impl Fn(&K) -> String) -> Split {
        let told = Share { part: self.told.customers, of: self.all.customers };
        let kept = self.by.iter().filter(|(_, tally)| tally.customers > 0);
        let levels = kept.map(|(key, tally)| self.level(name(key), tally)).collect();
        Split { levels, others: 0, told }
    }
}

impl Tallies<&str> {
    /// The split with the most frequent first.
    pub(super) fn by_frequency(&self) -> Split {
        let mut split = self.in_order(|name| short(name));
        // Stable, so that equally frequent ones stay in the order of their letters.
        split.levels.sort_by_key(|level| std::cmp::Reverse(level.customers.part));
        split.others = split.levels.len().saturating_sub(MOST) as u64;
        split.levels.truncate(MOST);
        split
    }
}
