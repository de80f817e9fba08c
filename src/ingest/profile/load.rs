//! Reads every column of a file and finds out which texts mean missing.

use std::collections::BTreeSet;

use crate::ingest::column::TextColumn;
use crate::ingest::error::IngestError;
use crate::ingest::history::Missing;
use crate::ingest::limits::{MAX_CELLS, MAX_DISTINCT_BYTES};
use crate::ingest::mapping::Mapping;
use crate::ingest::source::{Rejects, Rows};

use super::Facts;
use super::words::is_missing_marker;
use crate::ingest::suggest::listing;

/// Means that something is not available, or North America, or Namibia.
const NOT_AVAILABLE: &str = "NA";

/// All columns, and what was found on the way.
pub(super) struct Loaded {
    pub(super) rows: u64,
    pub(super) columns: Vec<TextColumn>,
    pub(super) rejects: Rejects,
    /// Texts that mean missing: those of the mapping, else those that were recognised.
    pub(super) markers: Vec<String>,
    /// What a reader should know of them, one sentence each.
    pub(super) notes: Vec<String>,
}

/// Reads every column once.
pub(super) fn load(rows: &mut Rows, mapping: Option<&Mapping>) -> Result<Loaded, IngestError> {
    let missing = Missing::new(mapping.unwrap_or(&Mapping::default()));
    let mut columns: Vec<TextColumn> = rows.columns().iter().map(|_| TextColumn::default()).collect();
    let mut rejects = Rejects::default();
    let (mut count, mut bytes) = (0_u64, 0_usize);
    while let Some(row) = rows.advance()? {
        match row {
            Err(reject) => rejects.push(reject),
            Ok(row) => {
                count += 1;
                for (place, column) in columns.iter_mut().enumerate() {
                    bytes += column.push(missing.known(row.cell(place)));
                }
            }
        }
        if count * columns.len() as u64 > MAX_CELLS || bytes > MAX_DISTINCT_BYTES {
            return Err(IngestError::TooLarge { file: rows.name().to_owned(), row: rows.count() });
        }
    }
    rejects.check(rows.name(), rows.count())?;
    if count == 0 {
        return Err(IngestError::NoRows { file: rows.name().to_owned(), why: rejects.why_no_rows() });
    }
    let (markers, notes) = match mapping {
        Some(mapping) => (mapping.missing.clone(), Vec::new()),
        None => recognize(rows.columns(), &mut columns),
    };
    Ok(Loaded { rows: count, columns, rejects, markers, notes })
}

/// The marker texts that occur, whose cells become missing; and what is to be said of `NA` among codes.
fn recognize(names: &[String], columns: &mut [TextColumn]) -> (Vec<String>, Vec<String>) {
    let (codes, others): (Vec<_>, Vec<_>) = names
        .iter()
        .zip(columns.iter())
        .filter(|(_, column)| Facts::of(column).texts().any(|(text, _)| text == NOT_AVAILABLE))
        .partition(|(_, column)| holds_codes(&Facts::of(column)));
    let names: Vec<&str> = codes.iter().map(|(name, _)| name.as_str()).collect();
    let kept = !names.is_empty() && others.is_empty();
    let listed = listing(names.iter().copied(), 5);
    let note = match (names.is_empty(), kept) {
        (true, _) => None,
        (false, true) => Some(format!(
            "{NOT_AVAILABLE} is read as a code like the others in {listed}: add it to missing if it means not available"
        )),
        (false, false) => Some(format!(
            "{NOT_AVAILABLE} counts as missing in every column, also in {listed}, whose other texts are codes: where it is one \
             of them, such as a region or a country, write it out in the file"
        )),
    };
    let is_marker = |text: &str| is_missing_marker(text) && !(kept && text == NOT_AVAILABLE);
    let mut found = BTreeSet::new();
    for column in columns {
        found.extend(Facts::of(column).texts().map(|(text, _)| text).filter(|text| is_marker(text)).map(str::to_owned));
        column.forget(is_marker);
    }
    (std::iter::once(String::new()).chain(found).collect(), note.into_iter().collect())
}

/// Whether the texts are codes of a few capital letters, such as regions and countries have.
fn holds_codes(facts: &Facts<'_>) -> bool {
    let code = |text: &str| (2..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase());
    facts.distinct() > 2 && facts.texts().all(|(text, _)| code(text) || is_missing_marker(text))
}
