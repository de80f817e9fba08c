//! Reads a table of accounts in wire format. As with rows, unusual input results in [`NeedsFallback`].

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::column::WireColumn;
use super::field_numbers::account_table;
use super::fields::{WireField, WireFields};
use super::row::{NeedsFallback, read_text};
use crate::api::convert::attribute_value::is_usable_name;
use crate::api::limits::{MAX_ACCOUNT_ID_BYTES, MAX_ATTRIBUTES};

/// Columns of equal length in which every cell is valid.
#[derive(Debug)]
pub(in crate::api) struct WireTable<'a> {
    pub(in crate::api) ids: Vec<&'a str>,
    pub(in crate::api) columns: Vec<WireColumn<'a>>,
}

impl<'a> WireTable<'a> {
    /// Reads an `AccountTable`.
    ///
    /// # Errors
    /// If anything is unusual.
    pub(in crate::api) fn read(table: &'a [u8]) -> Result<Self, NeedsFallback> {
        let (mut ids, mut columns) = (Vec::new(), Vec::new());
        let mut fields = WireFields::new(table);
        while let Some((number, field)) = fields.next().map_err(|_| NeedsFallback)? {
            match (number, field) {
                (account_table::ACCOUNT_IDS, WireField::Bytes(bytes)) => {
                    ids.push(read_text(bytes, MAX_ACCOUNT_ID_BYTES)?);
                }
                (account_table::COLUMNS, WireField::Bytes(bytes)) if columns.len() < MAX_ATTRIBUTES => {
                    columns.push(WireColumn::read(bytes)?);
                }
                _ => return Err(NeedsFallback),
            }
        }
        let distinct: HashSet<&str, RandomState> = ids.iter().copied().collect();
        let names: HashSet<&str> = columns.iter().map(|column| column.name).collect();
        let sound = distinct.len() == ids.len()
            && !distinct.contains("")
            && names.len() == columns.len()
            && columns.iter().all(|column| is_usable_name(column.name) && column.is_valid(ids.len()));
        if sound { Ok(Self { ids, columns }) } else { Err(NeedsFallback) }
    }
}
