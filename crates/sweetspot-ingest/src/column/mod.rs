//! One column of texts: kept once each, counted, judged, and turned into values of one kind.

mod build;
mod counted;
mod decide;
mod describe;
mod evidence;
mod facts;
mod infer;
mod judge;
mod typed;

use std::hash::RandomState;

pub(super) use build::{Reader, ambiguous_note, build, unreadable_note};
pub(super) use decide::{Because, Candidate, Decision, FileFormat, Undecided, decide};
pub(super) use describe::{describe, list_note};
pub(super) use evidence::{Evidence, is_likely_serial};
pub(super) use facts::Facts;
pub(super) use infer::infer;
pub(super) use judge::judge;
pub(super) use typed::TypedColumn;

use self::counted::Counted;
use super::limits::{MAX_TEXT_BYTES, clip};

/// Texts of a file. The hasher is keyed at random, so that no file can be made slow on purpose.
pub(super) type Interner = sweetspot_core::Interner<RandomState>;

/// The code of a missing cell.
const MISSING: u32 = u32::MAX;

/// The texts of one column, each kept once, with one code a row. Of a long file the rows at the end may be counted only.
#[derive(Debug, Default)]
pub(super) struct TextColumn {
    texts: Interner,
    /// By code: the row of the file in which the text first came.
    first_rows: Vec<u64>,
    codes: Vec<u32>,
    counted: Counted,
    clipped: u64,
}

impl TextColumn {
    /// Adds a cell of this row of the file; `None` is missing. Returns by how many bytes the column has grown.
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

    /// Counts a cell of a row that comes after those that are kept. Returns by how many bytes the column has grown.
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

    /// To be called behind the last cell that is counted.
    pub(super) fn finish(&mut self) {
        self.counted.finish();
    }

    /// Makes these texts missing in every row.
    pub(super) fn forget(&mut self, is_missing: impl Fn(&str) -> bool) {
        let gone: Vec<bool> = self.texts.texts().iter().map(is_missing).collect();
        if gone.contains(&true) {
            for code in &mut self.codes {
                if gone.get(*code as usize) == Some(&true) {
                    *code = MISSING;
                }
            }
            self.counted.by_code.iter_mut().zip(gone).filter(|(_, gone)| *gone).for_each(|(count, _)| *count = 0);
        }
    }

    /// The number of each row's text; equal texts have equal numbers.
    pub(super) fn codes(&self) -> impl Iterator<Item = Option<u32>> {
        self.codes.iter().map(|code| (*code != MISSING).then_some(*code))
    }

    /// Every text by its number, those that no row has any more included.
    pub(super) fn by_code(&self) -> impl Iterator<Item = &str> {
        self.texts.texts().iter()
    }

    /// Every text that a row has, and the row of the file in which it first came.
    pub(super) fn first_rows(&self) -> impl Iterator<Item = (&str, u64)> {
        let facts = Facts::of(self);
        let rows = self.first_rows.iter().copied().zip(facts.counts);
        self.by_code().zip(rows).filter(|(_, (_, count))| *count > 0).map(|(text, (row, _))| (text, row))
    }

    /// The text of each row.
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.codes.iter().map(|code| self.texts.get(*code))
    }
}
