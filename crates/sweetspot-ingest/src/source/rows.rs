//! Reads one row at a time and checks its shape before its cells are used.

use std::collections::VecDeque;
use std::io;

use csv::StringRecord;

use super::encoding::SharedEncoding;
use super::header;
use super::header_row::{self, MAX_SAMPLE, SampledRecord, is_second_header, is_value, value_columns};
use super::json_lines::JsonLines;
use super::open::{OpenedSource, Source};
use super::reading_summary::ReadingSummary;
use super::record::{ReadStep, RecordReader, cell_text, extent, is_blank};
use super::reject::{Reject, RowProblem};
use super::rows_without_account::{NonAccountRow, TableContext};
use crate::IngestError;
use crate::limits::MAX_CELL_BYTES;
use crate::word_lists::{is_id_name, is_missing_marker};

/// The rows of an open file.
pub(crate) struct RowReader {
    name: String,
    columns: Vec<String>,
    records: RecordReader,
    /// Records below the header that were read to find it, and the error that ended the sample.
    sample: VecDeque<SampledRecord>,
    stopped: Option<(io::Error, u64)>,
    record: StringRecord,
    row: u64,
    line: u64,
    /// The id column, as far as it is known.
    id_column: Option<usize>,
    has_account: bool,
    /// Whether rows with only an id are kept.
    keeps_only_ids: bool,
    /// Whether every row that is not blank is an account.
    keeps_all_rows: bool,
    shape: RowShape,
    encoding: SharedEncoding,
    reading: ReadingSummary,
    unpacked_bound: u64,
}

/// The criteria for accepting a short row.
#[derive(Debug)]
struct RowShape {
    /// Whether rows end with their last non-empty cell.
    cuts_empty_ends: bool,
    /// Columns that contain only numbers or dates.
    values: Vec<usize>,
}

/// A row of the right shape.
#[derive(Clone, Copy)]
pub(crate) struct ValidRow<'a> {
    /// The number of the row below the header, starting at 1.
    pub(crate) number: u64,
    line: u64,
    record: &'a StringRecord,
}

impl ValidRow<'_> {
    /// Returns the text of a cell, trimmed and without spreadsheet marks; empty if there is no such cell.
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.record.get(column).map_or("", cell_text)
    }

    /// Returns the cells as written in the file.
    pub(crate) const fn record(&self) -> &StringRecord {
        self.record
    }

    /// Rejects the row because of this problem.
    pub(crate) fn reject(&self, id: &str, problem: RowProblem) -> Reject {
        problem.into_reject(self.number, Some(self.line), id)
    }
}

/// The result of reading the next row.
enum NextRow {
    Row,
    Rejected(RowProblem),
    End,
}

/// The finding on cells of a workbook that have a formula and no value.
fn formula_finding(column: &str, count: u64) -> String {
    let advice = "have formulas without a stored value and count as missing: open the workbook in Excel and save it";
    format!("{count} cells of column {column:?} {advice}")
}

impl RowReader {
    /// Finds the header.
    pub(crate) fn open(source: Source) -> Result<Self, IngestError> {
        let OpenedSource { name, mut records, options, encoding, unpacked_bound, findings, formulas } =
            source.prepare()?;
        let wrong = |problem| IngestError::Header { file: name.clone(), problem };
        let (mut sample, stopped) = sample(&mut records);
        if let Some((error, line)) = stopped.as_ref().filter(|_| sample.is_empty()) {
            let error = io::Error::new(error.kind(), error.to_string());
            return Err(OpenedSource::read_error(&name, unpacked_bound, 0, *line, error));
        }
        if sample.is_empty() && records.columns().is_none() {
            return Err(IngestError::Empty { file: name });
        }
        let mut reading = ReadingSummary { findings, ..ReadingSummary::default() };
        let header = if let Some(columns) = records.columns() {
            StringRecord::from(columns.to_vec())
        } else {
            let place = header_row::find(sample.make_contiguous(), options.header_row);
            let place = place.map_err(|problem| IngestError::NotTable { file: name.clone(), what: problem })?;
            let above: Vec<SampledRecord> = sample.drain(..=place).collect();
            if let Some(problem) = above.iter().find_map(|sampled| sampled.problem.as_ref()) {
                return Err(wrong(format!("cannot be read: {}", problem.description)));
            }
            let header = above.into_iter().next_back().unwrap_or_default();
            if place > 0 {
                reading.findings.push(format!("the header is row {}", header.line));
            }
            header.record
        };
        let is_sheet = records.is_sheet();
        let width = width(&header, sample.make_contiguous(), is_sheet);
        let columns = header::names(&header, width).map_err(wrong)?;
        if !options.all_rows
            && is_second_header(sample.make_contiguous(), width)
            && let Some(second) = sample.pop_front()
        {
            reading.findings.push(format!("row {} repeats the column names and is left out", second.line));
        }
        reading
            .findings
            .extend(formulas.iter().filter_map(|(column, count)| Some(formula_finding(columns.get(*column)?, *count))));
        let shape = RowShape::new(sample.make_contiguous(), &columns, is_sheet);
        Ok(Self {
            id_column: columns.first().filter(|name| is_id_name(name)).map(|_| 0),
            name,
            columns,
            records,
            sample,
            stopped,
            record: StringRecord::new(),
            row: 0,
            line: 0,
            has_account: false,
            keeps_only_ids: false,
            keeps_all_rows: options.all_rows,
            shape,
            encoding,
            reading,
            unpacked_bound,
        })
    }

    /// Returns the name of the file in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether semicolons separate the cells.
    pub(crate) fn has_semicolons(&self) -> bool {
        self.records.delimiter() == Some(b';')
    }

    /// Returns the names of the columns, which are unique and not empty.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Renames columns to these names if they differ only in case, spaces, hyphens and underscores.
    pub(crate) fn rename<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let renamed = header::rename(&mut self.columns, names);
        if let Some((from, to)) = renamed.first() {
            let columns = if renamed.len() == 1 { "column is" } else { "columns are" };
            let but = "matched despite a different spelling, such as";
            self.reading.findings.push(format!("{} {columns} {but} {from:?} for {to:?}", renamed.len()));
        }
    }

    /// Sets the id column, or that there is none.
    pub(crate) const fn set_id_column(&mut self, key: Option<usize>) {
        self.id_column = key;
    }

    /// Keeps rows with only an id.
    pub(crate) const fn keep_only_ids(&mut self) {
        self.keeps_only_ids = true;
    }

    /// Returns the number of rows read, including rejected ones.
    pub(crate) const fn count(&self) -> u64 {
        self.row
    }

    /// Returns a one-line summary of how the file was read, if noteworthy. It is complete at the end of the file.
    pub(crate) fn reading(&self) -> Option<String> {
        let late_keys = self.records.json_lines().and_then(JsonLines::late_keys);
        self.reading.line(&self.name, self.encoding.phrase(), late_keys)
    }

    /// Returns the next row, or its rejection; `None` at the end. Blank rows and rows that do not contain an account
    /// are skipped.
    pub(crate) fn advance(&mut self) -> Result<Option<Result<ValidRow<'_>, Reject>>, IngestError> {
        let next = self.classify_next()?;
        let row = ValidRow { number: self.row, line: self.line, record: &self.record };
        Ok(match next {
            NextRow::Row => Some(Ok(row)),
            NextRow::Rejected(problem) => Some(Err(row.reject("", problem))),
            NextRow::End => None,
        })
    }

    fn classify_next(&mut self) -> Result<NextRow, IngestError> {
        loop {
            match self.next_record()? {
                ReadStep::End => return Ok(NextRow::End),
                ReadStep::Broken(line, problem) => {
                    (self.row, self.line) = (self.row + 1, line);
                    return Ok(NextRow::Rejected(problem));
                }
                ReadStep::Record(line) => {
                    if is_blank(&self.record) {
                        continue;
                    }
                    (self.row, self.line) = (self.row + 1, line);
                    let table = TableContext {
                        columns: &self.columns,
                        id_column: self.id_column,
                        has_account: self.has_account,
                    };
                    let is_kept = |reason: &NonAccountRow| {
                        self.keeps_all_rows || (self.keeps_only_ids && *reason == NonAccountRow::OnlyId)
                    };
                    if let Some(reason) = table.no_account(&self.record).filter(|reason| !is_kept(reason)) {
                        let first = self.record.iter().map(cell_text).find(|text| !text.is_empty()).unwrap_or_default();
                        self.reading.skipped.add(reason, first, line);
                        continue;
                    }
                    self.has_account = true;
                    let problem = self.shape_problem().or_else(|| zero_byte(&self.record, line));
                    return Ok(problem.map_or(NextRow::Row, NextRow::Rejected));
                }
            }
        }
    }

    /// Returns the next record, from the sample or from the file.
    fn next_record(&mut self) -> Result<ReadStep, IngestError> {
        if let Some(SampledRecord { line, record, problem }) = self.sample.pop_front() {
            self.record = record;
            return Ok(problem.map_or(ReadStep::Record(line), |problem| ReadStep::Broken(line, problem)));
        }
        let (step, line) = if let Some((error, line)) = self.stopped.take() {
            (Err(error), line)
        } else {
            let line = self.records.line();
            (self.records.read(&mut self.record), line)
        };
        step.map_err(|error| OpenedSource::read_error(&self.name, self.unpacked_bound, self.row, line, error))
    }

    fn shape_problem(&self) -> Option<RowProblem> {
        let (record, width) = (&self.record, self.columns.len());
        let is_too_long = record.iter().skip(width).any(|text| !cell_text(text).is_empty());
        if is_too_long || (record.len() < width && !self.shape.allows(record)) {
            let (cells, remedy) = (record.len(), "look for a missing quote or delimiter");
            let description = format!("the row has {cells} cells and the header {width}: {remedy}");
            return Some(RowProblem::new("RAGGED_ROW", description));
        }
        // Only a long row can contain a long cell.
        if record.as_slice().len() <= MAX_CELL_BYTES {
            return None;
        }
        let (place, cell) = record.iter().enumerate().find(|(_, cell)| cell.len() > MAX_CELL_BYTES)?;
        let description =
            format!("the cell in column {} has {} bytes: at most {MAX_CELL_BYTES} are read", place + 1, cell.len());
        Some(RowProblem::new("CELL_TOO_LARGE", description))
    }
}

impl RowShape {
    /// Determines the shape from the first rows below the header.
    fn new(rows: &[SampledRecord], columns: &[String], is_sheet: bool) -> Self {
        let width = columns.len();
        let table = TableContext { columns, id_column: None, has_account: true };
        let rows: Vec<SampledRecord> =
            rows.iter().filter(|row| table.no_account(&row.record).is_none()).cloned().collect();
        let has_empty_end = |row: &SampledRecord| {
            width.checked_sub(1).and_then(|last| row.record.get(last)).is_some_and(|text| cell_text(text).is_empty())
        };
        Self {
            cuts_empty_ends: is_sheet || !rows.iter().any(has_empty_end),
            values: if is_sheet { Vec::new() } else { value_columns(&rows, width) },
        }
    }

    /// Returns whether a row with too few cells lacks only empty ones at its end: its cells must match the content of
    /// their columns. If other rows have trailing empty cells, a number or date after the first cell must also confirm
    /// the alignment.
    fn allows(&self, record: &StringRecord) -> bool {
        let fits = |text: &str| text.is_empty() || is_value(text) || is_missing_marker(text);
        let cells = || self.values.iter().filter_map(|column| Some((*column, cell_text(record.get(*column)?))));
        let is_in_place = |(column, text): (usize, &str)| column > 0 && is_value(text);
        cells().all(|(_, text)| fits(text)) && (self.cuts_empty_ends || cells().any(is_in_place))
    }
}

/// Returns the first records that are not blank, and the read error that ended the sample, if any.
fn sample(records: &mut RecordReader) -> (VecDeque<SampledRecord>, Option<(io::Error, u64)>) {
    let mut sample = VecDeque::new();
    let mut bytes = 0;
    while sample.len() < MAX_SAMPLE && bytes < MAX_CELL_BYTES {
        let mut record = StringRecord::new();
        let line = records.line();
        match records.read(&mut record) {
            Ok(ReadStep::Record(line)) if !is_blank(&record) => {
                bytes += record.as_slice().len();
                sample.push_back(SampledRecord { line, record, problem: None });
            }
            Ok(ReadStep::Record(_)) => (),
            Ok(ReadStep::Broken(line, problem)) => {
                let record = StringRecord::new();
                sample.push_back(SampledRecord { line, record, problem: Some(problem) });
            }
            Ok(ReadStep::End) => break,
            Err(error) => return (sample, Some((error, line))),
        }
    }
    (sample, None)
}

/// Returns the number of columns, up to the last one that has a name, or has cells without a name. In text, the header
/// must have a place for an unnamed column; in a sheet, several rows must have a cell in it.
fn width(header: &StringRecord, rows: &[SampledRecord], is_sheet: bool) -> usize {
    let named = extent(header);
    let max_cells = if is_sheet { rows.iter().map(|row| row.record.len()).max().unwrap_or(0) } else { header.len() };
    let min_cells = if is_sheet { 2 } else { 1 };
    let holds =
        |row: &&SampledRecord, column: usize| row.record.get(column).is_some_and(|text| !cell_text(text).is_empty());
    let used =
        (named..max_cells).rev().find(|column| rows.iter().filter(|row| holds(row, *column)).count() >= min_cells);
    used.map_or(named, |last| last + 1)
}

/// Rejects zero bytes, which truncated or incompletely written files contain. They are never intended, and few programs
/// can read them.
fn zero_byte(record: &StringRecord, line: u64) -> Option<RowProblem> {
    if !record.as_slice().as_bytes().contains(&0) {
        return None;
    }
    let (place, position) = record.iter().enumerate().find_map(|(place, cell)| Some((place, cell.find('\0')?)))?;
    let description = format!(
        "byte {} of the cell in column {} of the row on line {line} is zero: remove it, or save the file again as CSV in UTF-8",
        position + 1,
        place + 1
    );
    Some(RowProblem::new("ZERO_BYTE", description))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn rows(bytes: &[u8]) -> Result<RowReader, IngestError> {
        RowReader::open(Source::new("t.csv", std::io::Cursor::new(bytes.to_vec())))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn cells(rows: &mut RowReader) -> Vec<Result<Vec<String>, (u64, &'static str)>> {
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
        assert_eq!(found, [ok("x;\n\"y\"", "2"), ok("1", ""), Err((3, "NOT_UTF8")), ok("ok", "3")]);
    }

    #[test]
    fn a_zero_byte_costs_its_row_and_is_reported_with_its_place() {
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
        let source = Source::new("bomb.gz", std::io::Cursor::new(bomb)).with_unpacked_bound(1_000_000);
        let mut rows = RowReader::open(source).unwrap();
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
    fn an_endless_row_is_reported_by_its_line() {
        let mut text = b"a,b\n1,2\n3,\"".to_vec();
        text.resize(40 << 20, b'x');
        let mut rows = rows(&text).unwrap();
        assert!(rows.advance().unwrap().is_some());
        let error = rows.advance().map(|_| ()).unwrap_err();
        assert!(matches!(error, IngestError::RowTooLong { row: 2, line: 3, .. }), "{error:?}");
    }
}
