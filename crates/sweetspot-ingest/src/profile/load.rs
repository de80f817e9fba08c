//! Reads every column of a file and finds out which texts mean missing.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use rayon::prelude::*;

use super::Facts;
use super::words::is_missing_marker;
use crate::column::{TextColumn, infer};
use crate::error::IngestError;
use crate::history::Missing;
use crate::limits::{MAX_CELLS, MAX_DISTINCT_BYTES};
use crate::mapping::{ColumnSettings, Mapping};
use crate::source::{Rejects, Rows, cell};
use crate::suggest::listing;

/// Means that something is not available, or North America, or Namibia.
const NOT_AVAILABLE: &str = "NA";

/// All columns, and what was found on the way.
pub(super) struct Loaded {
    pub(super) rows: u64,
    pub(super) columns: Vec<TextColumn>,
    pub(super) rejects: Rejects,
    /// Of each column, the texts in it that were recognized as missing, and their rows.
    pub(super) missing: Vec<Vec<(String, u64)>>,
    /// Texts that mean missing in every column: those of the mapping, else those that were recognized.
    pub(super) markers: Vec<String>,
    /// What holds for single columns, where no mapping is given.
    pub(super) settings: BTreeMap<String, ColumnSettings>,
    /// What a reader should know of them, one sentence each.
    pub(super) notes: Vec<String>,
}

/// Rows that are kept; in those after them texts are counted.
pub(super) const MAX_ROWS_KEPT: u64 = 100_000;
/// Rows, and bytes of them, that are read before their cells are handed to the columns.
const BLOCK_ROWS: usize = 2_000;
const BLOCK_BYTES: usize = 4 << 20;

/// Some rows, each with its number.
#[derive(Debug, Default)]
struct Block {
    rows: Vec<(u64, StringRecord)>,
    filled: usize,
    bytes: usize,
}

impl Block {
    /// Reads on until the block is full or the file ends.
    fn fill(&mut self, rows: &mut Rows, rejects: &mut Rejects) -> Result<(), IngestError> {
        (self.filled, self.bytes) = (0, 0);
        while self.filled < BLOCK_ROWS && self.bytes < BLOCK_BYTES {
            match rows.advance()? {
                None => break,
                Some(Err(reject)) => rejects.push(reject),
                Some(Ok(row)) => self.push(row.number, row.record()),
            }
        }
        Ok(())
    }

    /// Copies a row into a place that an earlier row has left.
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
pub(super) fn load(rows: &mut Rows, mapping: Option<&Mapping>) -> Result<Loaded, IngestError> {
    let missing = Missing::new(mapping.unwrap_or(&Mapping::default()), rows.columns());
    let mut columns: Vec<TextColumn> = rows.columns().iter().map(|_| TextColumn::default()).collect();
    let mut rejects = Rejects::default();
    let (mut count, mut bytes) = (0_u64, 0_usize);
    let [mut block, mut next] = [Block::default(), Block::default()];
    block.fill(rows, &mut rejects)?;
    while block.filled > 0 {
        let take = |(place, column): (usize, &mut TextColumn)| -> usize {
            let cells = block.rows().iter().zip(count..).map(|((row, record), before)| {
                let text = missing.known(place, record.get(place).map_or("", cell));
                if before < MAX_ROWS_KEPT { column.push(*row, text) } else { column.count(*row, text) }
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
    let mut loaded = Loaded {
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

impl Loaded {
    /// The marker texts that occur, whose cells become missing; and what is to be said of `NA` among codes.
    fn recognize(&mut self, names: &[String]) {
        let has = |column: &TextColumn| Facts::of(column).texts().any(|(text, _)| text == NOT_AVAILABLE);
        let is_code: Vec<bool> =
            self.columns.iter().map(|column| has(column) && holds_codes(&Facts::of(column))).collect();
        let elsewhere = self.columns.iter().zip(&is_code).any(|(column, is_code)| !is_code && has(column));
        let codes = || names.iter().zip(&is_code).filter(|(_, is_code)| **is_code).map(|(name, _)| name.as_str());
        if codes().next().is_some() {
            let listed = listing(codes(), 5);
            let beside = if elsewhere { ", and counts as missing in other columns" } else { "" };
            self.notes.push(format!(
                "{NOT_AVAILABLE} is read as a code like the others in {listed}{beside}: add it to missing if it means not \
                 available there"
            ));
        }
        if elsewhere {
            let kept = ColumnSettings { not_missing: vec![NOT_AVAILABLE.to_owned()], ..ColumnSettings::default() };
            self.settings.extend(codes().map(|name| (name.to_owned(), kept.clone())));
        }
        let mut found = BTreeSet::new();
        for ((column, missing), is_code) in self.columns.iter_mut().zip(&mut self.missing).zip(is_code) {
            let is_marker = |text: &str| is_missing_marker(text) && !(is_code && text == NOT_AVAILABLE);
            forget(column, missing, is_marker);
            found.extend(missing.iter().map(|(text, _)| text.clone()));
        }
        self.markers = std::iter::once(String::new()).chain(found).collect();
    }

    /// Texts that are no values of the one kind that a column holds otherwise.
    fn recognize_in_columns(&mut self, names: &[String], mapping: Option<&Mapping>) {
        let open = |name: &String| mapping.is_none_or(|mapping| !mapping.kinds.contains_key(name));
        let markers = |(name, column): (&String, &TextColumn)| {
            if open(name) { infer(name, &Facts::of(column)).missing } else { Vec::new() }
        };
        let found: Vec<Vec<String>> = names.par_iter().zip(&self.columns).map(markers).collect();
        let columns = names.iter().zip(&mut self.columns).zip(&mut self.missing).zip(found);
        for (((name, column), missing), texts) in columns.filter(|(_, texts)| !texts.is_empty()) {
            forget(column, missing, |text| texts.iter().any(|marker| marker == text));
            if mapping.is_none() {
                self.settings.entry(name.clone()).or_default().missing = texts;
            }
        }
    }
}

/// Makes texts of a column missing, and lists them.
fn forget(column: &mut TextColumn, missing: &mut Vec<(String, u64)>, is_missing: impl Fn(&str) -> bool) {
    let gone = Facts::of(column);
    let gone = gone.texts().filter(|(text, _)| is_missing(text)).map(|(text, count)| (text.to_owned(), count));
    missing.extend(gone.collect::<Vec<_>>());
    column.forget(is_missing);
}

/// Whether the texts are codes of a few capital letters, such as regions and countries have.
fn holds_codes(facts: &Facts<'_>) -> bool {
    let code = |text: &str| (2..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase());
    facts.distinct() > 2 && facts.texts().all(|(text, _)| code(text) || is_missing_marker(text))
}
