//! Reads the records of a file, before they are classified as rows of the table.

use std::io;

use csv::StringRecord;

use super::delimited_text::TextRecords;
use super::json_lines::JsonLines;
#[cfg(feature = "parquet")]
use super::parquet::ParquetRecords;
use super::reject::RowProblem;
#[cfg(feature = "workbooks")]
use super::workbook::SheetRecords;

/// The result of reading a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReadStep {
    /// A record that starts on this line of a text file, or in this row of a sheet, starting at 1.
    Record(u64),
    /// A record that cannot be read, although later ones can.
    Broken(u64, RowProblem),
    /// The end of the file.
    End,
}

/// The records of an open file.
pub(super) enum RecordReader {
    Text(Box<TextRecords>),
    JsonLines(Box<JsonLines>),
    #[cfg(feature = "workbooks")]
    Sheet(SheetRecords),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetRecords>),
}

impl RecordReader {
    /// Reads the next record. If the result is [`ReadStep::Record`], `record` holds its cells.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read any further.
    pub(super) fn read(&mut self, record: &mut StringRecord) -> io::Result<ReadStep> {
        match self {
            Self::Text(records) => records.read(record),
            Self::JsonLines(records) => records.read(record),
            #[cfg(feature = "workbooks")]
            Self::Sheet(records) => Ok(records.read(record)),
            #[cfg(feature = "parquet")]
            Self::Parquet(records) => records.read(record),
        }
    }

    /// Returns the reader of JSON Lines, if the file has that format.
    pub(super) fn json_lines(&self) -> Option<&JsonLines> {
        if let Self::JsonLines(lines) = self { Some(lines) } else { None }
    }

    /// Returns the names of the columns, if the format stores them separately from the rows.
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

    /// Returns the delimiter of delimited text.
    pub(super) fn delimiter(&self) -> Option<u8> {
        if let Self::Text(records) = self { Some(records.delimiter()) } else { None }
    }

    /// Returns whether the records are rows of a sheet.
    #[cfg(feature = "workbooks")]
    pub(super) const fn is_sheet(&self) -> bool {
        matches!(self, Self::Sheet(_))
    }

    /// Returns whether the records are rows of a sheet.
    #[cfg(not(feature = "workbooks"))]
    #[expect(clippy::unused_self, reason = "sheets require the feature workbooks")]
    pub(super) const fn is_sheet(&self) -> bool {
        false
    }

    /// Returns the line on which the next record starts, as far as it is known.
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

/// Returns the intended text of a cell: trimmed, without the marks that keep spreadsheets from parsing a text as a
/// number or a formula (`="000123"`, `'000123`, `'=1`). A text that starts with such a mark itself has another
/// apostrophe (`''000123`).
pub(crate) fn cell_text(text: &str) -> &str {
    let text = text.trim();
    if let Some(quoted) = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')) {
        // A formula that concatenates texts has quotes between them.
        return if quoted.contains('"') { text } else { quoted.trim() };
    }
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || "=+-@\t\r\n'".contains(c)) => rest,
        _ => text,
    }
}

/// Returns the number of cells up to the last non-empty one.
pub(super) fn extent(record: &StringRecord) -> usize {
    record.iter().enumerate().filter(|(_, text)| !cell_text(text).is_empty()).last().map_or(0, |(last, _)| last + 1)
}

/// Returns whether all cells are empty.
pub(super) fn is_blank(record: &StringRecord) -> bool {
    record.as_slice().trim().is_empty() || record.iter().all(|text| cell_text(text).is_empty())
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
            ("''000123", "'000123"),
            ("'\n=1", "\n=1"),
        ] {
            assert_eq!(cell_text(text), expected, "{text:?}");
        }
    }
}
