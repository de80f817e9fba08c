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
use super::coarse_design::SlotGroups;
use super::term_block::{Penalty, TermBlock};

/// The part of one term.
#[derive(Clone, Debug)]
struct TermFactor {
    factor: BandedFactor,
    /// D⁻¹ within its band.
    inverse_band: BandedMatrix,
    /// The group of each parameter and its share in the group.
    spread: Vec<Option<(usize, f64)>>,
    /// G, one row per parameter.
    prolongation: Vec<f64>,
    /// G (K⁻¹ − M), one row per parameter.
    correction: Vec<f64>,
    /// M⁻¹, row-major.
    coupling_inverse: Vec<f64>,
    groups: usize,
}

/// H̃, factorized.
#[derive(Clone, Debug)]
pub(super) struct System {
    parts: Vec<TermFactor>,
    /// The index of each term's first group among all groups.
    starts: Vec<usize>,
    /// K⁻¹.
    coupling: Mat<f64>,
}

impl System {
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
        let mut coarse = Mat::<f64>::zeros(self.coupling.nrows(), 1);
        let mut coarse_scaled = Mat::<f64>::zeros(self.coupling.nrows(), 1);
        let mut rest = solved.as_mut_slice();
        for (part, start) in self.parts.iter().zip(&self.starts) {
            let (own, others) = rest.split_at_mut(part.spread.len());
            rest = others;
            part.factor.solve(own);
            for (value, spread) in own.iter().zip(&part.spread) {
                if let Some((group, share)) = spread {
                    coarse[(start + group, 0)] += share * value;
                }
            }
            for i in 0..part.groups {
                coarse_scaled[(start + i, 0)] =
                    (0..part.groups).map(|j| part.coupling_inverse[i * part.groups + j] * coarse[(start + j, 0)]).sum();
            }
        }
        let correction = &self.coupling * &coarse_scaled - &coarse;
        let mut first = 0;
        for (part, start) in self.parts.iter().zip(&self.starts) {
            for (row, value) in part.prolongation.chunks_exact(part.groups).zip(&mut solved[first..]) {
                *value += row.iter().enumerate().map(|(group, g)| g * correction[(start + group, 0)]).sum::<f64>();
            }
            first += part.spread.len();
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
        Mat::from_fn(part.spread.len(), part.groups, |i, j| part.prolongation[i * part.groups + j]) * own
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
        let mut coarse = vec![0.0; part.groups];
        for (row, value) in part.prolongation.chunks_exact(part.groups).zip(x) {
            row.iter().zip(&mut coarse).for_each(|(g, sum)| *sum += g * value);
        }
        for (row, value) in part.correction.chunks_exact(part.groups).zip(&mut product) {
            *value += row.iter().zip(&coarse).map(|(g, sum)| g * sum).sum::<f64>();
        }
        product
    }

    /// H̃⁻¹ of all parameters of one term.
    pub(crate) fn covariances(&self, term: usize) -> Mat<f64> {
        let part = &self.parts[term];
        let size = part.spread.len();
        let own = part.factor.inverse();
        Mat::from_fn(size, size, |i, j| own[i * size + j] + part.shared(i, j))
    }

    /// tr(H̃⁻¹ S) of a term's penalty.
    pub(crate) fn covariance_trace(&self, term: usize, penalty: &Penalty) -> f64 {
        let part = &self.parts[term];
        let mut trace = 0.0;
        penalty.for_each_entry(|i, j, s| trace += if i == j { 1.0 } else { 2.0 } * s * part.covariance(i, j));
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
        let mut solved = Mat::<f64>::zeros(size, count);
        let mut column = vec![0.0; size];
        for group in 0..count {
            for (value, spread) in column.iter_mut().zip(&spread) {
                *value = spread
                    .filter(|(group_of_parameter, _)| *group_of_parameter == group)
                    .map_or(0.0, |(_, share)| share);
            }
            factor.solve(&mut column);
            (0..size).for_each(|i| solved[(i, group)] = column[i]);
        }
        let mut mean = Mat::<f64>::zeros(count, count);
        for (i, spread) in spread.iter().enumerate() {
            if let Some((group, share)) = spread {
                (0..count).for_each(|other| mean[(*group, other)] += share * solved[(i, other)]);
            }
        }
        let inverse = mean.llt(Side::Lower).ok()?.inverse();
        let prolongation = row_major(&(&solved * &inverse));
        let own = factor.inverse_band();
        let correction = Vec::new();
        Some((
            Self {
                factor,
                inverse_band: own,
                spread,
                prolongation,
                correction,
                coupling_inverse: row_major(&inverse),
                groups: count,
            },
            mean,
        ))
    }

    fn set_correction(&mut self, coupling: &Mat<f64>, start: usize, mean: &Mat<f64>) {
        let count = self.groups;
        let middle = Mat::from_fn(count, count, |i, j| coupling[(start + i, start + j)] - mean[(i, j)]);
        let prolongation = Mat::from_fn(self.spread.len(), count, |i, j| self.prolongation[i * count + j]);
        self.correction = row_major(&(prolongation * middle));
    }

    fn covariance(&self, i: usize, j: usize) -> f64 {
        self.inverse_band.get(i, j) + self.shared(i, j)
    }

    /// The correction of D⁻¹ for the other terms.
    fn shared(&self, i: usize, j: usize) -> f64 {
        let row = |values: &[f64], i: usize| -> std::ops::Range<usize> {
            i * self.groups..((i + 1) * self.groups).min(values.len())
        };
        let left = &self.correction[row(&self.correction, i)];
        let right = &self.prolongation[row(&self.prolongation, j)];
        left.iter().zip(right).map(|(a, b)| a * b).sum()
    }
}

/// K⁻¹, where K contains each term's M⁻¹ and the tables between terms.
fn coupling(parts: &[TermFactor], starts: &[usize], tables: &[(usize, usize, Vec<f64>)]) -> Option<Mat<f64>> {
    let size = starts[parts.len()];
    let mut k = Mat::<f64>::zeros(size, size);
    for (part, start) in parts.iter().zip(starts) {
        for i in 0..part.groups {
            for j in 0..part.groups {
                k[(start + i, start + j)] = part.coupling_inverse[i * part.groups + j];
            }
        }
    }
    for (a, b, table) in tables {
        for (index, weight) in table.iter().enumerate() {
            let (i, j) = (index / parts[*b].groups, index % parts[*b].groups);
            // The weight that an item of a list shares with itself is in its term's own block.
            if a != b || i != j {
                k[(starts[*a] + i, starts[*b] + j)] += weight;
            }
        }
    }
    let factor: Llt<f64> = k.llt(Side::Lower).ok()?;
    Some(factor.inverse())
}

fn row_major(matrix: &Mat<f64>) -> Vec<f64> {
    (0..matrix.nrows()).flat_map(|i| (0..matrix.ncols()).map(move |j| matrix[(i, j)])).collect()
}

#[cfg(test)]
mod tests;
