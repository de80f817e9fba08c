//! Frequencies of an attribute's values given the value of another attribute: the distribution of a missing value.

use rayon::prelude::*;
use sweetspot_solver::TermSlots;

use super::training_sample::Sample;
use crate::artifact::{AdditionalTerms, total_log_odds};
use crate::encoder::{Feature, FeatureEncoder};
use crate::stored;

/// The maximum number of groups of the values to be weighted: groups of about equal effect.
const MAX_VALUE_GROUPS: usize = 12;
/// The maximum number of groups of a conditioning attribute.
const MAX_CONDITION_GROUPS: usize = 8;
/// The maximum number of conditioning attributes of one attribute.
const MAX_CONDITIONS: usize = 4;
/// The maximum number of customers to count. They are evenly spaced, and fewer if there are many attributes, so that
/// counting stays within its budget.
const MAX_COUNTED: usize = 20_000;
const COUNTING_BUDGET: usize = 2_000_000_000;
/// The minimum association of two attributes, in standard deviations of what chance produces.
const MIN_DEVIATIONS: f64 = 3.0;

/// An attribute divided into groups.
struct GroupedAttribute {
    /// Its index among the terms.
    term: usize,
    /// The group of each slot.
    groups: Vec<usize>,
    group_count: usize,
    /// The group of each counted row; `None` if the attribute is missing.
    rows: Vec<Option<u8>>,
}

/// The frequencies of each attribute's values; `None` for lists.
pub(super) fn value_frequencies(
    sample: &Sample,
    terms: &[stored::Term],
    additions: AdditionalTerms<'_>,
) -> Vec<Option<stored::ValueFrequencies>> {
    let max_rows = (COUNTING_BUDGET / (terms.len() * terms.len()).max(1)).min(MAX_COUNTED);
    let step = sample.counts.total().div_ceil(max_rows.max(1) as u64).max(1);
    let rows = sample.counts.every_nth(0..sample.design.rows, step);
    let cuts: Vec<Option<(GroupedAttribute, GroupedAttribute)>> = (0..terms.len())
        .into_par_iter()
        .map(|term| {
            let (stored_term, feature) = (terms.get(term)?, sample.features.get(term)?);
            let by_effect = group_by_effect(stored_term, &total_log_odds(stored_term, additions));
            let by_value = group_by_value(stored_term, feature);
            Some((group_attribute(sample, term, &rows, by_effect)?, group_attribute(sample, term, &rows, by_value)?))
        })
        .collect();
    let conditions: Vec<&GroupedAttribute> = cuts.iter().flatten().map(|(_, conditions)| conditions).collect();
    cuts.par_iter().map(|cuts| Some(attribute_frequencies(sample, terms, &cuts.as_ref()?.0, &conditions))).collect()
}

fn attribute_frequencies(
    sample: &Sample,
    terms: &[stored::Term],
    values: &GroupedAttribute,
    given: &[&GroupedAttribute],
) -> stored::ValueFrequencies {
    let others = given.iter().filter(|other| other.term != values.term);
    let mut telling: Vec<(f64, &GroupedAttribute, Vec<u64>)> = others
        .filter_map(|other| {
            let table = contingency_table(other, values);
            Some((mutual_information(&table, values.group_count)?, *other, table))
        })
        .collect();
    telling.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.term.cmp(&b.1.term)));
    telling.truncate(MAX_CONDITIONS);
    let stored_attribute = |(_, other, customers): (f64, &GroupedAttribute, Vec<u64>)| stored::GivenAttribute {
        attribute: terms.get(other.term).map(|term| term.attribute.clone()).unwrap_or_default(),
        groups: other.groups.iter().map(|group| *group as u32).collect(),
        labels: group_labels(other, sample.features.get(other.term)),
        customers,
    };
    stored::ValueFrequencies {
        groups: values.groups.iter().map(|group| *group as u32).collect(),
        given: telling.into_iter().map(stored_attribute).collect(),
    }
}

/// An attribute with these groups; `None` for lists, and if no customer has the attribute.
fn group_attribute(
    sample: &Sample,
    term: usize,
    counted_rows: &[usize],
    groups: Vec<usize>,
) -> Option<GroupedAttribute> {
    // The base is the first term of a design.
    let TermSlots::One(slots) = &sample.design.terms.get(term + 1)?.codes else { return None };
    let missing = sample.features.get(term)?.missing_slot();
    let group = |slot: &u16| Some(*groups.get(usize::from(*slot)).filter(|_| usize::from(*slot) != missing)? as u8);
    let rows = counted_rows.iter().filter_map(|row| slots.get(*row)).map(group).collect();
    let count = groups.iter().max().map_or(0, |last| last + 1);
    Some(GroupedAttribute { term, groups, group_count: count, rows })
}

/// Groups slots of about equal effect, in groups of about equal size.
fn group_by_effect(term: &stored::Term, effects: &[f64]) -> Vec<usize> {
    let known = term.slots.len().saturating_sub(1);
    let mut order: Vec<usize> = (0..known).collect();
    let effect = |slot: &usize| effects.get(*slot).copied().unwrap_or(0.0);
    order.sort_by(|a, b| effect(a).total_cmp(&effect(b)).then(a.cmp(b)));
    group_in_order(term, &order, MAX_VALUE_GROUPS)
}

/// Groups neighboring bins, in groups of about equal size; the most frequent levels stay alone, and the others share a
/// group.
fn group_by_value(term: &stored::Term, feature: &Feature) -> Vec<usize> {
    let known = term.slots.len().saturating_sub(1);
    let mut order: Vec<usize> = (0..known).collect();
    if matches!(feature.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Date(_)) {
        return group_in_order(term, &order, MAX_CONDITION_GROUPS);
    }
    let customers = |slot: &usize| term.slots.get(*slot).map_or(0, |slot| slot.customers);
    order.sort_by_key(|slot| (std::cmp::Reverse(customers(slot)), *slot));
    let mut groups = vec![0; term.slots.len()];
    for (place, slot) in order.into_iter().enumerate() {
        groups.get_mut(slot).into_iter().for_each(|group| *group = place.min(MAX_CONDITION_GROUPS - 1));
    }
    groups
}

/// Groups of about equal size, in this order of slots.
fn group_in_order(term: &stored::Term, order: &[usize], max_groups: usize) -> Vec<usize> {
    let customers = |slot: &usize| term.slots.get(*slot).map_or(0, |slot| slot.customers);
    let all = order.iter().map(customers).sum::<u64>().max(1);
    let (mut groups, mut seen) = (vec![0; term.slots.len()], 0);
    let (mut group, mut last) = (0, None);
    for slot in order {
        let here = customers(slot);
        let part = ((seen + here / 2) * max_groups as u64 / all).min(max_groups as u64 - 1);
        group += usize::from(last.is_some_and(|last| last != part));
        groups.get_mut(*slot).into_iter().for_each(|group_of_slot| *group_of_slot = group);
        (last, seen) = (Some(part), seen + here);
    }
    groups
}

/// Customers that have both attributes: a row for each group of `given`, a column for each group of `values`.
fn contingency_table(given: &GroupedAttribute, values: &GroupedAttribute) -> Vec<u64> {
    let mut table = vec![0; given.group_count * values.group_count];
    for (given, value) in given.rows.iter().zip(&values.rows) {
        if let (Some(given), Some(value)) = (given, value) {
            let cell = usize::from(*given) * values.group_count + usize::from(*value);
            table.get_mut(cell).into_iter().for_each(|count| *count += 1);
        }
    }
    table
}

/// The mutual information of row and column, in nats over all customers, minus its expectation under independence (the
/// G-test of independence); `None` if it is not significant.
fn mutual_information(table: &[u64], columns: usize) -> Option<f64> {
    let rows: Vec<u64> = table.chunks(columns.max(1)).map(|row| row.iter().sum()).collect();
    let sum = |column: usize| table.iter().skip(column).step_by(columns.max(1)).sum::<u64>();
    let sums: Vec<u64> = (0..columns).map(sum).collect();
    let all = rows.iter().sum::<u64>() as f64;
    let expected = rows.iter().flat_map(|row| sums.iter().map(move |sum| *row as f64 * *sum as f64 / all));
    let cells = table.iter().zip(expected).filter(|(count, _)| **count > 0);
    let g = 2.0 * cells.map(|(count, expected)| *count as f64 * (*count as f64 / expected).ln()).sum::<f64>();
    let filled = |counts: &[u64]| counts.iter().filter(|count| **count > 0).count().saturating_sub(1) as f64;
    let freedom = filled(&rows) * filled(&sums);
    (freedom > 0.0 && g > freedom + MIN_DEVIATIONS * (2.0 * freedom).sqrt()).then_some((g - freedom) / 2.0)
}

fn group_labels(cut: &GroupedAttribute, feature: Option<&Feature>) -> Vec<String> {
    let members = |group: usize| {
        let known = cut.groups.iter().enumerate().take(cut.groups.len().saturating_sub(1));
        known.filter(|(_, group_of_slot)| **group_of_slot == group).map(|(slot, _)| slot).collect::<Vec<_>>()
    };
    let label = |group| feature.map_or_else(String::new, |feature| feature.group_label(&members(group)));
    (0..cut.group_count).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chance_association_has_no_information() {
        assert_eq!(mutual_information(&[10, 10, 10, 10], 2), None);
        assert_eq!(mutual_information(&[12, 8, 9, 11], 2), None);
        assert_eq!(mutual_information(&[40, 0], 2), None, "one row");
        assert_eq!(mutual_information(&[], 0), None);
        // Each row determines the column: log 2 nats per customer, less half a degree of freedom.
        let told = mutual_information(&[20, 0, 0, 20], 2).unwrap();
        assert!((told - (40.0 * std::f64::consts::LN_2 - 0.5)).abs() < 1e-9, "{told}");
    }

    #[test]
    fn value_groups_have_similar_sizes_and_similar_effects() {
        let slot = |customers| stored::Slot { customers, ..stored::Slot::default() };
        let term = stored::Term { slots: [10, 30, 10, 50, 7].map(slot).into(), ..stored::Term::default() };
        assert_eq!(group_in_order(&term, &[2, 0, 1, 3], 2), [0, 0, 0, 1, 0]);
        assert_eq!(group_by_effect(&term, &[0.5, -1.0, 0.5, 2.0, 9.0])[..4], [1, 0, 2, 3]);
    }
}
