//! A column of texts: deduplicated, counted, classified, and converted to values of one kind.

mod convert_texts;
mod decide_format;
mod describe;
mod format_evidence;
mod infer;
mod role_by_content;
mod stats;
mod typed_column_builder;
mod unstored_rows;

use std::hash::RandomState;

pub(super) use convert_texts::{CellParser, ambiguous_note, build, unreadable_note};
pub(super) use decide_format::{
    ColumnFormatError, ColumnFormatInput, FileFormatHints, FormatDecision, FormatReason, decide,
};
pub(super) use describe::{describe, list_note};
pub(super) use format_evidence::{FormatEvidence, is_likely_serial};
pub(super) use infer::infer;
pub(super) use role_by_content::assess_role;
pub(super) use stats::ColumnStats;
pub(super) use typed_column_builder::TypedColumnBuilder;

use self::unstored_rows::UnstoredRowCounts;
use super::limits::{MAX_TEXT_BYTES, clip};

/// The texts of a file. The hasher has a random key, so that a crafted file cannot cause collisions.
pub(super) type TextInterner = sweetspot_core::Interner<RandomState>;

/// The code of a missing cell.
const MISSING: u32 = u32::MAX;

/// The distinct texts of one column, and one code per row. In a long file, the last rows may only be counted.
#[derive(Debug, Default)]
pub(super) struct TextColumn {
    texts: TextInterner,
    /// By code: the row of the file in which the text occurs first.
    first_rows: Vec<u64>,
    codes: Vec<u32>,
    counted: UnstoredRowCounts,
    clipped: u64,
}

impl TextColumn {
    /// Adds a cell of this row of the file; `None` is missing. Returns the number of bytes by which the column has
    /// grown.
    pub(super) fn push(&mut self, row: u64, cell: Option<&str>) -> usize {
        let before = self.texts.texts().bytes();
        let code = cell.map_or(MISSING, |text| {
            self.clipped += u64::from(text.len() > MAX_TEXT_BYTES);
            self.texts.intern(clip(text))
        });
        self.first_rows.resize(self.texts.len(), row);
        self.codes.push(code);
        self.texts.texts().bytes() - before
    }

    /// Counts a cell of a row after the stored ones. Returns the number of bytes by which the column has grown.
    pub(super) fn count(&mut self, row: u64, cell: Option<&str>) -> usize {
        self.counted.rows += 1;
        let Some(text) = cell.map(clip) else { return 0 };
        if self.counted.add(text, &mut self.texts, &self.codes) {
            self.first_rows.push(row);
            text.len()
        } else {
            size_of::<u64>()
        }
    }

    /// Must be called after the last counted cell.
    pub(super) fn finish(&mut self) {
        self.counted.finish();
    }

    /// Marks these texts as missing in every row.
    pub(super) fn mark_missing(&mut self, is_missing: impl Fn(&str) -> bool) {
        let missing: Vec<bool> = self.texts.texts().iter().map(is_missing).collect();
        if missing.contains(&true) {
            for code in &mut self.codes {
                if missing.get(*code as usize) == Some(&true) {
                    *code = MISSING;
                }
            }
            self.counted
                .by_code
                .iter_mut()
                .zip(missing)
                .filter(|(_, missing)| *missing)
                .for_each(|(count, _)| *count = 0);
        }
    }

    /// Returns the code of each row's text. Equal texts have equal codes.
    pub(super) fn codes(&self) -> impl Iterator<Item = Option<u32>> {
        self.codes.iter().map(|code| (*code != MISSING).then_some(*code))
    }

    /// Returns every text by its code, including those that no longer occur in any row.
    pub(super) fn texts_by_code(&self) -> impl Iterator<Item = &str> {
        self.texts.texts().iter()
    }

    /// Returns every text that occurs in a row, and the row of the file in which it occurs first.
    pub(super) fn first_rows(&self) -> impl Iterator<Item = (&str, u64)> {
        let stats = ColumnStats::new(self);
        let rows = self.first_rows.iter().copied().zip(stats.counts);
        self.texts_by_code().zip(rows).filter(|(_, (_, count))| *count > 0).map(|(text, (row, _))| (text, row))
    }

    /// Returns the text of each row.
    pub(super) fn row_texts(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.codes.iter().map(|code| self.texts.get(*code))
    }
}
