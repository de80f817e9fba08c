//! Traits that a segment's customers have more often than other ideal customers.

use std::collections::BTreeMap;

use sweetspot_core::{ColumnData, ValueRef};

use super::SegmentRows;
use crate::{AttributeName, Proportion, ReportInput};

/// The maximum number of traits.
const MAX_TRAITS: usize = 3;
/// The minimum number of customers with a trait, their minimum share, and the minimum lift.
const MIN_CUSTOMERS: u64 = 5;
const MIN_SHARE: f64 = 0.2;
const MIN_LIFT: f64 = 1.2;

/// A value that is more frequent in the segment.
#[derive(Clone, Debug, PartialEq)]
pub struct DistinctTrait {
    /// The attribute.
    pub attribute: AttributeName,
    /// Its value.
    pub value: String,
    /// The segment's ideal customers with the value, of those with the attribute.
    pub here: Proportion,
    /// The other ideal customers with the value, of those with the attribute.
    pub elsewhere: Proportion,
    /// The share in the segment over the share elsewhere, with half a customer added to each count, so that it is
    /// finite.
    pub lift: f64,
}

/// The traits with the largest lift, one per attribute, without the attributes of the rule.
pub(super) fn traits(input: &ReportInput, rows: &SegmentRows, used: &[&str]) -> Vec<DistinctTrait> {
    let attributes = input.model.attributes();
    let names = attributes.iter().map(|summary| summary.attribute.as_str()).filter(|name| !used.contains(name));
    let mut traits: Vec<DistinctTrait> = names.filter_map(|name| strongest_trait(input, rows, name)).collect();
    traits.sort_by(|a, b| b.lift.total_cmp(&a.lift));
    traits.truncate(MAX_TRAITS);
    traits
}

fn strongest_trait(input: &ReportInput, rows: &SegmentRows, name: &str) -> Option<DistinctTrait> {
    let data = &input.accounts().column(name)?.data;
    let ((here, known_here), (elsewhere, known_elsewhere)) =
        (count_texts(data, &rows.ideal), count_texts(data, &rows.others));
    let trait_of = |(value, part): (&String, &u64)| {
        let here = Proportion { part: *part, total: known_here };
        let elsewhere = Proportion { part: elsewhere.get(value).copied().unwrap_or(0), total: known_elsewhere };
        let lift = smoothed_rate(here) / smoothed_rate(elsewhere);
        DistinctTrait { attribute: input.attribute(name), value: value.clone(), here, elsewhere, lift }
    };
    let distinctness = |distinct_trait: &DistinctTrait| {
        let enough = distinct_trait.here.part >= MIN_CUSTOMERS
            && distinct_trait.here.rate().is_some_and(|rate| rate >= MIN_SHARE);
        enough && distinct_trait.elsewhere.total > 0 && distinct_trait.lift >= MIN_LIFT
    };
    here.iter().map(trait_of).filter(distinctness).max_by(|a, b| a.lift.total_cmp(&b.lift))
}

fn smoothed_rate(share: Proportion) -> f64 {
    (share.part as f64 + 0.5) / (share.total as f64 + 1.0)
}

/// The number of these rows with each text, and the number with a known value.
fn count_texts(data: &ColumnData, rows: &[usize]) -> (BTreeMap<String, u64>, u64) {
    let (mut counts, mut known) = (BTreeMap::new(), 0);
    for value in rows.iter().filter_map(|row| data.get(*row)) {
        known += 1;
        for text in level_texts(&value) {
            *counts.entry(text).or_insert(0) += 1;
        }
    }
    (counts, known)
}

/// The levels of a value; empty for numbers and dates, which are shown as sizes.
fn level_texts(value: &ValueRef<'_>) -> Vec<String> {
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
