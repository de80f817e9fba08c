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

/// All columns, and what was found on the way.
pub(super) struct Loaded {
    pub(super) rows: u64,
    pub(super) columns: Vec<TextColumn>,
    pub(super) rejects: Rejects,
    /// Texts that mean missing: those of the mapping, else those that were recognised.
    pub(super) markers: Vec<String>,
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
    if count == 0 {
        return Err(IngestError::NoRows { file: rows.name().to_owned(), why: rejects.why_no_rows() });
    }
    let markers = mapping.map_or_else(|| recognise(&mut columns), |mapping| mapping.missing.clone());
    Ok(Loaded { rows: count, columns, rejects, markers })
}

/// The marker texts that occur; their cells become missing.
fn recognise(columns: &mut [TextColumn]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for column in columns {
        found.extend(
            Facts::of(column).texts().map(|(text, _)| text).filter(|text| is_missing_marker(text)).map(str::to_owned),
        );
        column.forget(is_missing_marker);
    }
    std::iter::once(String::new()).chain(found).collect()
}
