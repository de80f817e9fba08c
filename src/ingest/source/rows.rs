//! Rows one at a time, each checked for its shape before anyone looks at its cells.

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::header;
use super::metered::Metered;
use super::open::{Opened, Source};
use super::reject::{Problem, Reject};
use crate::ingest::IngestError;
use crate::ingest::limits::MAX_CELL_BYTES;

type Csv = csv::Reader<Metered<Box<dyn std::io::Read + Send>>>;

/// The rows of an open file.
pub(in crate::ingest) struct Rows {
    name: String,
    columns: Vec<String>,
    csv: Csv,
    record: StringRecord,
    row: u64,
    delimiter: u8,
    unpacked_bound: u64,
}

/// One row of the right shape.
#[derive(Clone, Copy)]
pub(in crate::ingest) struct Row<'a> {
    /// Its number below the header, from 1.
    pub(in crate::ingest) number: u64,
    line: Option<u64>,
    record: &'a StringRecord,
}

impl Row<'_> {
    /// The trimmed text of a cell; empty where there is no such column.
    pub(in crate::ingest) fn cell(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or("").trim()
    }

    /// The row as rejected for this problem.
    pub(in crate::ingest) fn reject(&self, id: &str, problem: Problem) -> Reject {
        problem.at(self.number, self.line, id)
    }
}

impl Rows {
    /// Reads the header.
    pub(in crate::ingest) fn open(source: Source) -> Result<Self, IngestError> {
        let Opened { name, text, delimiter, unpacked_bound } = source.prepare()?;
        let mut csv = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(text);
        let mut record = ByteRecord::new();
        if let Err(error) = csv.read_byte_record(&mut record) {
            return Err(Opened::read_error(&name, unpacked_bound, 0, 1, into_io(error)));
        }
        let columns = header::names(&record).map_err(|problem| IngestError::Header { file: name.clone(), problem })?;
        Ok(Self { name, columns, csv, record: StringRecord::new(), row: 0, delimiter, unpacked_bound })
    }

    /// What the file is called in messages.
    pub(in crate::ingest) fn name(&self) -> &str {
        &self.name
    }

    /// Whether semicolons separate the cells.
    pub(in crate::ingest) const fn has_semicolons(&self) -> bool {
        self.delimiter == b';'
    }

    /// The columns' names, unique and never empty.
    pub(in crate::ingest) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows have been read, rejected ones included.
    pub(in crate::ingest) const fn count(&self) -> u64 {
        self.row
    }

    /// The next row, or why it is rejected; `None` at the end.
    pub(in crate::ingest) fn advance(&mut self) -> Result<Option<Result<Row<'_>, Reject>>, IngestError> {
        self.csv.get_mut().next_row();
        let line = self.csv.position().line();
        match self.csv.read_record(&mut self.record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                self.row += 1;
                let row = Row {
                    number: self.row,
                    line: self.record.position().map(csv::Position::line),
                    record: &self.record,
                };
                Ok(Some(match misshapen(&self.record, self.columns.len()).or_else(|| zero_byte(&self.record)) {
                    None => Ok(row),
                    Some(problem) => Err(row.reject("", problem)),
                }))
            }
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                self.row += 1;
                let line = error.position().map(csv::Position::line);
                let problem = Problem::new("NOT_UTF8", "the row is not UTF-8: save the file as CSV in UTF-8");
                Ok(Some(Err(problem.at(self.row, line, ""))))
            }
            Err(error) => Err(Opened::read_error(&self.name, self.unpacked_bound, self.row, line, into_io(error))),
        }
    }
}

fn misshapen(record: &StringRecord, columns: usize) -> Option<Problem> {
    if record.len() != columns {
        let description = format!(
            "the row has {} cells and the header {columns}: look for a missing quote or delimiter",
            record.len()
        );
        return Some(Problem::new("RAGGED_ROW", description));
    }
    // Only a long row can hold a long cell.
    if record.as_slice().len() <= MAX_CELL_BYTES {
        return None;
    }
    let (place, cell) = record.iter().enumerate().find(|(_, cell)| cell.len() > MAX_CELL_BYTES)?;
    let description =
        format!("the cell in column {} has {} bytes: at most {MAX_CELL_BYTES} are read", place + 1, cell.len());
    Some(Problem::new("CELL_TOO_LARGE", description))
}

/// Files that were cut off or written half-way hold zero bytes; no table means them, and few programs can read them.
fn zero_byte(record: &StringRecord) -> Option<Problem> {
    if !record.as_slice().as_bytes().contains(&0) {
        return None;
    }
    let (place, at) = record.iter().enumerate().find_map(|(place, cell)| Some((place, cell.find('\0')?)))?;
    let line =
        record.position().map_or_else(String::new, |position| format!(" of the row on line {}", position.line()));
    let description = format!(
        "byte {} of the cell in column {}{line} is zero: remove it, or save the file again as CSV in UTF-8",
        at + 1,
        place + 1
    );
    Some(Problem::new("ZERO_BYTE", description))
}

fn into_io(error: csv::Error) -> std::io::Error {
    if let csv::ErrorKind::Io(error) = error.into_kind() {
        return error;
    }
    // Rows may have any length and are not deserialised, so nothing else can go wrong.
    std::io::Error::other("the row cannot be read")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn rows(bytes: &[u8]) -> Result<Rows, IngestError> {
        Rows::open(Source::new("t.csv", std::io::Cursor::new(bytes.to_vec())))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn cells(rows: &mut Rows) -> Vec<Result<Vec<String>, (u64, &'static str)>> {
        let columns = rows.columns().len();
        let mut all = Vec::new();
        while let Some(row) = rows.advance().unwrap() {
            all.push(match row {
                Ok(row) => Ok((0..columns).map(|column| row.cell(column).to_owned()).collect()),
                Err(reject) => Err((reject.row, reject.reason)),
            });
        }
        all
    }

    #[test]
    fn marks_line_ends_quotes_and_bad_rows() {
        let text = b"\xEF\xBB\xBFa;b\r\n\"x;\n\"\"y\"\"\";2\r\n1\r\n\xE9;2\r\n ok ;3\r\n";
        let found = cells(&mut rows(text).unwrap());
        let ok = |a: &str, b: &str| Ok(vec![a.to_owned(), b.to_owned()]);
        assert_eq!(found, [ok("x;\n\"y\"", "2"), Err((2, "RAGGED_ROW")), Err((3, "NOT_UTF8")), ok("ok", "3")]);
    }

    #[test]
    fn a_zero_byte_costs_its_row_and_is_told_with_its_place() {
        let mut rows = rows(b"name,size\nplain and well,1\n\"two\nlines\",2\nwell,12\x003\nwell again,4\n").unwrap();
        let mut rejects = Vec::new();
        while let Some(row) = rows.advance().unwrap() {
            rejects.extend(row.err());
        }
        assert_eq!(rejects.len(), 1);
        let Reject { row, line, reason, description, .. } = &rejects[0];
        assert_eq!((*row, *line, *reason), (3, Some(5), "ZERO_BYTE"));
        let told =
            "byte 3 of the cell in column 2 of the row on line 5 is zero: remove it, or save the file again as CSV";
        assert!(description.starts_with(told), "{description}");
    }

    #[test]
    fn gzip_by_content_and_only_so_much_of_it() {
        let packed = gzip(b"a,b\n1,2\n");
        assert_eq!(cells(&mut rows(&packed).unwrap()).len(), 1);
        let bomb = gzip(&b"a,b\n".repeat(500_000));
        let source = Source::new("bomb.gz", std::io::Cursor::new(bomb)).unpacking_at_most(1_000_000);
        let mut rows = Rows::open(source).unwrap();
        let error = std::iter::from_fn(|| rows.advance().map(|row| row.map(|_| ())).transpose()).find_map(Result::err);
        assert!(matches!(error, Some(IngestError::UnpackedTooLarge { limit: 1_000_000, .. })), "{error:?}");
    }

    #[test]
    fn a_damaged_gzip_is_an_error_not_an_end() {
        let mut packed = gzip(&b"a,b\n1,2\n".repeat(100_000));
        packed.truncate(packed.len() / 2);
        let mut rows = rows(&packed).unwrap();
        let error = std::iter::from_fn(|| rows.advance().map(|row| row.map(|_| ())).transpose()).find_map(Result::err);
        assert!(matches!(error, Some(IngestError::Read { row: 1.., .. })), "{error:?}");
    }

    #[test]
    fn an_endless_row_is_told_by_its_line() {
        let mut text = b"a,b\n1,2\n3,\"".to_vec();
        text.resize(40 << 20, b'x');
        let mut rows = rows(&text).unwrap();
        assert!(rows.advance().unwrap().is_some());
        let error = rows.advance().map(|_| ()).unwrap_err();
        assert!(matches!(error, IngestError::RowTooLong { row: 2, line: 3, .. }), "{error:?}");
    }
}
