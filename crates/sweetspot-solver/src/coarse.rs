//! The coarse view of a design: every term's slots in a few groups, and how the groups of two terms go together.
//!
//! Terms depend on each other through what they share at large, hardly through single bins: within two groups, slots are
//! taken to meet as often as chance would have it. See `system` for what is made of it.
#![expect(clippy::indexing_slicing, reason = "groups lie below their term's number of groups")]

use std::sync::Arc;

use rayon::prelude::*;

use super::block::Block;
use crate::design::{Codes, Design, TermCodes};

/// Groups of all terms together, where that leaves each at least [`FEWEST`] and gives none more than [`MOST`].
const BUDGET: usize = 400;
const FEWEST: usize = 6;
const MOST: usize = 64;
/// Marks a slot that belongs to no group.
const NONE: u8 = u8::MAX;

/// One term's groups.
#[derive(Clone, Debug)]
pub struct Groups {
    /// How many.
    pub count: usize,
    /// The group of each slot; of a list, rarer items have none.
    of_slot: Vec<u8>,
    /// Share of each slot in its group's weight; zero without a group.
    pub share: Vec<f64>,
}

impl Groups {
    /// The group of a slot.
    #[must_use]
    pub fn of(&self, slot: usize) -> Option<usize> {
        Some(usize::from(self.of_slot[slot])).filter(|group| *group != usize::from(NONE))
    }

    /// Groups of a term: of a chain, neighbours of about equal weight together; otherwise the heaviest slots alone. Slots that
    /// share a parameter are in one group.
    #[must_use]
    pub fn new(block: &Block, codes: &Codes, weights: &[f64], most: usize) -> Self {
        let unit_of_slot = block.units();
        let mut weights_of_units = vec![0.0; unit_of_slot.last().map_or(0, |last| last + 1)];
        unit_of_slot.iter().zip(weights).for_each(|(unit, weight)| weights_of_units[*unit] += weight);
        let units = weights_of_units.len();
        let of_unit: Vec<u8> = if units <= most {
            (0..units).map(|unit| unit as u8).collect()
        } else if block.is_chain() {
            neighbours(&weights_of_units, most)
        } else {
            heaviest(&weights_of_units, most, matches!(codes, Codes::Many { .. }))
        };
        let of_slot: Vec<u8> = unit_of_slot.iter().map(|unit| of_unit[*unit]).collect();
        let count = of_slot.iter().filter(|group| **group != NONE).max().map_or(0, |group| usize::from(*group) + 1);
        Self { count, of_slot, share: Vec::new() }.weighing(weights)
    }

    /// The same groups with the shares that these weights give.
    pub(crate) fn weighing(mut self, weights: &[f64]) -> Self {
        let (mut totals, mut members) = (vec![0.0; self.count], vec![0.0; self.count]);
        for (group, weight) in self.of_slot.iter().zip(weights).filter(|(group, _)| **group != NONE) {
            totals[usize::from(*group)] += weight;
            members[usize::from(*group)] += 1.0;
        }
        let share = |(group, weight): (&u8, &f64)| match usize::from(*group) {
            none if none == usize::from(NONE) => 0.0,
            group if totals[group] > 0.0 => weight / totals[group],
            group => 1.0 / members[group],
        };
        self.share = self.of_slot.iter().zip(weights).map(share).collect();
        self
    }
}

/// The last slot, for missing, alone; the others cut where an equal part of their weight is reached.
fn neighbours(weights: &[f64], most: usize) -> Vec<u8> {
    let (chain, parts) = (weights.len() - 1, (most - 1) as f64);
    let total: f64 = weights[..chain].iter().sum();
    let mut before = 0.0;
    let mut groups: Vec<u8> = Vec::with_capacity(weights.len());
    let (mut group, mut last) = (0_u8, None);
    for weight in &weights[..chain] {
        let part = ((before + weight / 2.0) / total.max(f64::MIN_POSITIVE) * parts).min(parts - 1.0) as usize;
        if last.is_some_and(|last| last != part) {
            group += 1;
        }
        last = Some(part);
        groups.push(group);
        before += weight;
    }
    groups.push(group + 1);
    groups
}

/// The heaviest slots alone, the others together; of a list, whose slots add up, the others have no group.
fn heaviest(weights: &[f64], most: usize, adds_up: bool) -> Vec<u8> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
    let mut groups = vec![if adds_up { NONE } else { most as u8 - 1 }; weights.len()];
    for (group, slot) in order.into_iter().take(most - 1).enumerate() {
        groups[slot] = group as u8;
    }
    groups
}

/// How many groups a term may have among this many terms.
pub(super) fn most_groups(terms: usize) -> usize {
    (BUDGET / terms.max(1)).clamp(FEWEST, MOST)
}

/// Every term's group of every row, ready to be counted together.
#[derive(Clone, Debug)]
pub(super) struct CoarseDesign {
    rows: usize,
    terms: Vec<(usize, CoarseCodes)>,
}

#[derive(Clone, Debug)]
enum CoarseCodes {
    Every,
    One(Vec<u8>),
    Many { offsets: Vec<u32>, groups: Vec<u8> },
}

impl CoarseDesign {
    /// The groups of all rows.
    pub(crate) fn new(design: &Design, groups: &[Groups]) -> Self {
        let coarse = |(term, groups): (&Arc<TermCodes>, &Groups)| {
            let codes = match &term.codes {
                Codes::Every => CoarseCodes::Every,
                Codes::One(slots) => {
                    CoarseCodes::One(slots.iter().map(|slot| groups.of_slot[usize::from(*slot)]).collect())
                }
                Codes::Many { offsets, slots } => CoarseCodes::Many {
                    offsets: offsets.clone(),
                    groups: slots.iter().map(|slot| groups.of_slot[usize::from(*slot)]).collect(),
                },
            };
            (groups.count, codes)
        };
        Self { rows: design.rows, terms: design.terms.par_iter().zip(groups).map(coarse).collect() }
    }

    /// Visits, for every two terms `a > b`, and for lists `a = b`, the weight that their groups share: `visit(a, b, table)`,
    /// row-major, with the groups of `a` as rows.
    pub(crate) fn tables(&self, weights: &[f64]) -> Vec<(usize, usize, Vec<f64>)> {
        let list = |term: usize| matches!(self.terms[term].1, CoarseCodes::Many { .. });
        let pairs: Vec<(usize, usize)> =
            (0..self.terms.len()).flat_map(|a| (0..a).chain(list(a).then_some(a)).map(move |b| (a, b))).collect();
        pairs.into_par_iter().map(|(a, b)| (a, b, self.table(a, b, weights))).collect()
    }

    /// The weight in each group of each term.
    pub(crate) fn sums(&self, weights: &[f64]) -> Vec<Vec<f64>> {
        let of = |(count, codes): &(usize, CoarseCodes)| {
            let mut sums = vec![0.0; *count];
            for (row, weight) in weights.iter().enumerate().take(self.rows) {
                for group in codes.row(row).iter().filter(|group| **group != NONE) {
                    sums[usize::from(*group)] += weight;
                }
            }
            sums
        };
        self.terms.par_iter().map(of).collect()
    }

    fn table(&self, a: usize, b: usize, weights: &[f64]) -> Vec<f64> {
        let ((height, first), (width, second)) = (&self.terms[a], &self.terms[b]);
        let mut table = vec![0.0; height * width];
        match (first, second) {
            (CoarseCodes::One(first), CoarseCodes::Every) => {
                for (i, weight) in first.iter().zip(weights) {
                    table[usize::from(*i)] += weight;
                }
            }
            (CoarseCodes::One(first), CoarseCodes::One(second)) => {
                // Two tables in turn: the next row need not wait for the sum of the last one.
                let mut odd = table.clone();
                let cell = |i: u8, j: u8| usize::from(i) * width + usize::from(j);
                let (firsts, last) = first.as_chunks::<2>();
                for ((i, j), weight) in firsts.iter().zip(second.as_chunks::<2>().0).zip(weights.as_chunks::<2>().0) {
                    table[cell(i[0], j[0])] += weight[0];
                    odd[cell(i[1], j[1])] += weight[1];
                }
                if let (Some(i), Some(j), Some(weight)) = (last.first(), second.last(), weights.last()) {
                    table[cell(*i, *j)] += weight;
                }
                table.iter_mut().zip(odd).for_each(|(sum, more)| *sum += more);
            }
            (first, second) => {
                for (row, weight) in weights.iter().enumerate().take(self.rows) {
                    for i in first.row(row).iter().filter(|i| **i != NONE) {
                        for j in second.row(row).iter().filter(|j| **j != NONE) {
                            table[usize::from(*i) * width + usize::from(*j)] += weight;
                        }
                    }
                }
            }
        }
        table
    }
}

impl CoarseCodes {
    fn row(&self, row: usize) -> &[u8] {
        match self {
            Self::Every => &[0],
            Self::One(groups) => &groups[row..=row],
            Self::Many { offsets, groups } => &groups[offsets[row] as usize..offsets[row + 1] as usize],
        }
    }
}

#[cfg(test)]
mod tests;
