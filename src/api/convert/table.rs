//! Columns of accounts. Faults of single cells belong to their rows; faults of the form belong to the request.

use std::collections::{BTreeMap, HashSet};

use sweetspot_core::{Account, Cells, Column, ColumnData, Date, Lists, TextFormat, Value, ValueRef};
use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::{self};

use super::faults::Faults;
use super::value::{BAD_NAME, LIST_TOO_LONG, NOT_FINITE, TEXT_TOO_LONG, is_too_long, quoted, usable_name};
use crate::api::limits::{ATTRIBUTES, LIST_ITEMS, TEXT_BYTES};
use crate::api::problems::Problems;

/// Columns of one length. Cells at fault are missing.
#[derive(Debug)]
pub(in crate::api) struct Table {
    pub(in crate::api) ids: Vec<String>,
    pub(in crate::api) columns: Vec<Column>,
    /// How the texts of columns were written, where that is said.
    pub(in crate::api) formats: BTreeMap<String, TextFormat>,
}

impl Table {
    /// One row as an account.
    pub(in crate::api) fn account(&self, row: usize) -> Account {
        let values =
            self.columns.iter().filter_map(|column| Some((column.name.clone(), owned(&column.data.get(row)?))));
        Account { id: self.ids.get(row).cloned().unwrap_or_default(), attributes: values.collect() }
    }
}

fn owned(value: &ValueRef<'_>) -> Value {
    match value {
        ValueRef::Number(number) => Value::Number(*number),
        ValueRef::Text(text) => Value::Text((*text).to_owned()),
        ValueRef::Flag(flag) => Value::Flag(*flag),
        ValueRef::List(items) => Value::List(items.iter().map(|item| (*item).to_owned()).collect()),
        ValueRef::Date(date) => Value::Date(*date),
    }
}

/// Reads a table. `prefix` leads to its fields; at most `most` rows are told to be at fault. `reads` says whether somebody reads
/// an attribute: a cell that cannot be used is ignored where nobody does.
pub(in crate::api) fn table(
    wire: v1::AccountTable,
    prefix: &str,
    most: usize,
    reads: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) -> Option<(Table, Faults)> {
    let v1::AccountTable { account_ids: ids, columns } = wire;
    if columns.len() > ATTRIBUTES {
        let text = format!("{} columns exceed the limit of {ATTRIBUTES} for a table", columns.len());
        problems.add("TOO_MANY_ATTRIBUTES", format!("{prefix}columns"), text);
        return None;
    }
    let mut faults = Faults::new(most);
    let mut names = HashSet::new();
    let mut read = Vec::with_capacity(columns.len());
    let mut formats = BTreeMap::new();
    for wire in columns {
        let path = format!("{prefix}columns[{}]", quoted(&wire.name));
        if !usable_name(&wire.name) {
            problems.add(BAD_NAME.0, &path, BAD_NAME.1);
        } else if !names.insert(wire.name.clone()) {
            problems.add(
                "DUPLICATE_ATTRIBUTE",
                &path,
                "two columns have this name: send one column for each attribute",
            );
        }
        let is_read = reads(&wire.name);
        match text_format(&wire) {
            Ok(format) if format.is_empty() => {}
            Ok(format) => {
                formats.insert(wire.name.clone(), format);
            }
            Err((reason, text)) => problems.add(reason, &path, text),
        }
        match column(wire, ids.len(), &path, is_read, &mut faults) {
            Ok(column) => read.push(column),
            Err((reason, text)) => problems.add(reason, path, text),
        }
    }
    let whole = read.len() == names.len();
    whole.then_some((Table { ids, columns: read, formats }, faults))
}

/// What is wrong with the form of a column: reason and description.
pub(in crate::api) type Malformed = (&'static str, String);

/// How the texts of a column were written.
fn text_format(wire: &v1::Column) -> Result<TextFormat, Malformed> {
    let format = TextFormat::from_keys(&wire.decimal, &wire.date_order);
    let unknown = |key: &str, known: bool| !key.is_empty() && !known;
    if unknown(&wire.decimal, format.decimal.is_some()) || unknown(&wire.date_order, format.date_order.is_some()) {
        let text = "decimal must be \".\" or \",\", and date_order must be \"mdy\", \"dmy\", \"ymd\" or \"serial\"";
        return Err(("UNKNOWN_TEXT_FORMAT", text.to_owned()));
    }
    Ok(format)
}

/// Reads one column of so many rows. Cells at fault go to `faults`, as ignored ones where nobody reads the column.
pub(in crate::api) fn column(
    wire: v1::Column,
    rows: usize,
    path: &str,
    is_read: bool,
    faults: &mut Faults,
) -> Result<Column, Malformed> {
    let v1::Column { name, validity, data, decimal: _, date_order: _ } = wire;
    let Some(data) = data else {
        return Err(("MISSING_VALUE_KIND", "the column has no values: send them, or omit the column".to_owned()));
    };
    let found = match &data {
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
    let present =
        |row: usize| validity.is_empty() || validity.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1);
    let mut fault = |row: usize, unusable: (&'static str, &'static str)| {
        let (field, (reason, text)) = (format!("{path}[{row}]"), unusable);
        if is_too_long(unusable) && !is_read {
            faults.ignore(row, &name, field, reason);
        } else {
            faults.add(row, reason, field, text);
        }
    };
    let data = match data {
        Data::Numbers(v1::DoubleColumn { values }) => ColumnData::Numbers(cells(values, &present, |row, number| {
            if number.is_finite() {
                Some(number)
            } else {
                fault(row, NOT_FINITE);
                None
            }
        })),
        Data::Flags(v1::FlagColumn { values }) => ColumnData::Flags(cells(values, &present, |_, flag| Some(flag))),
        Data::Dates(v1::DateColumn { days }) => ColumnData::Dates(cells(days, &present, |_, days| Some(Date { days }))),
        Data::Texts(v1::DictionaryColumn { dictionary, codes }) => {
            let codes = cells(codes, &present, |row, code| {
                entry(&dictionary, code).map_err(|unusable| fault(row, unusable)).ok()
            });
            ColumnData::Categories { dictionary, codes }
        }
        Data::TextLists(wire) => lists(wire, &present, &mut fault)?,
    };
    Ok(Column { name, data })
}

fn cells<T, U: Copy + Default>(
    values: Vec<T>,
    present: &impl Fn(usize) -> bool,
    mut read: impl FnMut(usize, T) -> Option<U>,
) -> Cells<U> {
    values.into_iter().enumerate().map(|(row, value)| if present(row) { read(row, value) } else { None }).collect()
}

const NO_SUCH_CODE: (&str, &str) = ("CODE_OUT_OF_RANGE", "the code points outside the dictionary of its column");

/// The code, if it points at a usable text.
fn entry(dictionary: &[String], code: u32) -> Result<u32, (&'static str, &'static str)> {
    match dictionary.get(code as usize) {
        None => Err(NO_SUCH_CODE),
        Some(text) if text.len() > TEXT_BYTES => Err(TEXT_TOO_LONG),
        Some(_) => Ok(code),
    }
}

fn lists(
    wire: v1::DictionaryListColumn,
    present: &impl Fn(usize) -> bool,
    fault: &mut impl FnMut(usize, (&'static str, &'static str)),
) -> Result<ColumnData, Malformed> {
    let v1::DictionaryListColumn { dictionary, codes, offsets } = wire;
    let mut rows = Lists::default();
    for (row, (from, to)) in offsets.iter().zip(offsets.iter().skip(1)).enumerate() {
        let Some(codes) = codes.get(*from as usize..*to as usize) else {
            let text = format!("offsets {from} to {to} of row {row} are not a range of the {} codes", codes.len());
            return Err(("INVALID_OFFSETS", text));
        };
        rows.push(if !present(row) {
            None
        } else if codes.len() > LIST_ITEMS {
            fault(row, LIST_TOO_LONG);
            None
        } else {
            let list: Result<Vec<u32>, _> = codes.iter().map(|code| entry(&dictionary, *code)).collect();
            list.map_err(|unusable| fault(row, unusable)).ok()
        });
    }
    Ok(ColumnData::Lists { dictionary, rows })
}
