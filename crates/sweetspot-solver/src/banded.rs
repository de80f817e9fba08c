//! Symmetric matrices whose entries lie near the diagonal: one term's own block.
#![expect(clippy::indexing_slicing, reason = "all indices stay within one band of one matrix")]

/// The lower triangle of a symmetric banded matrix: entry (i, i − d) for every d up to the width.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Banded {
    size: usize,
    width: usize,
    entries: Vec<f64>,
}

/// A = L D Lᵀ with ones on L's diagonal; the diagonal holds D.
#[derive(Clone, Debug)]
pub(super) struct Factor(Banded);

impl Banded {
    /// All zeros; entries further than `width` from the diagonal stay so.
    pub(crate) fn zeros(size: usize, width: usize) -> Self {
        Self { size, width, entries: vec![0.0; size * (width + 1)] }
    }

    /// The entry in row `i` and column `j`, within the band.
    pub(crate) fn at(&self, i: usize, j: usize) -> f64 {
        self.entries[self.index(i.max(j), i.min(j))]
    }

    /// Adds to the entry in row `i` and column `j`, and so to its mirror image, within the band.
    pub(crate) fn add(&mut self, i: usize, j: usize, value: f64) {
        let index = self.index(i.max(j), i.min(j));
        self.entries[index] += value;
    }

    /// A + B, of one shape.
    pub(crate) fn plus(mut self, other: &Self) -> Self {
        self.entries.iter_mut().zip(&other.entries).for_each(|(entry, more)| *entry += more);
        self
    }

    const fn index(&self, i: usize, j: usize) -> usize {
        i * (self.width + 1) + (i - j)
    }

    /// A x.
    pub(crate) fn times(&self, x: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.size];
        for i in 0..self.size {
            product[i] += self.at(i, i) * x[i];
            for j in i.saturating_sub(self.width)..i {
                let entry = self.at(i, j);
                product[i] += entry * x[j];
                product[j] += entry * x[i];
            }
        }
        product
    }

    /// Factorises; nothing where the matrix is not positive definite.
    pub(crate) fn factor(mut self) -> Option<Factor> {
        for i in 0..self.size {
            let first = i.saturating_sub(self.width);
            for j in first..i {
                let mut sum = self.at(i, j);
                for k in first.max(j.saturating_sub(self.width))..j {
                    sum -= self.at(i, k) * self.at(k, k) * self.at(j, k);
                }
                let index = self.index(i, j);
                self.entries[index] = sum / self.at(j, j);
            }
            let pivot = (first..i).fold(self.at(i, i), |rest, k| rest - self.at(i, k) * self.at(i, k) * self.at(k, k));
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            let index = self.index(i, i);
            self.entries[index] = pivot;
        }
        Some(Factor(self))
    }
}

impl Factor {
    /// Solves A x = b in place.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        let Banded { size, width, .. } = self.0;
        for i in 0..size {
            for j in i.saturating_sub(width)..i {
                b[i] -= self.0.at(i, j) * b[j];
            }
        }
        for (i, value) in b.iter_mut().enumerate() {
            *value /= self.0.at(i, i);
        }
        for i in (0..size).rev() {
            for j in i.saturating_sub(width)..i {
                b[j] -= self.0.at(i, j) * b[i];
            }
        }
    }

    /// A⁻¹, row-major.
    pub(crate) fn inverse(&self) -> Vec<f64> {
        let size = self.0.size;
        let mut inverse = vec![0.0; size * size];
        for (i, row) in inverse.chunks_exact_mut(size.max(1)).enumerate() {
            row[i] = 1.0;
            self.solve(row);
        }
        inverse
    }

    /// The entries of A⁻¹ within the band, without the others (Takahashi, Fagan and Chin 1973; Rue and Martino 2007, eq. 5).
    pub(crate) fn inverse_band(&self) -> Banded {
        let Banded { size, width, .. } = self.0;
        let mut inverse = Banded::zeros(size, width);
        for i in (0..size).rev() {
            let last = (i + width).min(size - 1);
            for j in (i..=last).rev() {
                let own = if i == j { 1.0 / self.0.at(i, i) } else { 0.0 };
                let sum: f64 = (i + 1..=last).map(|k| self.0.at(k, i) * inverse.at(k, j)).sum();
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

    /// A positive definite band: a dominant diagonal.
    fn banded() -> impl Strategy<Value = Banded> {
        (1_usize..9, 0_usize..3).prop_flat_map(|(size, width)| {
            prop::collection::vec(-1.0..1.0_f64, size * (width + 1)).prop_map(move |values| {
                let mut matrix = Banded::zeros(size, width);
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
            matrix.factor().unwrap().solve(&mut b);
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
                    prop_assert!((band.at(i, j) - entry).abs() < 1e-9, "{i} {j}");
                }
            }
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        let mut matrix = Banded::zeros(2, 1);
        matrix.add(0, 0, 1.0);
        matrix.add(1, 1, 1.0);
        matrix.add(1, 0, 2.0);
        assert!(matrix.clone().factor().is_none());
        matrix.add(1, 1, 4.0);
        assert!(matrix.factor().is_some());
    }
}
