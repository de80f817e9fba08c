//! The coarse view of a design: the slots of each term in a few groups, and the weight that pairs of groups of two
//! terms share.
//!
//! Terms depend on each other mostly through large groups of slots, not through single bins. Within a pair of groups,
//! slots are assumed to be independent.
#![expect(clippy::indexing_slicing, reason = "groups are below their term's number of groups")]

use std::sync::Arc;

use rayon::prelude::*;

use super::term_block::TermBlock;
use crate::design::{Design, EncodedTerm, TermSlots};

/// The number of groups of all terms together, unless a term would get fewer than [`MIN_GROUPS`] or more than
/// [`MAX_GROUPS`].
const MAX_TOTAL_GROUPS: usize = 400;
const MIN_GROUPS: usize = 6;
const MAX_GROUPS: usize = 64;
/// Marks a slot without a group.
const NO_GROUP: u8 = u8::MAX;

/// The groups of one term.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotGroups {
    /// The number of groups.
    pub count: usize,
    /// The group of each slot; rare items of a list have none.
    group_by_slot: Vec<u8>,
    /// The share of each slot in its group's weight; zero for a slot without a group.
    pub slot_shares: Vec<f64>,
}

impl SlotGroups {
    /// The group of a slot; `None` for a rare item of a list.
    #[must_use]
    pub fn group(&self, slot: usize) -> Option<usize> {
        Some(usize::from(self.group_by_slot[slot])).filter(|group| *group != usize::from(NO_GROUP))
    }

    /// The groups of a term, at most `max_groups`: neighbors of about equal weight for a chain, otherwise each of the
    /// heaviest slots alone. Slots that share a parameter are in the same group.
    #[must_use]
    pub fn new(block: &TermBlock, codes: &TermSlots, weights: &[f64], max_groups: usize) -> Self {
        let unit_of_slot = block.slot_units();
        let mut weights_of_units = vec![0.0; unit_of_slot.last().map_or(0, |last| last + 1)];
        unit_of_slot.iter().zip(weights).for_each(|(unit, weight)| weights_of_units[*unit] += weight);
        let units = weights_of_units.len();
        let of_unit: Vec<u8> = if units <= max_groups {
            (0..units).map(|unit| unit as u8).collect()
        } else if block.is_chain() {
            group_neighbors(&weights_of_units, max_groups)
        } else {
            group_heaviest(&weights_of_units, max_groups, matches!(codes, TermSlots::Many { .. }))
        };
        let of_slot: Vec<u8> = unit_of_slot.iter().map(|unit| of_unit[*unit]).collect();
        let count = of_slot.iter().filter(|group| **group != NO_GROUP).max().map_or(0, |group| usize::from(*group) + 1);
        Self { count, group_by_slot: of_slot, slot_shares: Vec::new() }.with_weights(weights)
    }

    /// Returns the same groups with the shares of these slot weights.
    pub(crate) fn with_weights(mut self, weights: &[f64]) -> Self {
        let (mut totals, mut members) = (vec![0.0; self.count], vec![0.0; self.count]);
        for (group, weight) in self.group_by_slot.iter().zip(weights).filter(|(group, _)| **group != NO_GROUP) {
            totals[usize::from(*group)] += weight;
            members[usize::from(*group)] += 1.0;
        }
        let share = |(group, weight): (&u8, &f64)| match usize::from(*group) {
            none if none == usize::from(NO_GROUP) => 0.0,
            group if totals[group] > 0.0 => weight / totals[group],
            group => 1.0 / members[group],
        };
        self.slot_shares = self.group_by_slot.iter().zip(weights).map(share).collect();
        self
    }
}

/// Puts the last slot, for missing, in a group alone, and splits the others into groups of equal weight.
fn group_neighbors(weights: &[f64], max_groups: usize) -> Vec<u8> {
    let (chain, parts) = (weights.len() - 1, (max_groups - 1) as f64);
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

/// Puts each of the heaviest slots in a group alone, and the others in one group. In a list, where a row can have
/// several slots, the others have no group.
fn group_heaviest(weights: &[f64], max_groups: usize, adds_up: bool) -> Vec<u8> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
    let mut groups = vec![if adds_up { NO_GROUP } else { max_groups as u8 - 1 }; weights.len()];
    for (group, slot) in order.into_iter().take(max_groups - 1).enumerate() {
        groups[slot] = group as u8;
    }
    groups
}

/// The maximum number of groups of a term, for this number of terms.
pub(super) fn max_groups(terms: usize) -> usize {
    (MAX_TOTAL_GROUPS / terms.max(1)).clamp(MIN_GROUPS, MAX_GROUPS)
}

/// The group of each row in each term, prepared for counting.
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
    /// Maps the slots of all rows to groups.
    pub(crate) fn new(design: &Design, groups: &[SlotGroups]) -> Self {
        let coarse = |(term, groups): (&Arc<EncodedTerm>, &SlotGroups)| {
            let codes = match &term.codes {
                TermSlots::Every => CoarseCodes::Every,
                TermSlots::One(slots) => {
                    CoarseCodes::One(slots.iter().map(|slot| groups.group_by_slot[usize::from(*slot)]).collect())
                }
                TermSlots::Many { offsets, slots } => CoarseCodes::Many {
                    offsets: offsets.clone(),
                    groups: slots.iter().map(|slot| groups.group_by_slot[usize::from(*slot)]).collect(),
                },
            };
            (groups.count, codes)
        };
        Self { rows: design.rows, terms: design.terms.par_iter().zip(groups).map(coarse).collect() }
    }

    /// For each two terms `a > b`, and for each list `a = b`, the weight that their groups share: `(a, b, table)`. The
    /// table is row-major, with the groups of `a` as rows.
    pub(crate) fn cross_tables(&self, weights: &[f64]) -> Vec<(usize, usize, Vec<f64>)> {
        let list = |term: usize| matches!(self.terms[term].1, CoarseCodes::Many { .. });
        let pairs: Vec<(usize, usize)> =
            (0..self.terms.len()).flat_map(|a| (0..a).chain(list(a).then_some(a)).map(move |b| (a, b))).collect();
        pairs.into_par_iter().map(|(a, b)| (a, b, self.cross_table(a, b, weights))).collect()
    }

    /// The weight in each group of each term.
    pub(crate) fn sums(&self, weights: &[f64]) -> Vec<Vec<f64>> {
        let table = |(count, codes): &(usize, CoarseCodes)| {
            let mut sums = vec![0.0; *count];
            for (row, weight) in weights.iter().enumerate().take(self.rows) {
                for group in codes.row(row).iter().filter(|group| **group != NO_GROUP) {
                    sums[usize::from(*group)] += weight;
                }
            }
            sums
        };
        self.terms.par_iter().map(table).collect()
    }

    fn cross_table(&self, a: usize, b: usize, weights: &[f64]) -> Vec<f64> {
        let ((height, first), (width, second)) = (&self.terms[a], &self.terms[b]);
        let mut table = vec![0.0; height * width];
        match (first, second) {
            (CoarseCodes::One(first), CoarseCodes::Every) => {
                for (i, weight) in first.iter().zip(weights) {
                    table[usize::from(*i)] += weight;
                }
            }
            (CoarseCodes::One(first), CoarseCodes::One(second)) => {
                // Two tables in turn avoid a dependency between the additions of adjacent rows.
                let mut transposed = table.clone();
                let cell = |i: u8, j: u8| usize::from(i) * width + usize::from(j);
                let (firsts, last) = first.as_chunks::<2>();
                for ((i, j), weight) in firsts.iter().zip(second.as_chunks::<2>().0).zip(weights.as_chunks::<2>().0) {
                    table[cell(i[0], j[0])] += weight[0];
                    transposed[cell(i[1], j[1])] += weight[1];
                }
                if let (Some(i), Some(j), Some(weight)) = (last.first(), second.last(), weights.last()) {
                    table[cell(*i, *j)] += weight;
                }
                table.iter_mut().zip(transposed).for_each(|(sum, more)| *sum += more);
            }
            (first, second) => {
                for (row, weight) in weights.iter().enumerate().take(self.rows) {
                    for i in first.row(row).iter().filter(|i| **i != NO_GROUP) {
                        for j in second.row(row).iter().filter(|j| **j != NO_GROUP) {
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
