//! One record of a file after the other, before it is known which of them are rows of the table.

use std::io;

use csv::StringRecord;

use super::json_lines::JsonLines;
#[cfg(feature = "parquet")]
use super::parquet::ParquetRecords;
use super::reject::Problem;
use super::text::TextRecords;
#[cfg(feature = "workbooks")]
use super::workbook::SheetRecords;

/// What reading on brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A record that begins on this line of a text file, or is this row of a sheet, from 1.
    Record(u64),
    /// A record that cannot be read, though those after it can.
    Broken(u64, Problem),
    /// There are no more.
    End,
}

/// The records of an open file.
pub(super) enum Records {
    Text(Box<TextRecords>),
    JsonLines(Box<JsonLines>),
    #[cfg(feature = "workbooks")]
    Sheet(SheetRecords),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetRecords>),
}

impl Records {
    /// Reads on; of a [`Step::Record`], `record` holds the cells.
    ///
    /// # Errors
    /// Where the file cannot be read any further.
    pub(super) fn read(&mut self, record: &mut StringRecord) -> io::Result<Step> {
        match self {
            Self::Text(records) => records.read(record),
            Self::JsonLines(records) => records.read(record),
            #[cfg(feature = "workbooks")]
            Self::Sheet(records) => Ok(records.read(record)),
            #[cfg(feature = "parquet")]
            Self::Parquet(records) => records.read(record),
        }
    }

    /// The records as JSON Lines, if they are.
    pub(super) fn json_lines(&self) -> Option<&JsonLines> {
        if let Self::JsonLines(lines) = self { Some(lines) } else { None }
    }

    /// The names of the columns, where the file states them apart from its rows.
    pub(super) fn columns(&self) -> Option<&[String]> {
        match self {
            Self::Text(_) => None,
            Self::JsonLines(records) => Some(records.columns()),
            #[cfg(feature = "workbooks")]
            Self::Sheet(_) => None,
            #[cfg(feature = "parquet")]
            Self::Parquet(records) => Some(records.columns()),
        }
    }

    /// What separates the cells of a text in columns.
    pub(super) fn delimiter(&self) -> Option<u8> {
        if let Self::Text(records) = self { Some(records.delimiter()) } else { None }
    }

    /// Whether they are the rows of a sheet.
    #[cfg(feature = "workbooks")]
    pub(super) const fn is_sheet(&self) -> bool {
        matches!(self, Self::Sheet(_))
    }

    /// Whether they are the rows of a sheet.
    #[cfg(not(feature = "workbooks"))]
    #[expect(clippy::unused_self, reason = "there are sheets with the feature workbooks")]
    pub(super) const fn is_sheet(&self) -> bool {
        false
    }

    /// The line on which the next record begins, as far as that is known.
    pub(super) fn line(&self) -> u64 {
        match self {
            Self::Text(records) => records.line(),
            Self::JsonLines(records) => records.line(),
            #[cfg(feature = "workbooks")]
            Self::Sheet(_) => 0,
            #[cfg(feature = "parquet")]
            Self::Parquet(records) => records.line(),
        }
    }
}

/// The text of a cell as it is meant: trimmed, without the marks that keep spreadsheets from reading a text as a number or a
/// formula (`="000123"`, `'000123`, `'=1`).
pub(crate) fn cell(text: &str) -> &str {
    let text = text.trim();
    if let Some(quoted) = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')) {
        // A formula that joins texts holds a quote between them.
        return if quoted.contains('"') { text } else { quoted.trim() };
    }
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || "=+-@\t\r".contains(c)) => rest,
        _ => text,
    }
}

/// How many cells there are up to the last that holds anything.
pub(super) fn extent(record: &StringRecord) -> usize {
    record.iter().enumerate().filter(|(_, text)| !cell(text).is_empty()).last().map_or(0, |(last, _)| last + 1)
}

/// Whether no cell holds anything.
pub(super) fn is_blank(record: &StringRecord) -> bool {
    record.as_slice().trim().is_empty() || record.iter().all(|text| cell(text).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_for_spreadsheets_are_no_part_of_a_cell() {
        for (text, expected) in [
            (" =\"000123\" ", "000123"),
            ("'000123", "000123"),
            ("'=SUM(A1)", "=SUM(A1)"),
            ("'-2-3", "-2-3"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("=A1", "=A1"),
            ("=\"", "=\""),
            ("=\"\"", ""),
            ("'", "'"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
