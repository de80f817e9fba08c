//! Passes over the rows of a design: predictions, and sums per slot. Rows are split into shards of a fixed size, so
//! that the same rows give the same bits for any number of threads.
#![expect(
    clippy::indexing_slicing,
    reason = "codes are below their term's number of slots, which is the size of each table"
)]

use std::ops::Range;

use rayon::prelude::*;

use crate::design::{Design, TermSlots};

/// The number of rows in a shard.
const ROWS_PER_SHARD: usize = 16_384;

fn row_shards(rows: usize) -> Vec<Range<usize>> {
    (0..rows.div_ceil(ROWS_PER_SHARD))
        .map(|shard| shard * ROWS_PER_SHARD..((shard + 1) * ROWS_PER_SHARD).min(rows))
        .collect()
}

/// The number of rows processed at a time, so that their sums stay in the L1 cache.
const ROWS_PER_BLOCK: usize = 1024;

fn row_blocks(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(ROWS_PER_BLOCK).map(move |start| start..(start + ROWS_PER_BLOCK).min(end))
}

/// The sum of the effects of its slots, for each row. `effects` has one entry per slot of the design.
#[must_use]
pub fn row_sums(design: &Design, effects: &[f64]) -> Vec<f64> {
    let offsets = design.offsets();
    let mut sums = vec![0.0; design.rows];
    sums.par_chunks_mut(ROWS_PER_SHARD).zip(row_shards(design.rows)).for_each(|(sums, shard)| {
        for (sums, rows) in sums.chunks_mut(ROWS_PER_BLOCK).zip(row_blocks(shard)) {
            add_all_effects(design, &offsets, effects, rows, sums);
        }
    });
    sums
}

/// Σ value over the rows in each slot.
#[must_use]
pub fn slot_sums(design: &Design, values: &[f64]) -> Vec<f64> {
    let offsets = design.offsets();
    let shard_sums = |shard: Range<usize>| {
        let mut sums = Lanes::zeros(offsets[design.terms.len()]);
        for rows in row_blocks(shard) {
            sums.add_all_terms(design, &offsets, &values[rows.clone()], &rows);
        }
        sums.total()
    };
    sum_in_order(row_shards(design.rows).into_par_iter().map(shard_sums).collect(), offsets[design.terms.len()])
}

/// Σ weight × (sum of the effects of the row's slots), over the rows in each slot.
pub(super) fn weighted_slot_sums(design: &Design, weights: &[f64], effects: &[f64]) -> Vec<f64> {
    let offsets = design.offsets();
    let shard_sums = |shard: Range<usize>| {
        let mut sums = Lanes::zeros(offsets[design.terms.len()]);
        let mut block = [0.0; ROWS_PER_BLOCK];
        for rows in row_blocks(shard) {
            let values = &mut block[..rows.len()];
            values.fill(0.0);
            add_all_effects(design, &offsets, effects, rows.clone(), values);
            values.iter_mut().zip(&weights[rows.clone()]).for_each(|(value, weight)| *value *= weight);
            sums.add_all_terms(design, &offsets, values, &rows);
        }
        sums.total()
    };
    sum_in_order(row_shards(design.rows).into_par_iter().map(shard_sums).collect(), offsets[design.terms.len()])
}

fn add_all_effects(design: &Design, offsets: &[usize], effects: &[f64], rows: Range<usize>, sums: &mut [f64]) {
    let own = |term: usize| &effects[offsets[term]..offsets[term + 1]];
    let mut term = 0;
    while term < design.terms.len() {
        // Four terms at once, so that each sum is loaded and stored only once for them.
        if let Some([a, b, c, d]) = design.terms.get(term..term + 4).and_then(|terms| <&[_; 4]>::try_from(terms).ok())
            && let (TermSlots::One(a), TermSlots::One(b), TermSlots::One(c), TermSlots::One(d)) =
                (&a.codes, &b.codes, &c.codes, &d.codes)
        {
            let [of_a, of_b, of_c, of_d] = [own(term), own(term + 1), own(term + 2), own(term + 3)];
            let [a, b, c, d] = [a, b, c, d].map(|slots| &slots[rows.clone()]);
            for ((((sum, a), b), c), d) in sums.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                let two = *sum + of_a[usize::from(*a)] + of_b[usize::from(*b)];
                *sum = two + of_c[usize::from(*c)] + of_d[usize::from(*d)];
            }
            term += 4;
        } else {
            add_effects(&design.terms[term].codes, own(term), rows.clone(), sums);
            term += 1;
        }
    }
}

/// Adds the sums of the shards, in their order.
pub(super) fn sum_in_order(parts: Vec<Vec<f64>>, size: usize) -> Vec<f64> {
    let mut parts = parts.into_iter();
    let mut sums = parts.next().unwrap_or_else(|| vec![0.0; size]);
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
    }
    sums
}

/// Stores the first two results of a function of each row's index, and sums the third over the rows, shard by shard.
pub(super) fn sum_and_fill_rows(
    first: &mut [f64],
    second: &mut [f64],
    row_values: impl Fn(usize) -> (f64, f64, f64) + Sync,
) -> f64 {
    let shards = row_shards(first.len()).into_par_iter();
    let shards = shards.zip(first.par_chunks_mut(ROWS_PER_SHARD)).zip(second.par_chunks_mut(ROWS_PER_SHARD));
    let fill = |((rows, first), second): ((Range<usize>, &mut [f64]), &mut [f64])| {
        let mut sum = 0.0;
        for ((row, first), second) in rows.zip(first).zip(second) {
            let value;
            (*first, *second, value) = row_values(row);
            sum += value;
        }
        sum
    };
    let parts: Vec<f64> = shards.map(fill).collect();
    parts.iter().sum()
}

/// Σ over the rows, shard by shard.
pub(super) fn sum_rows(rows: usize, row_value: impl Fn(usize) -> f64 + Sync) -> f64 {
    let parts: Vec<f64> = row_shards(rows).into_par_iter().map(|rows| rows.map(&row_value).sum::<f64>()).collect();
    parts.iter().sum()
}

fn add_effects(codes: &TermSlots, effects: &[f64], rows: Range<usize>, sums: &mut [f64]) {
    match codes {
        TermSlots::Every => sums.iter_mut().for_each(|sum| *sum += effects[0]),
        TermSlots::One(slots) => {
            for (sum, slot) in sums.iter_mut().zip(&slots[rows]) {
                *sum += effects[usize::from(*slot)];
            }
        }
        TermSlots::Many { .. } => {
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum += codes.row(row).iter().map(|slot| effects[usize::from(*slot)]).sum::<f64>();
            }
        }
    }
}

/// Sums per slot in four tables that are filled in turn: adjacent rows often share a slot, and separate tables avoid a
/// dependency between their additions.
struct Lanes([Vec<f64>; 4]);

impl Lanes {
    fn zeros(slots: usize) -> Self {
        Self(std::array::from_fn(|_| vec![0.0; slots]))
    }

    fn add_all_terms(&mut self, design: &Design, offsets: &[usize], values: &[f64], rows: &Range<usize>) {
        for (term, offset) in design.terms.iter().zip(offsets) {
            let lanes = self.0.each_mut().map(|lane| &mut lane[*offset..offset + term.slots]);
            add_values(&term.codes, values, rows, lanes);
        }
    }

    fn total(self) -> Vec<f64> {
        let [mut total, b, c, d] = self.0;
        total.iter_mut().zip(b).zip(c).zip(d).for_each(|(((sum, b), c), d)| *sum += b + (c + d));
        total
    }
}

fn add_values(codes: &TermSlots, values: &[f64], rows: &Range<usize>, [a, b, c, d]: [&mut [f64]; 4]) {
    match codes {
        TermSlots::Every => a[0] += values.iter().sum::<f64>(),
        TermSlots::One(slots) => {
            let (slots, last_slots) = slots[rows.clone()].as_chunks::<4>();
            let (values, last_values) = values.as_chunks::<4>();
            for (slots, values) in slots.iter().zip(values) {
                a[usize::from(slots[0])] += values[0];
                b[usize::from(slots[1])] += values[1];
                c[usize::from(slots[2])] += values[2];
                d[usize::from(slots[3])] += values[3];
            }
            last_slots.iter().zip(last_values).for_each(|(slot, value)| a[usize::from(*slot)] += value);
        }
        TermSlots::Many { .. } => {
            for (value, row) in values.iter().zip(rows.clone()) {
                codes.row(row).iter().for_each(|slot| a[usize::from(*slot)] += value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
