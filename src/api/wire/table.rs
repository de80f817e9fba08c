//! A table of accounts, read as it stands on the wire. As with rows, what is not beyond doubt is [`Odd`].

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::column::Column;
use super::fields::{Field, Fields};
use super::row::{Odd, text};
use crate::api::convert::value::usable_name;
use crate::api::limits::{ACCOUNT_ID_BYTES, ATTRIBUTES};

/// Columns of one length, every cell of which can be used.
#[derive(Debug)]
pub(in crate::api) struct Table<'a> {
    pub(in crate::api) ids: Vec<&'a str>,
    pub(in crate::api) columns: Vec<Column<'a>>,
}

impl<'a> Table<'a> {
    /// Reads an `AccountTable`.
    ///
    /// # Errors
    /// Where anything is unusual.
    pub(in crate::api) fn read(table: &'a [u8]) -> Result<Self, Odd> {
        let (mut ids, mut columns) = (Vec::new(), Vec::new());
        let mut fields = Fields::new(table);
        while let Some((number, field)) = fields.next().map_err(|_| Odd)? {
            match (number, field) {
                (1, Field::Bytes(bytes)) => ids.push(text(bytes, ACCOUNT_ID_BYTES)?),
                (2, Field::Bytes(bytes)) if columns.len() < ATTRIBUTES => columns.push(Column::read(bytes)?),
                _ => return Err(Odd),
            }
        }
        let distinct: HashSet<&str, RandomState> = ids.iter().copied().collect();
        let names: HashSet<&str> = columns.iter().map(|column| column.name).collect();
        let sound = distinct.len() == ids.len()
            && !distinct.contains("")
            && names.len() == columns.len()
            && columns.iter().all(|column| usable_name(column.name) && column.is_sound(ids.len()));
        if sound { Ok(Self { ids, columns }) } else { Err(Odd) }
    }
}
