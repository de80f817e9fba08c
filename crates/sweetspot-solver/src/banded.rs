//! Symmetric banded matrices, one per term.
#![expect(clippy::indexing_slicing, reason = "indices are within the band of one matrix")]

/// The lower triangle of a symmetric banded matrix: entry (i, i − d) for each d up to the width.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BandedMatrix {
    size: usize,
    width: usize,
    entries: Vec<f64>,
}

/// A = L D Lᵀ with ones on L's diagonal; the diagonal holds D.
#[derive(Clone, Debug)]
pub(super) struct BandedFactor(BandedMatrix);

impl BandedMatrix {
    /// A zero matrix; entries further than `width` from the diagonal are always zero.
    pub(crate) fn zeros(size: usize, width: usize) -> Self {
        Self { size, width, entries: vec![0.0; size * (width + 1)] }
    }

    /// The entry in row `i` and column `j`, within the band.
    pub(crate) fn get(&self, i: usize, j: usize) -> f64 {
        self.entries[self.index(i.max(j), i.min(j))]
    }

    /// Adds to the entry in row `i` and column `j`, within the band, and to its mirror image.
    pub(crate) fn add(&mut self, i: usize, j: usize, value: f64) {
        let index = self.index(i.max(j), i.min(j));
        self.entries[index] += value;
    }

    /// A + B, for matrices of the same shape.
    pub(crate) fn plus(mut self, other: &Self) -> Self {
        self.entries.iter_mut().zip(&other.entries).for_each(|(entry, more)| *entry += more);
        self
    }

    /// The distance of the furthest diagonal.
    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    const fn index(&self, i: usize, j: usize) -> usize {
        i * (self.width + 1) + (i - j)
    }

    /// A x.
    pub(crate) fn times(&self, x: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.size];
        for i in 0..self.size {
            product[i] += self.get(i, i) * x[i];
            for j in i.saturating_sub(self.width)..i {
                let entry = self.get(i, j);
                product[i] += entry * x[j];
                product[j] += entry * x[i];
            }
        }
        product
    }

    /// Factorizes the matrix; `None` if it is not positive definite.
    pub(crate) fn factor(mut self) -> Option<BandedFactor> {
        for i in 0..self.size {
            let first = i.saturating_sub(self.width);
            for j in first..i {
                let mut sum = self.get(i, j);
                for k in first.max(j.saturating_sub(self.width))..j {
                    sum -= self.get(i, k) * self.get(k, k) * self.get(j, k);
                }
                let index = self.index(i, j);
                self.entries[index] = sum / self.get(j, j);
            }
            let pivot =
                (first..i).fold(self.get(i, i), |rest, k| rest - self.get(i, k) * self.get(i, k) * self.get(k, k));
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            let index = self.index(i, i);
            self.entries[index] = pivot;
        }
        Some(BandedFactor(self))
    }
}

impl BandedFactor {
    /// Solves A x = b in place.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        let BandedMatrix { width, entries, .. } = &self.0;
        let rows = || entries.chunks_exact(width + 1).enumerate();
        for (i, row) in rows() {
            for distance in (1..=i.min(*width)).rev() {
                b[i] -= row[distance] * b[i - distance];
            }
        }
        for (value, (_, row)) in b.iter_mut().zip(rows()) {
            *value /= row[0];
        }
        for (i, row) in rows().rev() {
            for distance in 1..=i.min(*width) {
                b[i - distance] -= row[distance] * b[i];
            }
        }
    }

    /// Solves A X = B in place, for a row-major B with this many columns.
    pub(crate) fn solve_columns(&self, b: &mut [f64], columns: usize) {
        let BandedMatrix { width, entries, .. } = &self.0;
        let rows = || entries.chunks_exact(width + 1).enumerate();
        let subtract = |to: &mut [f64], factor: f64, from: &[f64]| {
            to.iter_mut().zip(from).for_each(|(to, from)| *to -= factor * from);
        };
        for (i, row) in rows() {
            let (before, own) = b.split_at_mut(i * columns);
            for distance in (1..=i.min(*width)).rev() {
                subtract(&mut own[..columns], row[distance], &before[(i - distance) * columns..]);
            }
        }
        for (values, (_, row)) in b.chunks_exact_mut(columns.max(1)).zip(rows()) {
            for value in values {
                *value /= row[0];
            }
        }
        for (i, row) in rows().rev() {
            let (before, own) = b.split_at_mut(i * columns);
            for (distance, factor) in row.iter().enumerate().take(i + 1).skip(1) {
                let first = (i - distance) * columns;
                subtract(&mut before[first..first + columns], *factor, own);
            }
        }
    }

    /// The entries of A⁻¹ within the band only (Takahashi, Fagan and Chin 1973; Rue and Martino 2007, eq. 5).
    pub(crate) fn inverse_band(&self) -> BandedMatrix {
        let BandedMatrix { size, width, .. } = self.0;
        let mut inverse = BandedMatrix::zeros(size, width);
        for i in (0..size).rev() {
            let last = (i + width).min(size - 1);
            for j in (i..=last).rev() {
                let own = if i == j { 1.0 / self.0.get(i, i) } else { 0.0 };
                let sum: f64 = (i + 1..=last).map(|k| self.0.get(k, i) * inverse.get(k, j)).sum();
                inverse.add(i, j, own - sum);
            }
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A positive definite banded matrix, with a dominant diagonal.
    fn banded() -> impl Strategy<Value = BandedMatrix> {
        (1_usize..9, 0_usize..3).prop_flat_map(|(size, width)| {
            prop::collection::vec(-1.0..1.0_f64, size * (width + 1)).prop_map(move |values| {
                let mut matrix = BandedMatrix::zeros(size, width);
                for i in 0..size {
                    for j in i.saturating_sub(width)..i {
                        matrix.add(i, j, values[i * (width + 1) + i - j]);
                    }
                    matrix.add(i, i, 5.0 + values[i * (width + 1)]);
                }
                matrix
            })
        })
    }

    proptest! {
        #[test]
        fn solving_undoes_multiplying(matrix in banded()) {
            let x: Vec<f64> = (0..matrix.size).map(|i| i as f64 - 2.5).collect();
            let mut b = matrix.times(&x);
            let factor = matrix.factor().unwrap();
            let mut columns: Vec<f64> = b.iter().flat_map(|value| [*value, 0.0, -2.0 * value]).collect();
            factor.solve_columns(&mut columns, 3);
            factor.solve(&mut b);
            prop_assert!(columns.chunks(3).zip(&b).all(|(row, value)| row == [*value, 0.0, -2.0 * value]));
            for (found, expected) in b.iter().zip(&x) {
                prop_assert!((found - expected).abs() < 1e-9, "{found} {expected}");
            }
        }

        #[test]
        fn the_inverse_band_holds_entries_of_the_inverse(matrix in banded()) {
            let (size, width) = (matrix.size, matrix.width);
            let factor = matrix.factor().unwrap();
            let band = factor.inverse_band();
            for j in 0..size {
                let mut unit = vec![0.0; size];
                unit[j] = 1.0;
                factor.solve(&mut unit);
                for (i, entry) in unit.iter().enumerate().take(j + width + 1).skip(j) {
                    prop_assert!((band.get(i, j) - entry).abs() < 1e-9, "{i} {j}");
                }
            }
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        let mut matrix = BandedMatrix::zeros(2, 1);
        matrix.add(0, 0, 1.0);
        matrix.add(1, 1, 1.0);
        matrix.add(1, 0, 2.0);
        assert!(matrix.clone().factor().is_none());
        matrix.add(1, 1, 4.0);
        assert!(matrix.factor().is_some());
    }
}
