//! How often customers have an attribute's values, given their value of another attribute: what a missing value may be.

use rayon::prelude::*;
use sweetspot_solver::Codes;

use super::sample::Sample;
use crate::artifact::{Additions, whole_log_odds};
use crate::encoder::{Encoder, Feature};
use crate::stored;

/// Most groups of the values that are to be weighed: groups of about equal effect.
const MOST_VALUE_GROUPS: usize = 12;
/// Most groups of an attribute that is given.
const MOST_GIVEN_GROUPS: usize = 8;
/// Most attributes that are kept as given for one attribute.
const MOST_GIVEN: usize = 4;
/// Customers that are counted: evenly spread ones, fewer where there are many attributes, so that counting stays within its budget.
const MOST_COUNTED: usize = 20_000;
const COUNTING_BUDGET: usize = 2_000_000_000;
/// By how many standard deviations of chance two attributes must go together.
const BEYOND_CHANCE: f64 = 3.0;

/// An attribute cut into groups.
struct Cut {
    /// Its place among the terms.
    term: usize,
    /// The group of each slot.
    groups: Vec<usize>,
    count: usize,
    /// The group of each counted row; nothing where the attribute is missing.
    rows: Vec<Option<u8>>,
}

/// The frequencies of each attribute's values; nothing for lists.
pub(super) fn value_frequencies(
    sample: &Sample,
    terms: &[stored::Term],
    additions: Additions<'_>,
) -> Vec<Option<stored::ValueFrequencies>> {
    let most = (COUNTING_BUDGET / (terms.len() * terms.len()).max(1)).min(MOST_COUNTED);
    let step = sample.design.rows.div_ceil(most.max(1)).max(1);
    let cuts: Vec<Option<(Cut, Cut)>> = (0..terms.len())
        .into_par_iter()
        .map(|term| {
            let (kept, feature) = (terms.get(term)?, sample.features.get(term)?);
            let by_effect = by_effect(kept, &whole_log_odds(kept, additions));
            let by_value = by_value(kept, feature);
            Some((cut(sample, term, step, by_effect)?, cut(sample, term, step, by_value)?))
        })
        .collect();
    let given: Vec<&Cut> = cuts.iter().flatten().map(|(_, given)| given).collect();
    cuts.par_iter().map(|cuts| Some(frequencies(sample, terms, &cuts.as_ref()?.0, &given))).collect()
}

fn frequencies(sample: &Sample, terms: &[stored::Term], values: &Cut, given: &[&Cut]) -> stored::ValueFrequencies {
    let others = given.iter().filter(|other| other.term != values.term);
    let mut telling: Vec<(f64, &Cut, Vec<u64>)> = others
        .filter_map(|other| {
            let table = table(other, values);
            Some((information(&table, values.count)?, *other, table))
        })
        .collect();
    telling.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.term.cmp(&b.1.term)));
    telling.truncate(MOST_GIVEN);
    let kept = |(_, other, customers): (f64, &Cut, Vec<u64>)| stored::GivenAttribute {
        attribute: terms.get(other.term).map(|term| term.attribute.clone()).unwrap_or_default(),
        groups: other.groups.iter().map(|group| *group as u32).collect(),
        labels: labels(other, sample.features.get(other.term)),
        customers,
    };
    stored::ValueFrequencies {
        groups: values.groups.iter().map(|group| *group as u32).collect(),
        given: telling.into_iter().map(kept).collect(),
    }
}

/// An attribute of these groups; nothing for lists, and where no customer has it.
fn cut(sample: &Sample, term: usize, step: usize, groups: Vec<usize>) -> Option<Cut> {
    // The base is the first term of a design.
    let Codes::One(slots) = &sample.design.terms.get(term + 1)?.codes else { return None };
    let missing = sample.features.get(term)?.missing();
    let group = |slot: &u16| Some(*groups.get(usize::from(*slot)).filter(|_| usize::from(*slot) != missing)? as u8);
    let rows = slots.iter().step_by(step).map(group).collect();
    let count = groups.iter().max().map_or(0, |last| last + 1);
    Some(Cut { term, groups, count, rows })
}

/// Slots of about equal effect together, in groups of about equal number.
fn by_effect(term: &stored::Term, effects: &[f64]) -> Vec<usize> {
    let known = term.slots.len().saturating_sub(1);
    let mut order: Vec<usize> = (0..known).collect();
    let effect = |slot: &usize| effects.get(*slot).copied().unwrap_or(0.0);
    order.sort_by(|a, b| effect(a).total_cmp(&effect(b)).then(a.cmp(b)));
    in_turn(term, &order, MOST_VALUE_GROUPS)
}

/// Neighbouring bins together, in groups of about equal number; of levels the commonest alone, and the others in one.
fn by_value(term: &stored::Term, feature: &Feature) -> Vec<usize> {
    let known = term.slots.len().saturating_sub(1);
    let mut order: Vec<usize> = (0..known).collect();
    if matches!(feature.encoder, Encoder::Number(_) | Encoder::Date(_)) {
        return in_turn(term, &order, MOST_GIVEN_GROUPS);
    }
    let customers = |slot: &usize| term.slots.get(*slot).map_or(0, |slot| slot.customers);
    order.sort_by_key(|slot| (std::cmp::Reverse(customers(slot)), *slot));
    let mut groups = vec![0; term.slots.len()];
    for (place, slot) in order.into_iter().enumerate() {
        groups.get_mut(slot).into_iter().for_each(|group| *group = place.min(MOST_GIVEN_GROUPS - 1));
    }
    groups
}

/// Groups of about equal number, in this order of slots.
fn in_turn(term: &stored::Term, order: &[usize], most: usize) -> Vec<usize> {
    let customers = |slot: &usize| term.slots.get(*slot).map_or(0, |slot| slot.customers);
    let all = order.iter().map(customers).sum::<u64>().max(1);
    let (mut groups, mut seen) = (vec![0; term.slots.len()], 0);
    let (mut group, mut last) = (0, None);
    for slot in order {
        let here = customers(slot);
        let part = ((seen + here / 2) * most as u64 / all).min(most as u64 - 1);
        group += usize::from(last.is_some_and(|last| last != part));
        groups.get_mut(*slot).into_iter().for_each(|of| *of = group);
        (last, seen) = (Some(part), seen + here);
    }
    groups
}

/// Customers who have both: a row for each group that is given, a column for each group of values.
fn table(given: &Cut, values: &Cut) -> Vec<u64> {
    let mut table = vec![0; given.count * values.count];
    for (given, value) in given.rows.iter().zip(&values.rows) {
        if let (Some(given), Some(value)) = (given, value) {
            let cell = usize::from(*given) * values.count + usize::from(*value);
            table.get_mut(cell).into_iter().for_each(|count| *count += 1);
        }
    }
    table
}

/// How much a row tells of the column, in nats over all customers, less what chance would (the G-test of independence); nothing
/// where that is not beyond chance.
fn information(table: &[u64], columns: usize) -> Option<f64> {
    let rows: Vec<u64> = table.chunks(columns.max(1)).map(|row| row.iter().sum()).collect();
    let sum = |column: usize| table.iter().skip(column).step_by(columns.max(1)).sum::<u64>();
    let sums: Vec<u64> = (0..columns).map(sum).collect();
    let all = rows.iter().sum::<u64>() as f64;
    let expected = rows.iter().flat_map(|row| sums.iter().map(move |sum| *row as f64 * *sum as f64 / all));
    let cells = table.iter().zip(expected).filter(|(count, _)| **count > 0);
    let g = 2.0 * cells.map(|(count, expected)| *count as f64 * (*count as f64 / expected).ln()).sum::<f64>();
    let filled = |counts: &[u64]| counts.iter().filter(|count| **count > 0).count().saturating_sub(1) as f64;
    let freedom = filled(&rows) * filled(&sums);
    (freedom > 0.0 && g > freedom + BEYOND_CHANCE * (2.0 * freedom).sqrt()).then_some((g - freedom) / 2.0)
}

fn labels(cut: &Cut, feature: Option<&Feature>) -> Vec<String> {
    let members = |group: usize| {
        let known = cut.groups.iter().enumerate().take(cut.groups.len().saturating_sub(1));
        known.filter(|(_, of)| **of == group).map(|(slot, _)| slot).collect::<Vec<_>>()
    };
    let label = |group| feature.map_or_else(String::new, |feature| feature.group_label(&members(group)));
    (0..cut.count).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_together_by_chance_tells_nothing() {
        assert_eq!(information(&[10, 10, 10, 10], 2), None);
        assert_eq!(information(&[12, 8, 9, 11], 2), None);
        assert_eq!(information(&[40, 0], 2), None, "one row");
        assert_eq!(information(&[], 0), None);
        // Each row tells the column: log 2 nats a customer, less half a degree of freedom.
        let told = information(&[20, 0, 0, 20], 2).unwrap();
        assert!((told - (40.0 * std::f64::consts::LN_2 - 0.5)).abs() < 1e-9, "{told}");
    }

    #[test]
    fn groups_have_about_equal_numbers_and_equal_effects_stay_together() {
        let slot = |customers| stored::Slot { customers, ..stored::Slot::default() };
        let term = stored::Term { slots: [10, 30, 10, 50, 7].map(slot).into(), ..stored::Term::default() };
        assert_eq!(in_turn(&term, &[2, 0, 1, 3], 2), [0, 0, 0, 1, 0]);
        assert_eq!(by_effect(&term, &[0.5, -1.0, 0.5, 2.0, 9.0])[..4], [1, 0, 2, 3]);
    }
}
