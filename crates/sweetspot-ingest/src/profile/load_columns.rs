//! Reads every column of a file and determines which texts mean missing.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use rayon::prelude::*;

use super::ColumnStats;
use crate::column::{TextColumn, infer};
use crate::error::IngestError;
use crate::history::MissingTexts;
use crate::limits::{MAX_CELLS, MAX_DISTINCT_BYTES};
use crate::mapping::{ColumnSettings, Mapping};
use crate::quoted_list::quoted_list;
use crate::source::{RejectedRows, RowReader, cell_text};
use crate::word_lists::is_missing_marker;

/// Means not available, North America or Namibia.
const NOT_AVAILABLE: &str = "NA";

/// All columns, and what was determined while reading them.
pub(super) struct LoadedColumns {
    pub(super) rows: u64,
    pub(super) columns: Vec<TextColumn>,
    pub(super) rejects: RejectedRows,
    /// By column: the texts that were recognized as missing, and their row counts.
    pub(super) missing: Vec<Vec<(String, u64)>>,
    /// Texts that mean missing in every column: those of the mapping, otherwise those that were recognized.
    pub(super) markers: Vec<String>,
    /// The settings of single columns if no mapping is given.
    pub(super) settings: BTreeMap<String, ColumnSettings>,
    /// Notes, one sentence each.
    pub(super) notes: Vec<String>,
}

/// The maximum number of rows in memory. In later rows, texts are only counted.
pub(super) const MAX_STORED_ROWS: u64 = 100_000;
/// The limits on the rows, and on their bytes, that are read before their cells are added to the columns.
const BATCH_ROWS: usize = 2_000;
const BATCH_BYTES: usize = 4 << 20;

/// A batch of rows, each with its number.
#[derive(Debug, Default)]
struct RowBatch {
    rows: Vec<(u64, StringRecord)>,
    filled: usize,
    bytes: usize,
}

impl RowBatch {
    /// Reads until the batch is full or the file ends.
    fn fill(&mut self, rows: &mut RowReader, rejects: &mut RejectedRows) -> Result<(), IngestError> {
        (self.filled, self.bytes) = (0, 0);
        while self.filled < BATCH_ROWS && self.bytes < BATCH_BYTES {
            match rows.advance()? {
                None => break,
                Some(Err(reject)) => rejects.push(reject),
                Some(Ok(row)) => self.push(row.number, row.record()),
            }
        }
        Ok(())
    }

    /// Copies a row into a buffer that an earlier row used.
    fn push(&mut self, number: u64, record: &StringRecord) {
        if self.rows.len() == self.filled {
            self.rows.push((0, StringRecord::new()));
        }
        if let Some(place) = self.rows.get_mut(self.filled) {
            place.0 = number;
            place.1.clone_from(record);
        }
        self.filled += 1;
        self.bytes += record.as_slice().len();
    }

    fn rows(&self) -> &[(u64, StringRecord)] {
        self.rows.get(..self.filled).unwrap_or_default()
    }
}

/// Reads every column once.
pub(super) fn load(rows: &mut RowReader, mapping: Option<&Mapping>) -> Result<LoadedColumns, IngestError> {
    let missing = MissingTexts::new(mapping.unwrap_or(&Mapping::default()), rows.columns());
    let mut columns: Vec<TextColumn> = rows.columns().iter().map(|_| TextColumn::default()).collect();
    let mut rejects = RejectedRows::default();
    let (mut count, mut bytes) = (0_u64, 0_usize);
    let [mut block, mut next] = [RowBatch::default(), RowBatch::default()];
    block.fill(rows, &mut rejects)?;
    while block.filled > 0 {
        let take = |(place, column): (usize, &mut TextColumn)| -> usize {
            let cells = block.rows().iter().zip(count..).map(|((row, record), before)| {
                let text = missing.present_text(place, record.get(place).map_or("", cell_text));
                if before < MAX_STORED_ROWS { column.push(*row, text) } else { column.count(*row, text) }
            });
            cells.sum()
        };
        let (grown, read) = rayon::join(
            || columns.par_iter_mut().enumerate().map(take).sum::<usize>(),
            || next.fill(rows, &mut rejects),
        );
        bytes += grown;
        count += block.filled as u64;
        if count * columns.len() as u64 > MAX_CELLS || bytes > MAX_DISTINCT_BYTES {
            return Err(IngestError::TooLarge { file: rows.name().to_owned(), row: rows.count() });
        }
        read?;
        std::mem::swap(&mut block, &mut next);
    }
    columns.par_iter_mut().for_each(TextColumn::finish);
    rejects.check(rows.name(), rows.count())?;
    if count == 0 {
        return Err(IngestError::NoRows { file: rows.name().to_owned(), why: rejects.why_no_rows() });
    }
    let mut loaded = LoadedColumns {
        rows: count,
        missing: vec![Vec::new(); columns.len()],
        columns,
        rejects,
        markers: Vec::new(),
        settings: BTreeMap::new(),
        notes: Vec::new(),
    };
    match mapping {
        Some(mapping) => loaded.markers.clone_from(&mapping.missing),
        None => loaded.recognize(rows.columns()),
    }
    loaded.recognize_in_columns(rows.columns(), mapping);
    Ok(loaded)
}

impl LoadedColumns {
    /// Marks the cells with marker texts as missing, and adds a note on `NA` among codes.
    fn recognize(&mut self, names: &[String]) {
        let has = |column: &TextColumn| ColumnStats::new(column).texts().any(|(text, _)| text == NOT_AVAILABLE);
        let is_code: Vec<bool> =
            self.columns.iter().map(|column| has(column) && holds_codes(&ColumnStats::new(column))).collect();
        let is_also_marker = self.columns.iter().zip(&is_code).any(|(column, is_code)| !is_code && has(column));
        let codes = || names.iter().zip(&is_code).filter(|(_, is_code)| **is_code).map(|(name, _)| name.as_str());
        if codes().next().is_some() {
            let listed = quoted_list(codes(), 5);
            let exception = if is_also_marker { ", and counts as missing in other columns" } else { "" };
            self.notes.push(format!(
                "{NOT_AVAILABLE} is read as a code like the others in {listed}{exception}: add it to missing if it means not \
                 available there"
            ));
        }
        if is_also_marker {
            let settings = ColumnSettings { not_missing: vec![NOT_AVAILABLE.to_owned()], ..ColumnSettings::default() };
            self.settings.extend(codes().map(|name| (name.to_owned(), settings.clone())));
        }
        let mut found = BTreeSet::new();
        for ((column, missing), is_code) in self.columns.iter_mut().zip(&mut self.missing).zip(is_code) {
            let is_marker = |text: &str| is_missing_marker(text) && !(is_code && text == NOT_AVAILABLE);
            mark_missing(column, missing, is_marker);
            found.extend(missing.iter().map(|(text, _)| text.clone()));
        }
        self.markers = std::iter::once(String::new()).chain(found).collect();
    }

    /// Marks texts that are not values of the single kind that a column otherwise contains.
    fn recognize_in_columns(&mut self, names: &[String], mapping: Option<&Mapping>) {
        let open = |name: &String| mapping.is_none_or(|mapping| !mapping.kinds.contains_key(name));
        let markers = |(name, column): (&String, &TextColumn)| {
            if open(name) { infer(name, &ColumnStats::new(column)).missing } else { Vec::new() }
        };
        let found: Vec<Vec<String>> = names.par_iter().zip(&self.columns).map(markers).collect();
        let columns = names.iter().zip(&mut self.columns).zip(&mut self.missing).zip(found);
        for (((name, column), missing), texts) in columns.filter(|(_, texts)| !texts.is_empty()) {
            mark_missing(column, missing, |text| texts.iter().any(|marker| marker == text));
            if mapping.is_none() {
                self.settings.entry(name.clone()).or_default().missing = texts;
            }
        }
    }
}

/// Marks texts of a column as missing, and lists them.
fn mark_missing(column: &mut TextColumn, missing: &mut Vec<(String, u64)>, is_missing: impl Fn(&str) -> bool) {
    let stats = ColumnStats::new(column);
    let texts = stats.texts().filter(|(text, _)| is_missing(text)).map(|(text, count)| (text.to_owned(), count));
    missing.extend(texts.collect::<Vec<_>>());
    column.mark_missing(is_missing);
}

/// Returns whether the texts are codes of a few capital letters, such as those of regions and countries.
fn holds_codes(stats: &ColumnStats<'_>) -> bool {
    let code = |text: &str| (2..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase());
    stats.distinct() > 2 && stats.texts().all(|(text, _)| code(text) || is_missing_marker(text))
}
