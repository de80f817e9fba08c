//! How often the values of two attributes of an interaction occur together among customers.

use std::collections::BTreeMap;

use sweetspot_core::AccountTable;

use crate::encoder::Feature;
use crate::stored;

/// For one attribute of an interaction: the number of customers in each cell, by slot of the attribute.
#[derive(Clone, Debug, Default)]
pub(super) struct InteractionCellCounts<'a> {
    /// The slots of the interaction's cells.
    pub(super) cells: &'a [stored::Slot],
    cell_counts_by_slot: BTreeMap<usize, Vec<u64>>,
}

impl InteractionCellCounts<'_> {
    /// The share of the customers in these slots that is in each cell; all zero if there are no customers.
    pub(super) fn shares(&self, slots: &[usize]) -> Vec<f64> {
        let mut sums = vec![0; self.cells.len()];
        for counts in slots.iter().filter_map(|slot| self.cell_counts_by_slot.get(slot)) {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let all = sums.iter().sum::<u64>().max(1) as f64;
        sums.into_iter().map(|count| count as f64 / all).collect()
    }
}

/// The co-occurrences of every attribute that is part of an interaction, by name.
pub(super) fn cooccurrences<'a>(
    artifact: &'a stored::ModelArtifact,
    accounts: &AccountTable,
    rows: &[usize],
) -> BTreeMap<&'a str, Vec<InteractionCellCounts<'a>>> {
    let mut slots: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for name in artifact.pairs.iter().flat_map(|pair| [&pair.first, &pair.second]) {
        slots.entry(name).or_insert_with(|| row_slots(artifact, name, accounts, rows).unwrap_or_default());
    }
    let mut found: BTreeMap<&str, Vec<InteractionCellCounts<'_>>> = BTreeMap::new();
    let slots_of = |name: &String| slots.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
    for pair in &artifact.pairs {
        let (first, second) = (slots_of(&pair.first), slots_of(&pair.second));
        let cells: Vec<usize> =
            first.iter().zip(second).filter_map(|(first, second)| cell_index(pair, *first, *second)).collect();
        for (name, slots) in [(&pair.first, first), (&pair.second, second)] {
            found.entry(name).or_default().push(InteractionCellCounts::new(&pair.cells, slots, &cells));
        }
    }
    found
}

impl<'a> InteractionCellCounts<'a> {
    fn new(cells: &'a [stored::Slot], slots: &[usize], cell_indices: &[usize]) -> Self {
        let mut by_slot: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (slot, cell) in slots.iter().zip(cell_indices) {
            let counts = by_slot.entry(*slot).or_insert_with(|| vec![0; cells.len()]);
            counts.get_mut(*cell).into_iter().for_each(|count| *count += 1);
        }
        Self { cells, cell_counts_by_slot: by_slot }
    }
}

/// The slot of an attribute for each of these rows. Attributes of interactions fill exactly one slot.
fn row_slots(
    artifact: &stored::ModelArtifact,
    name: &str,
    accounts: &AccountTable,
    rows: &[usize],
) -> Option<Vec<usize>> {
    let term = artifact.terms.iter().find(|term| term.attribute == name)?;
    let feature = Feature::from_stored(name, term.encoder.as_ref()?)?;
    let data = accounts.column(name).map(|column| &column.data);
    let place = |row: &usize| {
        let mut found = feature.missing_slot();
        feature.encode(data.and_then(|data| data.get(*row)).as_ref(), |slot| found = slot);
        found
    };
    Some(rows.iter().map(place).collect())
}

/// The index of the cell for a pair of slots.
fn cell_index(pair: &stored::Pair, first: usize, second: usize) -> Option<usize> {
    let (first, second) = (pair.first_groups.get(first)?, pair.second_groups.get(second)?);
    Some(*first as usize * pair.second_labels.len() + *second as usize)
}
