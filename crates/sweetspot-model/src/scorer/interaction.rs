//! Compiled interactions.

use super::{EncodedValue, Slot, SlotDetails, Term};
use crate::encoder::FeatureEncoder;
use crate::stored;

/// A compiled interaction, with a cell for each combination of the first attribute's groups and the second's.
#[derive(Debug)]
pub(super) struct CompiledInteraction {
    /// The name, as `first * second`.
    pub name: String,
    first: InteractionSide,
    second: InteractionSide,
    cells: Vec<Slot>,
    /// The details of each cell.
    pub slot_details: Vec<SlotDetails>,
}

/// One attribute of an interaction.
#[derive(Debug)]
struct InteractionSide {
    term: usize,
    groups: Vec<usize>,
    labels: Vec<String>,
}

impl CompiledInteraction {
    /// Compiles a stored interaction; the error describes an inconsistency.
    pub(super) fn compile(stored: &stored::Pair, terms: &[Term]) -> Result<Self, String> {
        let name = format!("{} * {}", stored.first, stored.second);
        let first = InteractionSide::compile(&stored.first, &stored.first_groups, &stored.first_labels, terms);
        let second = InteractionSide::compile(&stored.second, &stored.second_groups, &stored.second_labels, terms);
        let (Some(first), Some(second)) = (first, second) else {
            return Err(format!("pair {name:?} does not fit its attributes"));
        };
        if first.term == second.term || first.labels.len() * second.labels.len() != stored.cells.len() {
            return Err(format!("pair {name:?} has {} coefficients", stored.cells.len()));
        }
        let cells = stored.cells.iter().enumerate();
        let cells = cells.map(|(cell, slot)| Slot::compile(slot, &name, cell_label(&first, &second, cell)));
        let (cells, details) = cells.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok(Self { name, first, second, cells, slot_details: details })
    }

    /// Whether a term is one of the two.
    pub(super) const fn has_term(&self, term: usize) -> bool {
        self.first.term == term || self.second.term == term
    }

    /// The log-odds of the cell for these encoded values, with one term in another slot.
    pub(super) fn cell_log_odds_with(&self, encoded_values: &[EncodedValue], term: usize, slot: usize) -> Option<f64> {
        let group = |side: &InteractionSide| {
            if side.term == term { side.groups.get(slot).copied() } else { side.group_index(encoded_values) }
        };
        let cell = group(&self.first)? * self.second.labels.len() + group(&self.second)?;
        Some(self.cells.get(cell)?.log_odds)
    }

    /// The cell for these encoded values.
    pub(super) fn find_cell(&self, encoded_values: &[EncodedValue]) -> Option<(usize, &Slot)> {
        let cell = self.first.group_index(encoded_values)? * self.second.labels.len()
            + self.second.group_index(encoded_values)?;
        Some((cell, self.cells.get(cell)?))
    }
}

/// The label of a cell, from those of its two groups.
fn cell_label(first: &InteractionSide, second: &InteractionSide, cell: usize) -> String {
    let width = second.labels.len().max(1);
    let label = |side: &InteractionSide, group: usize| side.labels.get(group).cloned().unwrap_or_default();
    format!("{} * {}", label(first, cell / width), label(second, cell % width))
}

impl InteractionSide {
    fn compile(attribute: &str, groups: &[u32], labels: &[String], terms: &[Term]) -> Option<Self> {
        let term = terms.iter().position(|term| term.feature.attribute == attribute)?;
        let term_slots = terms.get(term)?;
        let one_slot = !matches!(term_slots.feature.encoder, FeatureEncoder::List(_));
        let known =
            groups.len() == term_slots.slots.len() && groups.iter().all(|group| (*group as usize) < labels.len());
        let groups = groups.iter().map(|group| *group as usize).collect();
        (one_slot && known).then(|| Self { term, groups, labels: labels.to_vec() })
    }

    fn group_index(&self, encoded_values: &[EncodedValue]) -> Option<usize> {
        self.groups.get(encoded_values.get(self.term)?.first_slot()).copied()
    }
}

#[cfg(test)]
mod tests;
