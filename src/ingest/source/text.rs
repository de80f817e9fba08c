//! The records of a text in columns.

use std::io::{self, Read};

use csv::{ReaderBuilder, StringRecord};

use super::metered::Metered;
use super::record::Step;
use super::reject::Problem;

/// Decoded text, within bounds.
pub(super) type Text = Metered<Box<dyn Read + Send>>;

/// Reads CSV and its relatives.
pub(super) struct TextRecords {
    csv: csv::Reader<Text>,
    delimiter: u8,
    /// Lines before the first record.
    skipped_lines: u64,
    /// Whether lines end with a carriage return and a line feed, of which the parser leaves the second to the next record.
    is_crlf: bool,
    records: u64,
}

impl TextRecords {
    /// Text in columns, of which so many lines were read before.
    pub(super) fn new(text: Text, delimiter: u8, skipped_lines: u64, is_crlf: bool) -> Self {
        let csv = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(text);
        Self { csv, delimiter, skipped_lines, is_crlf, records: 0 }
    }

    /// What separates the cells.
    pub(super) const fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The next record.
    pub(super) fn read(&mut self, record: &mut StringRecord) -> io::Result<Step> {
        self.csv.get_mut().next_row();
        let before = self.line();
        let read = self.csv.read_record(record);
        self.records += 1;
        // Empty lines before a record count to it, and its own end may not have been read.
        let inner = record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        let line = before.max(self.line().saturating_sub(inner + 1));
        match read {
            Ok(true) => Ok(Step::Record(line)),
            Ok(false) => Ok(Step::End),
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                let remedy = "save the file as CSV in UTF-8, or set encoding in the mapping";
                Ok(Step::Broken(before, Problem::new("NOT_UTF8", format!("the row is not UTF-8: {remedy}"))))
            }
            Err(error) => Err(into_io(error)),
        }
    }

    /// The line on which the next record begins, from 1. With line ends of a carriage return alone it is the number of the record.
    pub(super) fn line(&self) -> u64 {
        let pending = u64::from(self.is_crlf && self.records > 0);
        self.skipped_lines + (self.csv.position().line() + pending).max(self.records + 1)
    }
}

fn into_io(error: csv::Error) -> io::Error {
    if let csv::ErrorKind::Io(error) = error.into_kind() {
        return error;
    }
    // Rows may have any length and are not deserialised, so nothing else can go wrong.
    io::Error::other("the row cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &'static str) -> Vec<(u64, String)> {
        let is_crlf = text.contains("\r\n");
        let text: Box<dyn Read + Send> = Box::new(text.as_bytes());
        let mut records = TextRecords::new(Metered::new(text, 1_000, None), b',', 0, is_crlf);
        let mut record = StringRecord::new();
        let mut found = Vec::new();
        while let Step::Record(line) = records.read(&mut record).unwrap() {
            found.push((line, record.iter().collect::<Vec<_>>().join("|")));
        }
        found
    }

    #[test]
    fn records_know_their_lines() {
        for text in ["a,b\n1,2\n\n\n3,4\n\"5\n6\",7\n8,9", "a,b\r\n1,2\r\n\r\n\r\n3,4\r\n\"5\n6\",7\r\n8,9"] {
            let found = lines(text);
            let numbers: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
            assert_eq!(numbers, [1, 2, 5, 6, 8], "{text:?} {found:?}");
        }
        let numbers: Vec<u64> = lines("a,b\r1,2\r3,4\r").into_iter().map(|(line, _)| line).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }
}
