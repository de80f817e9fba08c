//! One optional value per row, without the overhead of `Option`.

use std::fmt;
use std::ops::Range;

/// One optional value per row. Rows after the last present value take no memory.
///
/// ```
/// use sweetspot_core::NullableVec;
/// let cells: NullableVec<u32> = [Some(7), None, Some(9), None].into_iter().collect();
/// assert_eq!((cells.len(), cells.get(0), cells.get(1), cells.get(9)), (4, Some(7), None, None));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NullableVec<T> {
    len: usize,
    /// One value per row up to the last present one; `T::default()` for missing values, so that equal cells compare
    /// equal.
    values: Vec<T>,
    /// The rows with a value: one bit per row, least significant bit first.
    present: Vec<u8>,
}

impl<T: Copy + Default> NullableVec<T> {
    /// Creates cells from values and a bitmap of the present ones, least significant bit first. `None` if the bitmap
    /// does not have one bit per value, in whole bytes.
    #[must_use]
    pub fn from_dense(mut values: Vec<T>, mut present: Vec<u8>) -> Option<Self> {
        let len = values.len();
        if present.len() != len.div_ceil(8) {
            return None;
        }
        for (row, value) in values.iter_mut().enumerate() {
            if !bit(&present, row) {
                *value = T::default();
            }
        }
        let length = (0..len).rev().find(|row| bit(&present, *row)).map_or(0, |last| last + 1);
        values.truncate(length);
        present.truncate(length.div_ceil(8));
        if let Some(last) = present.last_mut() {
            *last &= 0xff >> (length.next_multiple_of(8) - length);
        }
        Some(Self { len, values, present })
    }

    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a row; `None` if it is missing or the row does not exist.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<T> {
        let value = self.values.get(row)?;
        bit(&self.present, row).then_some(*value)
    }

    /// Appends a row.
    pub fn push(&mut self, cell: Option<T>) {
        if let Some(value) = cell {
            self.values.resize(self.len, T::default());
            self.values.push(value);
            self.present.resize(self.values.len().div_ceil(8), 0);
            if let Some(byte) = self.present.last_mut() {
                *byte |= 1 << (self.len % 8);
            }
        }
        self.len += 1;
    }

    /// Extends the cells to at least `rows` rows; new rows are missing.
    pub fn pad(&mut self, rows: usize) {
        self.len = self.len.max(rows);
    }

    /// The values in row order.
    pub fn iter(&self) -> impl Iterator<Item = Option<T>> {
        self.range(0..self.len)
    }

    /// The values of these rows.
    pub fn range(&self, rows: Range<usize>) -> impl Iterator<Item = Option<T>> {
        rows.map(|row| self.get(row))
    }

    /// All values, with `T::default()` for missing ones.
    pub fn dense(&self) -> impl Iterator<Item = T> {
        let missing = self.len - self.values.len();
        self.values.iter().copied().chain(std::iter::repeat_n(T::default(), missing))
    }

    /// The rows with a value: one bit per row, least significant bit first.
    #[must_use]
    pub fn bitmap(&self) -> Vec<u8> {
        let mut bitmap = self.present.clone();
        bitmap.resize(self.len.div_ceil(8), 0);
        bitmap
    }
}

fn bit(bitmap: &[u8], row: usize) -> bool {
    bitmap.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1)
}

impl<T: Copy + Default> Extend<Option<T>> for NullableVec<T> {
    fn extend<I: IntoIterator<Item = Option<T>>>(&mut self, cells: I) {
        for cell in cells {
            self.push(cell);
        }
    }
}

impl<T: Copy + Default> FromIterator<Option<T>> for NullableVec<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(cells: I) -> Self {
        let cells = cells.into_iter();
        let mut all = Self { values: Vec::with_capacity(cells.size_hint().0), ..Self::default() };
        all.extend(cells);
        all
    }
}

impl<T: Copy + Default> From<Vec<Option<T>>> for NullableVec<T> {
    fn from(cells: Vec<Option<T>>) -> Self {
        cells.into_iter().collect()
    }
}

impl<T: Copy + Default + fmt::Debug> fmt::Debug for NullableVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests;
