//! An approximation of the information matrix that is fast to invert: exact within each term, coarse between terms.
//!
//! H̃ = D + U C Uᵀ, where D contains each term's own penalized block, C the weights that groups of two terms share, and
//! U distributes a group over its slots by weight. It is the information of a design in which slots are independent
//! within each pair of groups, so it is positive definite whenever D is. By Woodbury's identity
//! H̃⁻¹ = D⁻¹ − G M Gᵀ + G K⁻¹ Gᵀ with M = Uᵀ D⁻¹ U, G = D⁻¹ U M⁻¹ and K = M⁻¹ + C, which is small. Newton's steps use
//! it only as a preconditioner; smoothing parameters and covariances are computed from it.
#![expect(clippy::indexing_slicing, reason = "all tables have the shape of one problem")]

use faer::linalg::solvers::{DenseSolveCore as _, Llt};
use faer::{Mat, Side};

use super::banded::{BandedFactor, BandedMatrix};
use super::grouped_slots::SlotGroups;
use super::newton::dot;
use super::term_block::{Penalty, TermBlock};

/// The part of one term.
#[derive(Clone, Debug)]
struct TermFactor {
    factor: BandedFactor,
    /// D⁻¹ within its band.
    inverse_band: BandedMatrix,
    /// H̃⁻¹ within the same band.
    covariance_band: BandedMatrix,
    /// The group of each parameter and its share in the group.
    spread: Vec<Option<(usize, f64)>>,
    /// G, one row per parameter.
    prolongation: Mat<f64>,
    /// G (K⁻¹ − M), one row per parameter.
    correction: Mat<f64>,
    /// M⁻¹.
    coupling_inverse: Mat<f64>,
    groups: usize,
}

/// H̃, factorized.
#[derive(Clone, Debug)]
pub(super) struct ApproximateInformation {
    parts: Vec<TermFactor>,
    /// The index of each term's first group among all groups.
    starts: Vec<usize>,
    /// K⁻¹.
    coupling: Mat<f64>,
}

impl ApproximateInformation {
    /// Builds H̃ from each term's penalized block, its groups, and the tables of shared weights. `None` if a matrix is
    /// not positive definite because of rounding.
    pub(crate) fn new(
        blocks: &[TermBlock],
        groups: &[SlotGroups],
        own: Vec<BandedMatrix>,
        tables: &[(usize, usize, Vec<f64>)],
    ) -> Option<Self> {
        let mut parts = Vec::with_capacity(blocks.len());
        let (mut starts, mut means) = (vec![0], Vec::with_capacity(blocks.len()));
        for ((block, groups), matrix) in blocks.iter().zip(groups).zip(own) {
            let (part, mean) = TermFactor::new(block, groups, matrix)?;
            starts.push(starts[starts.len() - 1] + part.groups);
            parts.push(part);
            means.push(mean);
        }
        let coupling = coupling(&parts, &starts, tables)?;
        for ((part, mean), start) in parts.iter_mut().zip(&means).zip(&starts) {
            part.set_correction(&coupling, *start, mean);
        }
        Some(Self { parts, starts, coupling })
    }

    /// H̃⁻¹ r.
    pub(crate) fn precondition(&self, residual: &[f64]) -> Vec<f64> {
        let mut solved = residual.to_vec();
        let size = self.coupling.nrows();
        let mut coarse = vec![0.0; size];
        let mut coarse_scaled = Mat::<f64>::zeros(size, 1);
        let mut rest = solved.as_mut_slice();
        for (part, start) in self.parts.iter().zip(&self.starts) {
            let (own, others) = rest.split_at_mut(part.spread.len());
            rest = others;
            part.factor.solve(own);
            let groups = *start..start + part.groups;
            let coarse = &mut coarse[groups.clone()];
            for (value, spread) in own.iter().zip(&part.spread) {
                if let Some((group, share)) = spread {
                    coarse[*group] += share * value;
                }
            }
            add_product(&part.coupling_inverse, coarse, &mut coarse_scaled.col_as_slice_mut(0)[groups]);
        }
        let correction = &self.coupling * &coarse_scaled;
        let correction: Vec<f64> = correction.col_as_slice(0).iter().zip(&coarse).map(|(a, b)| a - b).collect();
        let mut rest = solved.as_mut_slice();
        let mut shared = Vec::new();
        for (part, start) in self.parts.iter().zip(&self.starts) {
            let (own, others) = rest.split_at_mut(part.spread.len());
            rest = others;
            shared.clear();
            shared.resize(own.len(), 0.0);
            add_product(&part.prolongation, &correction[*start..start + part.groups], &mut shared);
            own.iter_mut().zip(&shared).for_each(|(value, more)| *value += more);
        }
        solved
    }

    /// K⁻¹.
    pub(crate) const fn coupling(&self) -> &Mat<f64> {
        &self.coupling
    }

    /// The index of each term's first group among all groups, followed by the total number of groups.
    pub(crate) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The rows of G P for one term, one per parameter.
    pub(crate) fn project(&self, term: usize, projection: &Mat<f64>) -> Mat<f64> {
        let part = &self.parts[term];
        let own = projection.get(self.starts[term]..self.starts[term + 1], ..);
        &part.prolongation * own
    }

    /// (H̃⁻¹)ᵢⱼ of two parameters of one term, within the term's band.
    pub(crate) fn covariance(&self, term: usize, i: usize, j: usize) -> f64 {
        self.parts[term].covariance(i, j)
    }

    /// H̃⁻¹ x within one term.
    pub(crate) fn times_covariance(&self, term: usize, x: &[f64]) -> Vec<f64> {
        let part = &self.parts[term];
        let mut product = x.to_vec();
        part.factor.solve(&mut product);
        let coarse: Vec<f64> = columns(&part.prolongation).map(|column| dot(column, x)).collect();
        let mut shared = vec![0.0; x.len()];
        add_product(&part.correction, &coarse, &mut shared);
        product.iter_mut().zip(&shared).for_each(|(value, more)| *value += more);
        product
    }

    /// H̃⁻¹ of all parameters of one term.
    pub(crate) fn covariances(&self, term: usize) -> Mat<f64> {
        let part = &self.parts[term];
        let size = part.spread.len();
        let mut covariances = Mat::<f64>::zeros(size, size);
        let (mut own, mut shared, mut row) = (vec![0.0; size], vec![0.0; size], vec![0.0; part.groups]);
        for i in 0..size {
            own.fill(0.0);
            own[i] = 1.0;
            part.factor.solve(&mut own);
            row.iter_mut().zip(columns(&part.correction)).for_each(|(value, column)| *value = column[i]);
            shared.fill(0.0);
            add_product(&part.prolongation, &row, &mut shared);
            for (j, (own, shared)) in own.iter().zip(&shared).enumerate() {
                covariances.col_as_slice_mut(j)[i] = own + shared;
            }
        }
        covariances
    }

    /// tr(H̃⁻¹ S) of a term's penalty.
    pub(crate) fn covariance_trace(&self, term: usize, penalty: &Penalty) -> f64 {
        let part = &self.parts[term];
        let mut trace = 0.0;
        let band = &part.covariance_band;
        penalty.for_each_entry(|i, j, s| trace += if i == j { 1.0 } else { 2.0 } * s * band.get(i, j));
        trace
    }
}

impl TermFactor {
    /// Creates the part, without its correction, and M.
    fn new(block: &TermBlock, groups: &SlotGroups, matrix: BandedMatrix) -> Option<(Self, Mat<f64>)> {
        let factor = matrix.factor()?;
        let mut spread: Vec<Option<(usize, f64)>> = vec![None; block.parameters];
        for (slot, (first, own)) in block.slots.iter().enumerate() {
            let Some(group) = groups.group(slot) else { continue };
            for parameter in [Some(*first), *own].into_iter().flatten() {
                // Slots that share a parameter are in the same group.
                spread[parameter].get_or_insert((group, 0.0)).1 += groups.slot_shares[slot];
            }
        }
        let (count, size) = (groups.count, block.parameters);
        let mut solved = vec![0.0; size * count];
        for (row, spread) in solved.chunks_exact_mut(count).zip(&spread) {
            if let Some((group, share)) = spread {
                row[*group] = *share;
            }
        }
        factor.solve_columns(&mut solved, count);
        let mut mean = vec![0.0; count * count];
        for (row, spread) in solved.chunks_exact(count).zip(&spread) {
            if let Some((group, share)) = spread {
                let sums = mean[group * count..(group + 1) * count].iter_mut();
                sums.zip(row).for_each(|(sum, value)| *sum += share * value);
            }
        }
        let [mean, solved] = [(count, &mean), (size, &solved)].map(|(rows, values)| from_rows(rows, count, values));
        let inverse = mean.llt(Side::Lower).ok()?.inverse();
        let inverse_band = factor.inverse_band();
        Some((
            Self {
                factor,
                covariance_band: inverse_band.clone(),
                inverse_band,
                spread,
                prolongation: &solved * &inverse,
                correction: Mat::new(),
                coupling_inverse: inverse,
                groups: count,
            },
            mean,
        ))
    }

    fn set_correction(&mut self, coupling: &Mat<f64>, start: usize, mean: &Mat<f64>) {
        let count = self.groups;
        let middle = Mat::from_fn(count, count, |i, j| coupling[(start + i, start + j)] - mean[(i, j)]);
        self.correction = &self.prolongation * middle;
        let mut shared = vec![0.0; self.spread.len()];
        for distance in 0..=self.covariance_band.width().min(self.spread.len().saturating_sub(1)) {
            shared.fill(0.0);
            for (left, right) in columns(&self.correction).zip(columns(&self.prolongation)) {
                let pairs = left[distance..].iter().zip(right);
                shared.iter_mut().zip(pairs).for_each(|(sum, (a, b))| *sum += a * b);
            }
            for (j, more) in shared.iter().enumerate().take(self.spread.len() - distance) {
                self.covariance_band.add(j + distance, j, *more);
            }
        }
    }

    fn covariance(&self, i: usize, j: usize) -> f64 {
        let rows = columns(&self.correction).zip(columns(&self.prolongation));
        self.inverse_band.get(i, j) + rows.map(|(left, right)| left[i] * right[j]).sum::<f64>()
    }
}

/// K⁻¹, where K contains each term's M⁻¹ and the tables between terms.
fn coupling(parts: &[TermFactor], starts: &[usize], tables: &[(usize, usize, Vec<f64>)]) -> Option<Mat<f64>> {
    let size = starts[parts.len()];
    let mut k = Mat::<f64>::zeros(size, size);
    for (part, start) in parts.iter().zip(starts) {
        for (j, column) in columns(&part.coupling_inverse).enumerate() {
            k.col_as_slice_mut(start + j)[*start..start + part.groups].copy_from_slice(column);
        }
    }
    for (a, b, table) in tables {
        let width = parts[*b].groups;
        for j in 0..width {
            let column = &mut k.col_as_slice_mut(starts[*b] + j)[starts[*a]..];
            for (i, (sum, row)) in column.iter_mut().zip(table.chunks_exact(width)).enumerate() {
                // The weight that an item of a list shares with itself is in its term's own block.
                if a != b || i != j {
                    *sum += row[j];
                }
            }
        }
    }
    let factor: Llt<f64> = k.llt(Side::Lower).ok()?;
    Some(factor.inverse())
}

/// Adds A x to a vector, column by column, which is fast for the column-major matrices here.
fn add_product(matrix: &Mat<f64>, x: &[f64], sums: &mut [f64]) {
    for (column, x) in columns(matrix).zip(x) {
        sums.iter_mut().zip(column).for_each(|(sum, value)| *sum += value * x);
    }
}

fn columns(matrix: &Mat<f64>) -> impl Iterator<Item = &[f64]> {
    (0..matrix.ncols()).map(|column| matrix.col_as_slice(column))
}

fn from_rows(rows: usize, columns: usize, values: &[f64]) -> Mat<f64> {
    let mut matrix = Mat::<f64>::zeros(rows, columns);
    for j in 0..columns {
        let cells = matrix.col_as_slice_mut(j).iter_mut();
        cells.zip(values.chunks_exact(columns)).for_each(|(cell, row)| *cell = row[j]);
    }
    matrix
}

#[cfg(test)]
mod tests;
