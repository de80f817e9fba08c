//! What can be counted in a column before its kind is known.

use super::{MISSING, TextColumn};

/// A column with its counts.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    column: &'a TextColumn,
    /// Rows by code.
    pub(super) counts: Vec<u64>,
    /// Rows with a value that is among the texts.
    pub(crate) listed: u64,
    /// Rows with a value.
    pub(crate) present: u64,
    /// All rows.
    pub(crate) rows: u64,
}

impl<'a> Facts<'a> {
    /// The facts of a column.
    pub(crate) fn of(column: &'a TextColumn) -> Self {
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
        Self { column, counts, listed, present, rows }
    }

    /// Every distinct text that occurs, with its number of rows, in the order in which they first came.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&'a str, u64)> {
        self.column.texts.texts().iter().zip(self.counts.iter().copied()).filter(|(_, count)| *count > 0)
    }

    /// Rows by the number of their text, in the order of [`TextColumn::by_code`].
    pub(crate) fn counts_by_code(&self) -> impl Iterator<Item = u64> {
        self.counts.iter().copied()
    }

    /// How many distinct texts occur.
    pub(crate) fn distinct(&self) -> u64 {
        let listed = self.counts.iter().filter(|count| **count > 0).count();
        let unlisted = self.column.counted.distinct().map_or(0, |all| all.saturating_sub(self.counts.len()));
        (listed + unlisted) as u64
    }

    /// The share of listed cells that pass, from 0 to 1; 0 where there are none.
    pub(crate) fn share(&self, passes: impl Fn(&str) -> bool) -> f64 {
        self.mean(|text| f64::from(u8::from(passes(text))))
    }

    /// The mean of a figure over listed cells; 0 where there are none.
    pub(crate) fn mean(&self, figure: impl Fn(&str) -> f64) -> f64 {
        let sum: f64 = self.texts().map(|(text, count)| figure(text) * count as f64).sum();
        if self.listed == 0 { 0.0 } else { sum / self.listed as f64 }
    }

    /// Distinct texts per present cell, from 0 to 1.
    pub(crate) fn distinct_share(&self) -> f64 {
        if self.present == 0 { 0.0 } else { self.distinct() as f64 / self.present as f64 }
    }

    /// The most frequent texts, at most so many.
    pub(crate) fn most_frequent(&self, most: usize) -> Vec<(&'a str, u64)> {
        let mut texts: Vec<(&str, u64)> = self.texts().collect();
        // Stable, so that equally frequent texts stay in the order of the file.
        texts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        texts.truncate(most);
        texts
    }
}
