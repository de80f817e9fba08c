//! Pairs as they are kept.

use sweetspot_solver::Groups;

use super::super::fitted::FittedModel;
use super::super::pairs::Pair;
use super::super::sample::Sample;
use super::mixture::Mixture;
use super::parts::{Parts, to_grain};
use crate::encoder::Feature;
use crate::stored;

/// One attribute's part in a pair.
struct Side {
    attribute: String,
    /// The group of each slot.
    groups: Vec<u32>,
    /// The group's label, one a group.
    labels: Vec<String>,
    /// The customers in each group.
    customers: Vec<u64>,
}

impl Side {
    fn new(term: Option<&stored::Term>, feature: Option<&Feature>, groups: &Groups) -> Self {
        let of_slot = |slot: usize| groups.of(slot).unwrap_or(0);
        let slots = feature.map_or(0, Feature::slots);
        let members = |group: usize| (0..slots).filter(|slot| of_slot(*slot) == group).collect::<Vec<_>>();
        let label = |group: usize| feature.map_or_else(String::new, |feature| feature.group_label(&members(group)));
        let filled = |slot: &usize| term.and_then(|term| term.slots.get(*slot)).map_or(0, |slot| slot.customers);
        Self {
            attribute: feature.map_or_else(String::new, |feature| feature.attribute.clone()),
            groups: (0..slots).map(|slot| of_slot(slot) as u32).collect(),
            labels: (0..groups.count).map(label).collect(),
            customers: (0..groups.count).map(|group| members(group).iter().map(filled).sum()).collect(),
        }
    }

    /// Gives the slot for missing a group of its own, the last one, where no customer fills it; whether it did.
    fn set_missing_apart(&mut self, term: Option<&stored::Term>) -> bool {
        let empty = term.and_then(|term| term.slots.last()).is_some_and(|missing| missing.customers == 0);
        let Some(missing) = self.groups.last_mut().filter(|_| empty) else { return false };
        *missing = self.labels.len() as u32;
        self.labels.push("missing".to_owned());
        true
    }

    /// The groups that customers are in, each with their share.
    fn shares(&self) -> Vec<f64> {
        let all: u64 = self.customers.iter().sum();
        self.customers.iter().map(|customers| *customers as f64 / all.max(1) as f64).collect()
    }
}

/// A pair; `index` is its term of the design, `terms` are the attributes as they are kept.
///
/// Where no customer lacks an attribute, missing has a group of its own, whose cells are mixtures of those of the values that
/// customers have: as missing alone is the mixture of these values.
pub(super) fn pair(
    parts: &mut Parts<'_>,
    sample: &Sample,
    model: &FittedModel,
    terms: &[stored::Term],
    (index, pair): (usize, &Pair),
) -> stored::Pair {
    let side = |number: usize, groups: &Groups| Side::new(terms.get(number), sample.features.get(number), groups);
    let mut first = side(pair.first, &pair.first_groups);
    let mut second = side(pair.second, &pair.second_groups);
    let mut cells = parts.slots(index);
    let shares = (first.shares(), second.shares());
    if second.set_missing_apart(terms.get(pair.second)) {
        cells = with_column(&cells, &shares.1);
    }
    if first.set_missing_apart(terms.get(pair.first)) {
        cells.extend(row(&cells, second.labels.len(), &shares.0));
    }
    stored::Pair {
        first: first.attribute,
        second: second.attribute,
        first_groups: first.groups,
        second_groups: second.groups,
        first_labels: first.labels,
        second_labels: second.labels,
        cells,
        strength: model.layout.strength_of(index, &model.fitted.strengths),
        effective_parameters: model.fitted.effective.get(index).copied().unwrap_or(0.0),
        evidence: model.fitted.evidence.get(index).copied().flatten().unwrap_or(0.0),
    }
}

/// The mixture of some cells.
fn mixed<'a>(cells: impl Iterator<Item = &'a stored::Slot>, shares: &[f64]) -> stored::Slot {
    let cells: Vec<(f64, &stored::Slot)> = shares.iter().copied().zip(cells).collect();
    let rank = cells.first().map_or(0, |(_, cell)| cell.factors.len());
    let slot = Mixture::of_parts(rank, cells).slot().unwrap_or_default();
    stored::Slot { log_odds: to_grain(slot.log_odds), ..slot }
}

/// The cells with one more in each row: the mixture of those in it, one share a column.
fn with_column(cells: &[stored::Slot], shares: &[f64]) -> Vec<stored::Slot> {
    let rows = cells.chunks(shares.len().max(1));
    rows.flat_map(|row| row.iter().cloned().chain([mixed(row.iter(), shares)])).collect()
}

/// One more row: in each of so many columns the mixture of the cells above, one share a row.
fn row(cells: &[stored::Slot], columns: usize, shares: &[f64]) -> Vec<stored::Slot> {
    (0..columns).map(|column| mixed(cells.iter().skip(column).step_by(columns.max(1)), shares)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(log_odds: f64) -> stored::Slot {
        stored::Slot { log_odds, variance: 0.25, ..stored::Slot::default() }
    }

    #[test]
    fn missing_is_a_row_and_a_column_of_means() {
        let cells: Vec<_> = [1.0, 2.0, 3.0, -1.0, 0.0, 4.0].map(slot).into();
        let wider = with_column(&cells, &[0.5, 0.25, 0.25]);
        let told = |cells: &[stored::Slot]| cells.iter().map(|cell| cell.log_odds).collect::<Vec<_>>();
        assert_eq!(told(&wider), [1.0, 2.0, 3.0, 1.75, -1.0, 0.0, 4.0, 0.5]);
        let below = row(&wider, 4, &[0.75, 0.25]);
        assert_eq!(told(&below), [0.5, 1.5, 3.25, 1.4375]);
        // 0.25 of their own, and 0.75 · 0.25 · (1 − −1)² of the two effects.
        assert!((below[0].variance - 1.0).abs() < 1e-6, "{below:?}");
    }
}
