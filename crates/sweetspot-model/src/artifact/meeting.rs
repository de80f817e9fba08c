//! How often the values of two attributes that make a pair meet among customers.

use std::collections::BTreeMap;

use sweetspot_core::AccountTable;

use crate::encoder::Feature;
use crate::stored;

/// Of one pair: for every slot of one of its attributes, how many customers who fill it are in each cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Meeting<'a> {
    /// What each cell of the pair adds.
    pub(super) cells: &'a [stored::Slot],
    by_slot: BTreeMap<usize, Vec<u64>>,
}

impl Meeting<'_> {
    /// The share of the customers in some slots that is in each cell; nothing of nobody.
    pub(super) fn shares(&self, slots: &[usize]) -> Vec<f64> {
        let mut sums = vec![0; self.cells.len()];
        for counts in slots.iter().filter_map(|slot| self.by_slot.get(slot)) {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let all = sums.iter().sum::<u64>().max(1) as f64;
        sums.into_iter().map(|count| count as f64 / all).collect()
    }
}

/// The meetings of every attribute that is in a pair, by name.
pub(super) fn meetings<'a>(
    artifact: &'a stored::ModelArtifact,
    accounts: &AccountTable,
    rows: &[usize],
) -> BTreeMap<&'a str, Vec<Meeting<'a>>> {
    let mut slots: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for name in artifact.pairs.iter().flat_map(|pair| [&pair.first, &pair.second]) {
        slots.entry(name).or_insert_with(|| places(artifact, name, accounts, rows).unwrap_or_default());
    }
    let mut found: BTreeMap<&str, Vec<Meeting<'_>>> = BTreeMap::new();
    let slots_of = |name: &String| slots.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
    for pair in &artifact.pairs {
        let (first, second) = (slots_of(&pair.first), slots_of(&pair.second));
        let cells: Vec<usize> =
            first.iter().zip(second).filter_map(|(first, second)| cell(pair, *first, *second)).collect();
        for (name, slots) in [(&pair.first, first), (&pair.second, second)] {
            found.entry(name).or_default().push(Meeting::of(&pair.cells, slots, &cells));
        }
    }
    found
}

impl<'a> Meeting<'a> {
    fn of(cells: &'a [stored::Slot], slots: &[usize], met: &[usize]) -> Self {
        let mut by_slot: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (slot, cell) in slots.iter().zip(met) {
            let counts = by_slot.entry(*slot).or_insert_with(|| vec![0; cells.len()]);
            counts.get_mut(*cell).into_iter().for_each(|count| *count += 1);
        }
        Self { cells, by_slot }
    }
}

/// The slot of an attribute that each of these rows fills. Attributes of pairs fill just one.
fn places(artifact: &stored::ModelArtifact, name: &str, accounts: &AccountTable, rows: &[usize]) -> Option<Vec<usize>> {
    let term = artifact.terms.iter().find(|term| term.attribute == name)?;
    let feature = Feature::from_stored(name, term.encoder.as_ref()?)?;
    let data = accounts.column(name).map(|column| &column.data);
    let place = |row: &usize| {
        let mut found = feature.missing();
        feature.place(data.and_then(|data| data.get(*row)).as_ref(), |slot| found = slot);
        found
    };
    Some(rows.iter().map(place).collect())
}

/// The cell of two slots.
fn cell(pair: &stored::Pair, first: usize, second: usize) -> Option<usize> {
    let (first, second) = (pair.first_groups.get(first)?, pair.second_groups.get(second)?);
    Some(*first as usize * pair.second_labels.len() + *second as usize)
}
