//! Interactions as stored.

use sweetspot_solver::SlotGroups;

use super::super::fitted_model::FittedModel;
use super::super::interactions::Interaction;
use super::super::training_sample::Sample;
use super::slot_builder::{SlotBuilder, round_to_step};
use super::unknown_value_effect::SlotMixture;
use crate::encoder::Feature;
use crate::stored;

/// One attribute's side of an interaction.
struct SideGroups {
    attribute: String,
    /// The group of each slot.
    groups: Vec<u32>,
    /// The label of each group.
    labels: Vec<String>,
    /// The customers in each group.
    customers: Vec<u64>,
}

impl SideGroups {
    fn new(term: Option<&stored::Term>, feature: Option<&Feature>, groups: &SlotGroups) -> Self {
        let of_slot = |slot: usize| groups.group(slot).unwrap_or(0);
        let slots = feature.map_or(0, Feature::slot_count);
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

    /// Gives the slot for missing values a group of its own, the last one, if no customer is in it. Returns whether it
    /// did.
    fn separate_missing(&mut self, term: Option<&stored::Term>) -> bool {
        let empty = term.and_then(|term| term.slots.last()).is_some_and(|missing| missing.customers == 0);
        let Some(missing) = self.groups.last_mut().filter(|_| empty) else { return false };
        *missing = self.labels.len() as u32;
        self.labels.push("missing".to_owned());
        true
    }

    /// The share of customers in each group.
    fn group_shares(&self) -> Vec<f64> {
        let all: u64 = self.customers.iter().sum();
        self.customers.iter().map(|customers| *customers as f64 / all.max(1) as f64).collect()
    }
}

/// An interaction; `index` is its term of the design, `terms` are the attributes as stored.
///
/// If an attribute is never missing, missing gets a group of its own, whose cells are mixtures of the cells of the
/// values that customers have, as the slot for missing is itself the mixture of these values.
pub(super) fn stored_interaction(
    slot_builder: &mut SlotBuilder<'_>,
    sample: &Sample,
    model: &FittedModel,
    terms: &[stored::Term],
    (index, pair): (usize, &Interaction),
) -> stored::Pair {
    let side =
        |number: usize, groups: &SlotGroups| SideGroups::new(terms.get(number), sample.features.get(number), groups);
    let mut first = side(pair.first, &pair.first_groups);
    let mut second = side(pair.second, &pair.second_groups);
    let mut cells = slot_builder.slots(index);
    let shares = (first.group_shares(), second.group_shares());
    if second.separate_missing(terms.get(pair.second)) {
        cells = append_column(&cells, &shares.1);
    }
    if first.separate_missing(terms.get(pair.first)) {
        cells.extend(mixed_row(&cells, second.labels.len(), &shares.0));
    }
    stored::Pair {
        first: first.attribute,
        second: second.attribute,
        first_groups: first.groups,
        second_groups: second.groups,
        first_labels: first.labels,
        second_labels: second.labels,
        cells,
        strength: model.layout.smoothing_of_term(index, &model.solution.smoothing),
        effective_parameters: model.solution.effective_parameters.get(index).copied().unwrap_or(0.0),
        evidence: model.solution.log_bayes_factors.get(index).copied().flatten().unwrap_or(0.0),
    }
}

/// The mixture of some cells.
fn mixed_cell<'a>(cells: impl Iterator<Item = &'a stored::Slot>, shares: &[f64]) -> stored::Slot {
    let cells: Vec<(f64, &stored::Slot)> = shares.iter().copied().zip(cells).collect();
    let rank = cells.first().map_or(0, |(_, cell)| cell.factors.len());
    let slot = SlotMixture::from_parts(rank, cells).to_slot().unwrap_or_default();
    stored::Slot { log_odds: round_to_step(slot.log_odds), ..slot }
}

/// The cells with one more column: the mixture of the cells in each row, with one share per column.
fn append_column(cells: &[stored::Slot], shares: &[f64]) -> Vec<stored::Slot> {
    let rows = cells.chunks(shares.len().max(1));
    rows.flat_map(|row| row.iter().cloned().chain([mixed_cell(row.iter(), shares)])).collect()
}

/// One more row of `columns` cells: in each column the mixture of the cells above, with one share per row.
fn mixed_row(cells: &[stored::Slot], columns: usize, shares: &[f64]) -> Vec<stored::Slot> {
    (0..columns).map(|column| mixed_cell(cells.iter().skip(column).step_by(columns.max(1)), shares)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(log_odds: f64) -> stored::Slot {
        stored::Slot { log_odds, variance: 0.25, ..stored::Slot::default() }
    }

    #[test]
    fn the_missing_group_of_an_interaction_is_a_row_and_a_column_of_means() {
        let cells: Vec<_> = [1.0, 2.0, 3.0, -1.0, 0.0, 4.0].map(slot).into();
        let wider = append_column(&cells, &[0.5, 0.25, 0.25]);
        let told = |cells: &[stored::Slot]| cells.iter().map(|cell| cell.log_odds).collect::<Vec<_>>();
        assert_eq!(told(&wider), [1.0, 2.0, 3.0, 1.75, -1.0, 0.0, 4.0, 0.5]);
        let below = mixed_row(&wider, 4, &[0.75, 0.25]);
        assert_eq!(told(&below), [0.5, 1.5, 3.25, 1.4375]);
        // 0.25 of their own, and 0.75 · 0.25 · (1 − −1)² of the two effects.
        assert!((below[0].variance - 1.0).abs() < 1e-6, "{below:?}");
    }
}
