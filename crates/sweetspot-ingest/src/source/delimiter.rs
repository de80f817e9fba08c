//! Detects the delimiter of a text file.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder};

use super::options::is_delimiter;

/// The candidate delimiters. The first one wins a tie, because commas also occur in numbers and texts.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// The maximum number of records to examine.
const MAX_RECORDS: usize = 100;

/// Returns the delimiter of a first line such as `sep=;`, which Excel writes and reads, and the length of that line in
/// bytes.
pub(super) fn from_sep_line(text: &[u8]) -> Option<(u8, usize)> {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
    let (line, rest) = text.split_at_checked(end)?;
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let delimiter = *line.get(4)?;
    let is_sep = line.get(..4)?.eq_ignore_ascii_case(b"sep=") && is_delimiter(char::from(delimiter));
    let after = line.get(5..)?;
    // Other programs pad the line to the width of the table.
    let is_alone = after.iter().all(|byte| *byte == delimiter || matches!(byte, b'"' | b' ' | b','));
    let line_end = if rest.starts_with(b"\r\n") { 2 } else { 1 };
    (is_sep && is_alone).then_some((delimiter, end + line_end))
}

/// Returns the delimiter for which most records have the same number of cells, at least two; a comma if there is none.
///
/// `is_whole` states that the text is the whole file: otherwise its last record may be truncated.
pub(super) fn detect(text: &[u8], is_whole: bool) -> u8 {
    let fits = DELIMITERS.map(|delimiter| (DelimiterFit::new(text, delimiter, is_whole), delimiter));
    let mut best = (DelimiterFit::default(), b',');
    for (fit, delimiter) in fits {
        if fit > best.0 {
            best = (fit, delimiter);
        }
    }
    best.1
}

/// How well a delimiter divides a text; greater is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct DelimiterFit {
    /// The number of records with the most frequent width of at least two, counting either all cells or only those
    /// before trailing empty cells, whichever is more frequent.
    records: usize,
    /// The width of the first record with at least two cells, without trailing empty cells.
    first: usize,
}

impl DelimiterFit {
    fn new(text: &[u8], delimiter: u8, is_whole: bool) -> Self {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text);
        let (mut lengths, mut widths) = (Vec::new(), Vec::new());
        let mut record = ByteRecord::new();
        while widths.len() < MAX_RECORDS && reader.read_byte_record(&mut record).unwrap_or(false) {
            lengths.push(record.len());
            widths.push(width(&record));
        }
        if !is_whole && widths.len() > 1 && widths.len() < MAX_RECORDS {
            lengths.pop();
            widths.pop();
        }
        let first = widths.iter().copied().find(|width| *width > 1);
        Self { records: max_frequency(&lengths).max(max_frequency(&widths)), first: first.unwrap_or(0) }
    }
}

/// Returns the frequency of the most frequent width of at least two.
fn max_frequency(widths: &[usize]) -> usize {
    let mut counts = BTreeMap::new();
    for width in widths.iter().filter(|width| **width > 1) {
        *counts.entry(*width).or_insert(0_usize) += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

/// Returns the number of cells without trailing empty ones, because programs drop or add those.
fn width(record: &ByteRecord) -> usize {
    record.iter().rposition(|cell| !cell.trim_ascii().is_empty()).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_divides_most_records_alike() {
        for (text, delimiter) in [
            ("a,b;c,d\n1;2;3;4;5;6", b','),
            ("a;b;c\n1,5;2,5;3", b';'),
            ("a;b (c, d)\n1,5;2,5\n2,5;3,5\n", b';'),
            ("a\tb, c\td", b'\t'),
            ("id;size;day\n1;2,5;\n2;3,5;\n3;4,5;2026-01-01\n", b';'),
            ("a|b", b'|'),
            ("\"a;b;c\",d\n", b','),
            ("\"a\n;;;\",d,e\n", b','),
            ("\r\n\na;b\n", b';'),
            ("Accounts, won; lost\nas of today\na;b;c\n1;2;3\n4;5;6\n", b';'),
            ("a,b,c\n1,x; y,3\n2,x; y,3\n", b','),
            ("a;b\r1;2\r", b';'),
            ("one", b','),
            ("", b','),
        ] {
            assert_eq!(detect(text.as_bytes(), true) as char, delimiter as char, "{text:?}");
        }
    }

    #[test]
    fn a_sep_line_states_the_delimiter() {
        assert_eq!(from_sep_line(b"sep=;\r\na;b\n"), Some((b';', 7)));
        assert_eq!(from_sep_line(b"SEP=\t\na\tb\n"), Some((b'\t', 6)));
        assert_eq!(from_sep_line(b"\"sep=,\"\na,b\n"), Some((b',', 8)));
        assert_eq!(from_sep_line(b"sep=;;;;\na;b\n"), Some((b';', 9)));
        for text in ["sep=;", "sep=", "sep=a\n", "separator;b\n", "sep=;a\n", "a;b\n", ""] {
            assert_eq!(from_sep_line(text.as_bytes()), None, "{text:?}");
        }
    }
}
