//! The records of delimited text.

use std::io::{self, Read};

use csv::{ReaderBuilder, StringRecord};

use super::bounded_reader::BoundedReader;
use super::line_end_tracker::LineEndTracker;
use super::record::ReadStep;
use super::reject::RowProblem;

/// Decoded text, within limits.
pub(super) type BoundedText = BoundedReader<Box<dyn Read + Send>>;

/// Reads CSV and similar formats.
pub(super) struct TextRecords {
    csv: csv::Reader<LineEndTracker<BoundedText>>,
    delimiter: u8,
    /// The number of lines before the first record.
    skipped_lines: u64,
    /// Whether the last record ended with a carriage return and a line feed, of which the parser leaves the latter for
    /// the next record.
    is_feed_pending: bool,
    records: u64,
}

impl TextRecords {
    /// Reads delimited text of which `skipped_lines` lines have been read already.
    pub(super) fn new(text: BoundedText, delimiter: u8, skipped_lines: u64) -> Self {
        let csv = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(LineEndTracker::new(text));
        Self { csv, delimiter, skipped_lines, is_feed_pending: false, records: 0 }
    }

    /// Returns the delimiter.
    pub(super) const fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Reads the next record.
    pub(super) fn read(&mut self, record: &mut StringRecord) -> io::Result<ReadStep> {
        self.csv.get_mut().get_mut().next_row();
        let before = self.line();
        let read = self.csv.read_record(record);
        self.records += 1;
        let end = self.csv.position().byte();
        self.is_feed_pending = self.csv.get_mut().is_feed_behind_return(end);
        // Empty lines before a record count toward it, and its own line end may not have been read yet.
        let inner = record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        let line = before.max(self.line().saturating_sub(inner + 1));
        match read {
            Ok(true) => Ok(ReadStep::Record(line)),
            Ok(false) => Ok(ReadStep::End),
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                let remedy = "save the file as CSV in UTF-8, or set encoding in the mapping";
                Ok(ReadStep::Broken(before, RowProblem::new("NOT_UTF8", format!("the row is not UTF-8: {remedy}"))))
            }
            Err(error) => Err(into_io(error)),
        }
    }

    /// Returns the line on which the next record starts, starting at 1. If lines end with only a carriage return, it is
    /// the number of the record.
    pub(super) fn line(&self) -> u64 {
        let pending = u64::from(self.is_feed_pending);
        self.skipped_lines + (self.csv.position().line() + pending).max(self.records + 1)
    }
}

fn into_io(error: csv::Error) -> io::Error {
    if let csv::ErrorKind::Io(error) = error.into_kind() {
        return error;
    }
    // Rows may have any length and are not deserialized, so no other error can occur.
    io::Error::other("the row cannot be read")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &'static str) -> Vec<(u64, String)> {
        lines_from(text.as_bytes())
    }

    fn lines_from(text: impl Read + Send + 'static) -> Vec<(u64, String)> {
        let text: Box<dyn Read + Send> = Box::new(text);
        let mut records = TextRecords::new(BoundedReader::new(text, 1_000, None), b',', 0);
        let mut record = StringRecord::new();
        let mut found = Vec::new();
        while let ReadStep::Record(line) = records.read(&mut record).unwrap() {
            found.push((line, record.iter().collect::<Vec<_>>().join("|")));
        }
        found
    }

    proptest! {
        /// A record starts on its own line, whatever the line ends and however the text is chunked.
        #[test]
        fn lines_are_counted_however_they_end(
            ends in prop::collection::vec(prop::sample::select(vec!["\n", "\r\n"]), 1..30),
            piece in 1_usize..9,
        ) {
            let text: Vec<String> = ends.iter().enumerate().map(|(row, end)| format!("{row},x{end}")).collect();
            let text = text.concat();
            let found: Vec<u64> = lines_from(ChunkedReader(text.into_bytes(), piece)).into_iter().map(|(line, _)| line).collect();
            prop_assert_eq!(found, (1..=ends.len() as u64).collect::<Vec<_>>());
        }
    }

    /// Returns the bytes in small chunks.
    struct ChunkedReader(Vec<u8>, usize);

    impl Read for ChunkedReader {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    #[test]
    fn records_know_their_lines() {
        for text in ["a,b\n1,2\n\n\n3,4\n\"5\n6\",7\n8,9", "a,b\r\n1,2\r\n\r\n\r\n3,4\r\n\"5\n6\",7\r\n8,9"] {
            let found = lines(text);
            let numbers: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
            assert_eq!(numbers, [1, 2, 5, 6, 8], "{text:?} {found:?}");
        }
        for text in [
            "title\na,b\r\n1,2\r\n3,4\r\n",
            "title\r\na,b\n1,2\n3,4\n",
            "title\n\r\na,b\r\n\n1,2\r\n3,4",
            "title\r\n\na,b\n\r\n1,2\n3,4",
        ] {
            let (found, blank) = (
                lines(text),
                if text.contains("\n\n") || text.contains("\n\r\n") { [1, 3, 5, 6] } else { [1, 2, 3, 4] },
            );
            let numbers: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
            assert_eq!(numbers, blank, "{text:?} {found:?}");
        }
        let numbers: Vec<u64> = lines("a,b\r1,2\r3,4\r").into_iter().map(|(line, _)| line).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }
}
