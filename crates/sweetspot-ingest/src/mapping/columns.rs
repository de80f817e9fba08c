//! The settings of single columns: the tables `[columns."NAME"]`, and the same keys for the whole file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sweetspot_core::{ColumnMetadata, DateOrder, DecimalMark, TextFormat};

use super::parse::normalized_name;
use super::raw::RawColumn;
use super::toml_layout::{quoted_text, write_line, write_list};

/// The settings of one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnSettings {
    /// The format of its numbers and dates, its label and unit, and whether it is changeable.
    pub metadata: ColumnMetadata,
    /// Texts that mean missing in this column, in addition to those of the file.
    pub missing: Vec<String>,
    /// Texts that are values in this column, although they mean missing elsewhere.
    pub not_missing: Vec<String>,
}

/// Parses a decimal mark and a date order, and adds a problem for each invalid one.
pub(super) fn format(
    place: &str,
    decimal: Option<&str>,
    date_order: Option<&str>,
    problems: &mut Vec<String>,
) -> TextFormat {
    let mark = decimal.map(DecimalMark::parse);
    if let (Some(None), Some(key)) = (mark, decimal) {
        problems.push(format!("{place}decimal is {key:?}: use \".\" or \",\""));
    }
    let order = date_order.map(DateOrder::parse);
    if let (Some(None), Some(key)) = (order, date_order) {
        problems.push(format!("{place}date_order is {key:?}: use \"mdy\", \"dmy\", \"ymd\" or \"serial\""));
    }
    TextFormat { decimal: mark.flatten(), date_order: order.flatten() }
}

/// Converts the tables of the columns.
pub(super) fn convert(
    raw: BTreeMap<String, RawColumn>,
    problems: &mut Vec<String>,
) -> BTreeMap<String, ColumnSettings> {
    let mut columns = BTreeMap::new();
    for (column, raw) in raw {
        let RawColumn { decimal, date_order, missing, not_missing, label, unit, changeable, binned } = raw;
        let place = format!("[columns.{column:?}] ");
        let trimmed = |texts: Vec<String>| texts.iter().map(|text| text.trim().to_owned()).collect::<Vec<_>>();
        let (missing, not_missing) = (trimmed(missing), trimmed(not_missing));
        if let Some(shared) = missing.iter().find(|text| not_missing.contains(text)) {
            problems.push(format!("{place}{shared:?} is under missing and not_missing: keep one of them"));
        }
        if not_missing.iter().any(String::is_empty) {
            problems.push(format!("{place}not_missing has an empty text: an empty cell is always missing"));
        }
        let format = format(&place, decimal.as_deref(), date_order.as_deref(), problems);
        let (label, unit) = (label.trim().to_owned(), unit.trim().to_owned());
        let metadata = ColumnMetadata { format, label, unit, is_changeable: changeable, is_binned: binned };
        problems.extend(metadata.problems().into_iter().map(|(key, text)| format!("{place}{key} {text}")));
        columns.insert(normalized_name(&column), ColumnSettings { metadata, missing, not_missing });
    }
    columns
}

/// Writes the format of the file as TOML.
pub(super) fn write_format(out: &mut String, format: TextFormat, comments: [&str; 2]) {
    let [of_decimal, of_date_order] = comments;
    if let Some(mark) = format.decimal {
        write_line(out, "decimal", &quoted_text(mark.key()), of_decimal);
    }
    if let Some(order) = format.date_order {
        write_line(out, "date_order", &quoted_text(order.key()), of_date_order);
    }
}

/// Writes the tables as TOML.
pub(super) fn write(out: &mut String, columns: &BTreeMap<String, ColumnSettings>) {
    for (column, ColumnSettings { metadata, missing, not_missing }) in columns {
        let ColumnMetadata { format, label, unit, is_changeable, is_binned } = metadata;
        // Writing to a string cannot fail.
        let _infallible = writeln!(out, "\n[columns.{}]", quoted_text(column));
        for (key, text) in [("label", label), ("unit", unit)] {
            if !text.is_empty() {
                write_line(out, key, &quoted_text(text), "");
            }
        }
        if *is_changeable {
            write_line(out, "changeable", "true", "documents may suggest a change");
        }
        if *is_binned {
            write_line(out, "binned", "true", "each value is the lower end of a range");
        }
        write_format(out, *format, ["", ""]);
        for (key, texts) in [("missing", missing), ("not_missing", not_missing)] {
            if !texts.is_empty() {
                write_list(out, key, texts, "");
            }
        }
    }
}
