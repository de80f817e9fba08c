//! Reads tables of accounts. Problems of cells belong to their rows; problems of the table's structure belong to the
//! request.

use std::collections::{BTreeMap, HashSet};

use sweetspot_core::{
    Account, Column, ColumnData, ColumnMetadata, Date, NullableLists, NullableVec, TextFormat, Value, ValueRef,
};
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::{self};

use super::attribute_value::{
    BAD_NAME, LIST_TOO_LONG, NOT_FINITE, TEXT_TOO_LONG, is_too_long, is_usable_name, quote_name,
};
use super::row_faults::RowFaults;
use crate::api::limits::{MAX_ATTRIBUTES, MAX_LIST_ITEMS, MAX_TEXT_BYTES};
use crate::api::violations::Violations;

/// Columns of equal length. Invalid cells are missing values.
#[derive(Debug)]
pub(in crate::api) struct ParsedTable {
    pub(in crate::api) ids: Vec<String>,
    pub(in crate::api) columns: Vec<Column>,
    /// What is stated about columns besides their values.
    pub(in crate::api) metadata: BTreeMap<String, ColumnMetadata>,
}

impl ParsedTable {
    /// Returns a row as an account.
    pub(in crate::api) fn account(&self, row: usize) -> Account {
        let values =
            self.columns.iter().filter_map(|column| Some((column.name.clone(), owned_value(&column.data.get(row)?))));
        Account { id: self.ids.get(row).cloned().unwrap_or_default(), attributes: values.collect() }
    }
}

fn owned_value(value: &ValueRef<'_>) -> Value {
    match value {
        ValueRef::Number(number) => Value::Number(*number),
        ValueRef::Text(text) => Value::Text((*text).to_owned()),
        ValueRef::Flag(flag) => Value::Flag(*flag),
        ValueRef::List(items) => Value::List(items.iter().map(|item| (*item).to_owned()).collect()),
        ValueRef::Date(date) => Value::Date(*date),
    }
}

/// Reads a table. `prefix` is the path of its fields. At most `max_faulty_rows` invalid rows are reported. Invalid
/// cells are ignored unless `is_attribute_read` returns true for their attribute.
pub(in crate::api) fn parse_table(
    wire: v1::AccountTable,
    prefix: &str,
    max_faulty_rows: usize,
    is_attribute_read: &dyn Fn(&str) -> bool,
    violations: &mut Violations,
) -> Option<(ParsedTable, RowFaults)> {
    let v1::AccountTable { account_ids: ids, columns } = wire;
    if columns.len() > MAX_ATTRIBUTES {
        let text = format!("{} columns exceed the limit of {MAX_ATTRIBUTES} for a table", columns.len());
        violations.add("TOO_MANY_ATTRIBUTES", format!("{prefix}columns"), text);
        return None;
    }
    let mut faults = RowFaults::new(max_faulty_rows);
    let mut names = HashSet::new();
    let mut read = Vec::with_capacity(columns.len());
    let mut metadata = BTreeMap::new();
    for wire in columns {
        let path = format!("{prefix}columns[{}]", quote_name(&wire.name));
        if !is_usable_name(&wire.name) {
            violations.add(BAD_NAME.0, &path, BAD_NAME.1);
        } else if !names.insert(wire.name.clone()) {
            violations.add(
                "DUPLICATE_ATTRIBUTE",
                &path,
                "two columns have this name: send one column for each attribute",
            );
        }
        let is_read = is_attribute_read(&wire.name);
        match column_metadata(&wire) {
            Ok(known) if known.is_empty() => {}
            Ok(known) => {
                metadata.insert(wire.name.clone(), known);
            }
            Err((reason, text)) => violations.add(reason, &path, text),
        }
        match parse_column(wire, ids.len(), &path, is_read, &mut faults) {
            Ok(column) => read.push(column),
            Err((reason, text)) => violations.add(reason, path, text),
        }
    }
    let is_complete = read.len() == names.len();
    is_complete.then_some((ParsedTable { ids, columns: read, metadata }, faults))
}

/// A structural problem of a column: reason and description.
pub(in crate::api) type ColumnFault = (&'static str, String);

/// Reads the metadata of a column.
fn column_metadata(wire: &v1::Column) -> Result<ColumnMetadata, ColumnFault> {
    let format = TextFormat::from_keys(&wire.decimal, &wire.date_order);
    let unknown = |key: &str, known: bool| !key.is_empty() && !known;
    if unknown(&wire.decimal, format.decimal.is_some()) || unknown(&wire.date_order, format.date_order.is_some()) {
        let text = "decimal must be \".\" or \",\", and date_order must be \"mdy\", \"dmy\", \"ymd\" or \"serial\"";
        return Err(("UNKNOWN_TEXT_FORMAT", text.to_owned()));
    }
    let v1::Column { label, unit, is_changeable, is_binned, .. } = wire;
    let (label, unit) = (label.trim().to_owned(), unit.trim().to_owned());
    let metadata = ColumnMetadata { format, label, unit, is_changeable: *is_changeable, is_binned: *is_binned };
    match metadata.problems().into_iter().next() {
        Some((field, text)) => Err(("INVALID_LABEL", format!("{field} {text}"))),
        None => Ok(metadata),
    }
}

/// Reads a column of this number of rows. Invalid cells are added to `faults`, as ignored values if the column is not
/// used.
pub(in crate::api) fn parse_column(
    wire: v1::Column,
    rows: usize,
    path: &str,
    is_read: bool,
    faults: &mut RowFaults,
) -> Result<Column, ColumnFault> {
    let v1::Column { name, validity, data, .. } = wire;
    let Some(data) = data else {
        return Err(("MISSING_VALUE_KIND", "the column has no values: send them, or omit the column".to_owned()));
    };
    check_shape(&data, &validity, rows)?;
    let present =
        |row: usize| validity.is_empty() || validity.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1);
    let mut fault = |row: usize, unusable: (&'static str, &'static str)| {
        let (field, (reason, text)) = (format!("{path}[{row}]"), unusable);
        if is_too_long(unusable) && !is_read {
            faults.add_ignored(row, &name, field, reason);
        } else {
            faults.add(row, reason, field, text);
        }
    };
    let data = match data {
        Data::Numbers(v1::DoubleColumn { values }) => {
            ColumnData::Numbers(parse_cells(values, &present, |row, number| {
                if number.is_finite() {
                    Some(number)
                } else {
                    fault(row, NOT_FINITE);
                    None
                }
            }))
        }
        Data::Flags(v1::FlagColumn { values }) => {
            ColumnData::Flags(parse_cells(values, &present, |_, flag| Some(flag)))
        }
        Data::Dates(v1::DateColumn { days }) => {
            ColumnData::Dates(parse_cells(days, &present, |_, days| Some(Date { days })))
        }
        Data::Texts(v1::DictionaryColumn { dictionary, codes }) => {
            let codes = parse_cells(codes, &present, |row, code| {
                check_code(&dictionary, code).map_err(|unusable| fault(row, unusable)).ok()
            });
            ColumnData::Categories { dictionary, codes }
        }
        Data::TextLists(wire) => parse_lists(wire, &present, &mut fault)?,
    };
    Ok(Column { name, data })
}

/// Checks that a column has a value and a bit of its validity bitmap, if it has one, for each row.
fn check_shape(data: &Data, validity: &[u8], rows: usize) -> Result<(), ColumnFault> {
    let found = match data {
        Data::Numbers(column) => column.values.len(),
        Data::Texts(column) => column.codes.len(),
        Data::Flags(column) => column.values.len(),
        Data::TextLists(column) => column.offsets.len().saturating_sub(1),
        Data::Dates(column) => column.days.len(),
    };
    if found != rows {
        return Err((
            "COLUMN_LENGTH",
            format!("the column has {found} values for {rows} accounts: send one value for each account"),
        ));
    }
    if !validity.is_empty() && validity.len() != rows.div_ceil(8) {
        let text = format!("the validity bitmap has {} bytes: {rows} rows need {}", validity.len(), rows.div_ceil(8));
        return Err(("VALIDITY_LENGTH", text));
    }
    Ok(())
}

fn parse_cells<T, U: Copy + Default>(
    values: Vec<T>,
    present: &impl Fn(usize) -> bool,
    mut read: impl FnMut(usize, T) -> Option<U>,
) -> NullableVec<U> {
    values.into_iter().enumerate().map(|(row, value)| if present(row) { read(row, value) } else { None }).collect()
}

const NO_SUCH_CODE: (&str, &str) = ("CODE_OUT_OF_RANGE", "the code points outside the dictionary of its column");

/// Checks that the code refers to a valid text.
fn check_code(dictionary: &[String], code: u32) -> Result<u32, (&'static str, &'static str)> {
    match dictionary.get(code as usize) {
        None => Err(NO_SUCH_CODE),
        Some(text) if text.len() > MAX_TEXT_BYTES => Err(TEXT_TOO_LONG),
        Some(_) => Ok(code),
    }
}

fn parse_lists(
    wire: v1::DictionaryListColumn,
    present: &impl Fn(usize) -> bool,
    fault: &mut impl FnMut(usize, (&'static str, &'static str)),
) -> Result<ColumnData, ColumnFault> {
    let v1::DictionaryListColumn { dictionary, codes, offsets } = wire;
    let mut rows = NullableLists::default();
    for (row, (from, to)) in offsets.iter().zip(offsets.iter().skip(1)).enumerate() {
        let Some(codes) = codes.get(*from as usize..*to as usize) else {
            let text = format!("offsets {from} to {to} of row {row} are not a range of the {} codes", codes.len());
            return Err(("INVALID_OFFSETS", text));
        };
        rows.push(if !present(row) {
            None
        } else if codes.len() > MAX_LIST_ITEMS {
            fault(row, LIST_TOO_LONG);
            None
        } else {
            let list: Result<Vec<u32>, _> = codes.iter().map(|code| check_code(&dictionary, *code)).collect();
            list.map_err(|unusable| fault(row, unusable)).ok()
        });
    }
    Ok(ColumnData::Lists { dictionary, rows })
}
