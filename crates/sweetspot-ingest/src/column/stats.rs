//! Statistics of a column before its kind is known.

use super::{MISSING, TextColumn};

/// A column with its counts.
#[derive(Debug)]
pub(crate) struct ColumnStats<'a> {
    column: &'a TextColumn,
    /// The number of rows by code.
    pub(super) counts: Vec<u64>,
    /// The number of rows whose text is listed.
    pub(crate) listed_rows: u64,
    /// The number of rows with a value.
    pub(crate) present: u64,
    /// The number of rows.
    pub(crate) rows: u64,
}

impl<'a> ColumnStats<'a> {
    /// Computes the statistics of a column.
    pub(crate) fn new(column: &'a TextColumn) -> Self {
        let mut counts = vec![0; column.texts.len()];
        for code in column.codes.iter().filter(|code| **code != MISSING) {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        let counted = &column.counted;
        counts.iter_mut().zip(&counted.by_code).for_each(|(count, further)| *count += further);
        let listed = counts.iter().sum();
        let (present, rows) = (listed + counted.unlisted, column.codes.len() as u64 + counted.rows);
        Self { column, counts, listed_rows: listed, present, rows }
    }

    /// Returns every distinct text that occurs, with its row count, in order of first occurrence.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&'a str, u64)> {
        self.column.texts.texts().iter().zip(self.counts.iter().copied()).filter(|(_, count)| *count > 0)
    }

    /// Returns row counts by code, in the order of [`TextColumn::texts_by_code`].
    pub(crate) fn counts_by_code(&self) -> impl Iterator<Item = u64> {
        self.counts.iter().copied()
    }

    /// Returns the number of distinct texts.
    pub(crate) fn distinct(&self) -> u64 {
        let listed = self.counts.iter().filter(|count| **count > 0).count();
        let unlisted = self.column.counted.distinct().map_or(0, |all| all.saturating_sub(self.counts.len()));
        (listed + unlisted) as u64
    }

    /// Returns the share of listed cells that pass, from 0 to 1; 0 if there are none.
    pub(crate) fn share_of_cells(&self, passes: impl Fn(&str) -> bool) -> f64 {
        self.cell_mean(|text| f64::from(u8::from(passes(text))))
    }

    /// Returns the mean of a figure over listed cells; 0 if there are none.
    pub(crate) fn cell_mean(&self, figure: impl Fn(&str) -> f64) -> f64 {
        let sum: f64 = self.texts().map(|(text, count)| figure(text) * count as f64).sum();
        if self.listed_rows == 0 { 0.0 } else { sum / self.listed_rows as f64 }
    }

    /// Returns the number of distinct texts per present cell, from 0 to 1.
    pub(crate) fn distinct_share(&self) -> f64 {
        if self.present == 0 { 0.0 } else { self.distinct() as f64 / self.present as f64 }
    }

    /// Returns the `max_count` most frequent texts.
    pub(crate) fn most_frequent(&self, max_count: usize) -> Vec<(&'a str, u64)> {
        let mut texts: Vec<(&str, u64)> = self.texts().collect();
        // The sort is stable, so that equally frequent texts stay in file order.
        texts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        texts.truncate(max_count);
        texts
    }
}
