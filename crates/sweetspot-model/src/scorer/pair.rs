//! Two attributes together, ready to score.

use super::{Slot, Spot, Term, Told};
use crate::encoder::Encoder;
use crate::stored;

/// A cell for every group of the first attribute's slots with every group of the second's.
#[derive(Debug)]
pub(super) struct Pair {
    /// `first * second`.
    pub name: String,
    first: Side,
    second: Side,
    cells: Vec<Slot>,
    /// What is told of each cell.
    pub told: Vec<Told>,
}

/// One attribute's part in a pair.
#[derive(Debug)]
struct Side {
    term: usize,
    groups: Vec<usize>,
    labels: Vec<String>,
}

impl Pair {
    /// From what is kept; an explanation where the parts do not fit together.
    pub(super) fn compile(stored: &stored::Pair, terms: &[Term]) -> Result<Self, String> {
        let name = format!("{} * {}", stored.first, stored.second);
        let first = Side::compile(&stored.first, &stored.first_groups, &stored.first_labels, terms);
        let second = Side::compile(&stored.second, &stored.second_groups, &stored.second_labels, terms);
        let (Some(first), Some(second)) = (first, second) else {
            return Err(format!("pair {name:?} does not fit its attributes"));
        };
        if first.term == second.term || first.labels.len() * second.labels.len() != stored.cells.len() {
            return Err(format!("pair {name:?} has {} coefficients", stored.cells.len()));
        }
        let cells = stored.cells.iter().enumerate();
        let cells = cells.map(|(cell, slot)| Slot::compile(slot, &name, label(&first, &second, cell)));
        let (cells, told) = cells.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok(Self { name, first, second, cells, told })
    }

    /// Whether an attribute is one of the two.
    pub(super) const fn has(&self, term: usize) -> bool {
        self.first.term == term || self.second.term == term
    }

    /// What the cell adds of an account whose attributes fill these spots, but for one that would fill another slot.
    pub(super) fn cell_with(&self, spots: &[Spot], term: usize, slot: usize) -> Option<f64> {
        let group = |side: &Side| {
            if side.term == term { side.groups.get(slot).copied() } else { side.group(spots) }
        };
        let cell = group(&self.first)? * self.second.labels.len() + group(&self.second)?;
        Some(self.cells.get(cell)?.log_odds)
    }

    /// The cell of an account whose attributes fill these spots.
    pub(super) fn cell(&self, spots: &[Spot]) -> Option<(usize, &Slot)> {
        let cell = self.first.group(spots)? * self.second.labels.len() + self.second.group(spots)?;
        Some((cell, self.cells.get(cell)?))
    }
}

/// A cell's two values as a person reads them.
fn label(first: &Side, second: &Side, cell: usize) -> String {
    let width = second.labels.len().max(1);
    let label = |side: &Side, group: usize| side.labels.get(group).cloned().unwrap_or_default();
    format!("{} * {}", label(first, cell / width), label(second, cell % width))
}

impl Side {
    fn compile(attribute: &str, groups: &[u32], labels: &[String], terms: &[Term]) -> Option<Self> {
        let term = terms.iter().position(|term| term.feature.attribute == attribute)?;
        let of = terms.get(term)?;
        let one_slot = !matches!(of.feature.encoder, Encoder::List(_));
        let known = groups.len() == of.slots.len() && groups.iter().all(|group| (*group as usize) < labels.len());
        let groups = groups.iter().map(|group| *group as usize).collect();
        (one_slot && known).then(|| Self { term, groups, labels: labels.to_vec() })
    }

    fn group(&self, spots: &[Spot]) -> Option<usize> {
        self.groups.get(spots.get(self.term)?.slot()).copied()
    }
}

#[cfg(test)]
mod tests;
