//! What the customers of a segment have more often than other ideal customers.

use std::collections::BTreeMap;

use sweetspot_core::{ColumnData, ValueRef};

use super::Rows;
use crate::{Evidence, Share};

/// Traits that are told.
const TRAITS: usize = 3;
/// Fewest customers of a trait, the least share of them, and the least lift.
const FEWEST: u64 = 5;
const LEAST_SHARE: f64 = 0.2;
const LEAST_LIFT: f64 = 1.2;

/// Something that is more frequent here.
#[derive(Clone, Debug, PartialEq)]
pub struct Trait {
    /// The attribute.
    pub attribute: String,
    /// Its value.
    pub value: String,
    /// How many of the segment's ideal customers, of those of which the attribute is known, have it.
    pub here: Share,
    /// How many of the other ideal customers have it.
    pub elsewhere: Share,
    /// The share here over the share elsewhere, each with half a customer added to either side: never beyond all numbers.
    pub lift: f64,
}

/// The traits with the greatest lift, one an attribute, without the attributes of the rule.
pub(super) fn traits(evidence: &Evidence, rows: &Rows, used: &[&str]) -> Vec<Trait> {
    let attributes = evidence.model.attributes();
    let names = attributes.iter().map(|one| one.attribute.as_str()).filter(|name| !used.contains(name));
    let mut traits: Vec<Trait> = names.filter_map(|name| of_attribute(evidence, rows, name)).collect();
    traits.sort_by(|a, b| b.lift.total_cmp(&a.lift));
    traits.truncate(TRAITS);
    traits
}

fn of_attribute(evidence: &Evidence, rows: &Rows, name: &str) -> Option<Trait> {
    let data = &evidence.accounts().column(name)?.data;
    let ((here, known_here), (elsewhere, known_elsewhere)) = (count(data, &rows.ideal), count(data, &rows.others));
    let trait_of = |(value, part): (&String, &u64)| {
        let here = Share { part: *part, of: known_here };
        let elsewhere = Share { part: elsewhere.get(value).copied().unwrap_or(0), of: known_elsewhere };
        let lift = smooth(here) / smooth(elsewhere);
        Trait { attribute: name.to_owned(), value: value.clone(), here, elsewhere, lift }
    };
    let told = |one: &Trait| {
        let enough = one.here.part >= FEWEST && one.here.rate().is_some_and(|rate| rate >= LEAST_SHARE);
        enough && one.elsewhere.of > 0 && one.lift >= LEAST_LIFT
    };
    here.iter().map(trait_of).filter(told).max_by(|a, b| a.lift.total_cmp(&b.lift))
}

fn smooth(share: Share) -> f64 {
    (share.part as f64 + 0.5) / (share.of as f64 + 1.0)
}

/// How many of these rows have each text, and of how many something is known.
fn count(data: &ColumnData, rows: &[usize]) -> (BTreeMap<String, u64>, u64) {
    let (mut counts, mut known) = (BTreeMap::new(), 0);
    for value in rows.iter().filter_map(|row| data.get(*row)) {
        known += 1;
        for text in texts(&value) {
            *counts.entry(text).or_insert(0) += 1;
        }
    }
    (counts, known)
}

/// The values that a customer has; none of numbers and dates, which are told as sizes.
fn texts(value: &ValueRef<'_>) -> Vec<String> {
    match value {
        ValueRef::Text(text) => vec![(*text).to_owned()],
        ValueRef::Flag(flag) => vec![if *flag { "yes" } else { "no" }.to_owned()],
        ValueRef::List(items) => {
            let mut items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
            items.sort();
            items.dedup();
            items
        }
        ValueRef::Number(_) | ValueRef::Date(_) => Vec::new(),
    }
}
