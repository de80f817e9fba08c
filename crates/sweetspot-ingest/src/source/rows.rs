//! Rows one at a time, each checked for its shape before anyone looks at its cells.

use std::collections::VecDeque;
use std::io;

use csv::StringRecord;

use super::encoding::FoundEncoding;
use super::header;
use super::header_row::{self, MAX_SAMPLE, Sampled, is_second_header, is_value, value_columns};
use super::json_lines::JsonLines;
use super::no_account::{NoAccount, Table};
use super::open::{Opened, Source};
use super::reading::Reading;
use super::record::{Records, Step, cell, extent, is_blank};
use super::reject::{Problem, Reject};
use crate::IngestError;
use crate::limits::MAX_CELL_BYTES;
use crate::profile::words::{is_id_name, is_missing_marker};

/// The rows of an open file.
pub(crate) struct Rows {
    name: String,
    columns: Vec<String>,
    records: Records,
    /// Records below the header that were read to find it, and why no more were.
    sample: VecDeque<Sampled>,
    stopped: Option<(io::Error, u64)>,
    record: StringRecord,
    row: u64,
    line: u64,
    /// The column with the id, as far as it is known.
    key: Option<usize>,
    has_account: bool,
    /// Whether a row with nothing but an id is a row like others.
    keeps_only_ids: bool,
    shape: Shape,
    encoding: FoundEncoding,
    reading: Reading,
    unpacked_bound: u64,
}

/// What a short row is judged by.
#[derive(Debug)]
struct Shape {
    /// Whether rows end with their last cell that holds anything.
    cuts_empty_ends: bool,
    /// Columns that hold numbers or days alone.
    values: Vec<usize>,
}

/// One row of the right shape.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Its number below the header, from 1.
    pub(crate) number: u64,
    line: u64,
    record: &'a StringRecord,
}

impl Row<'_> {
    /// The text of a cell, trimmed and without marks for spreadsheets; empty where there is no such cell.
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.record.get(column).map_or("", cell)
    }

    /// Its cells as they are written.
    pub(crate) const fn record(&self) -> &StringRecord {
        self.record
    }

    /// The row as rejected for this problem.
    pub(crate) fn reject(&self, id: &str, problem: Problem) -> Reject {
        problem.at(self.number, Some(self.line), id)
    }
}

/// What reading on has brought.
enum Next {
    Row,
    Rejected(Problem),
    End,
}

impl Rows {
    /// Finds the header.
    pub(crate) fn open(source: Source) -> Result<Self, IngestError> {
        let Opened { name, mut records, options, encoding, unpacked_bound, findings, formulas } = source.prepare()?;
        let wrong = |problem| IngestError::Header { file: name.clone(), problem };
        let (mut sample, stopped) = sample(&mut records);
        if let Some((error, line)) = stopped.as_ref().filter(|_| sample.is_empty()) {
            let error = io::Error::new(error.kind(), error.to_string());
            return Err(Opened::read_error(&name, unpacked_bound, 0, *line, error));
        }
        if sample.is_empty() && records.columns().is_none() {
            return Err(IngestError::Empty { file: name });
        }
        let mut reading = Reading { findings, ..Reading::default() };
        let header = if let Some(columns) = records.columns() {
            StringRecord::from(columns.to_vec())
        } else {
            let place = header_row::find(sample.make_contiguous(), options.header_row);
            let place = place.map_err(|problem| IngestError::NotTable { file: name.clone(), what: problem })?;
            let above: Vec<Sampled> = sample.drain(..=place).collect();
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
        if is_second_header(sample.make_contiguous(), width)
            && let Some(second) = sample.pop_front()
        {
            reading.findings.push(format!("row {} repeats the column names and is left out", second.line));
        }
        for (column, count) in formulas {
            if let Some(column) = columns.get(column) {
                reading.findings.push(format!(
                    "{count} cells of column {column:?} have formulas without a stored value and count as missing: \
                     open the workbook in Excel and save it"
                ));
            }
        }
        let shape = Shape::new(sample.make_contiguous(), &columns, is_sheet);
        Ok(Self {
            key: columns.first().filter(|name| is_id_name(name)).map(|_| 0),
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
            shape,
            encoding,
            reading,
            unpacked_bound,
        })
    }

    /// What the file is called in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether semicolons separate the cells.
    pub(crate) fn has_semicolons(&self) -> bool {
        self.records.delimiter() == Some(b';')
    }

    /// The columns' names, unique and never empty.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Calls columns by these names where they differ in case, spaces, hyphens and underscores alone.
    pub(crate) fn rename<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let renamed = header::rename(&mut self.columns, names);
        if let Some((from, to)) = renamed.first() {
            let columns = if renamed.len() == 1 { "column is" } else { "columns are" };
            let but = "matched despite a different spelling, such as";
            self.reading.findings.push(format!("{} {columns} {but} {from:?} for {to:?}", renamed.len()));
        }
    }

    /// Says which column has the id, or that none has.
    pub(crate) const fn set_key(&mut self, key: Option<usize>) {
        self.key = key;
    }

    /// Takes rows with nothing but an id for rows like others.
    pub(crate) const fn keep_only_ids(&mut self) {
        self.keeps_only_ids = true;
    }

    /// How many rows have been read, rejected ones included.
    pub(crate) const fn count(&self) -> u64 {
        self.row
    }

    /// One line on how the file was read, where that is worth one; complete at the end of the file.
    pub(crate) fn reading(&self) -> Option<String> {
        let late_keys = self.records.json_lines().and_then(JsonLines::late_keys);
        self.reading.line(&self.name, self.encoding.phrase(), late_keys)
    }

    /// The next row, or why it is rejected; `None` at the end. Blank rows and rows that hold no account are passed over.
    pub(crate) fn advance(&mut self) -> Result<Option<Result<Row<'_>, Reject>>, IngestError> {
        let next = self.next()?;
        let row = Row { number: self.row, line: self.line, record: &self.record };
        Ok(match next {
            Next::Row => Some(Ok(row)),
            Next::Rejected(problem) => Some(Err(row.reject("", problem))),
            Next::End => None,
        })
    }

    fn next(&mut self) -> Result<Next, IngestError> {
        loop {
            match self.step()? {
                Step::End => return Ok(Next::End),
                Step::Broken(line, problem) => {
                    (self.row, self.line) = (self.row + 1, line);
                    return Ok(Next::Rejected(problem));
                }
                Step::Record(line) => {
                    if is_blank(&self.record) {
                        continue;
                    }
                    (self.row, self.line) = (self.row + 1, line);
                    let table = Table { columns: &self.columns, key: self.key, has_account: self.has_account };
                    let is_kept = |reason: &NoAccount| self.keeps_only_ids && *reason == NoAccount::OnlyId;
                    if let Some(reason) = table.no_account(&self.record).filter(|reason| !is_kept(reason)) {
                        let first = self.record.iter().map(cell).find(|text| !text.is_empty()).unwrap_or_default();
                        self.reading.left_out.add(reason, first, line);
                        continue;
                    }
                    self.has_account = true;
                    let problem = self.misshapen().or_else(|| zero_byte(&self.record, line));
                    return Ok(problem.map_or(Next::Row, Next::Rejected));
                }
            }
        }
    }

    /// The next record, of those that were read before or of the file.
    fn step(&mut self) -> Result<Step, IngestError> {
        if let Some(Sampled { line, record, problem }) = self.sample.pop_front() {
            self.record = record;
            return Ok(problem.map_or(Step::Record(line), |problem| Step::Broken(line, problem)));
        }
        let (step, line) = if let Some((error, line)) = self.stopped.take() {
            (Err(error), line)
        } else {
            let line = self.records.line();
            (self.records.read(&mut self.record), line)
        };
        step.map_err(|error| Opened::read_error(&self.name, self.unpacked_bound, self.row, line, error))
    }

    fn misshapen(&self) -> Option<Problem> {
        let (record, width) = (&self.record, self.columns.len());
        let is_too_long = record.iter().skip(width).any(|text| !cell(text).is_empty());
        if is_too_long || (record.len() < width && !self.shape.allows(record)) {
            let (cells, remedy) = (record.len(), "look for a missing quote or delimiter");
            let description = format!("the row has {cells} cells and the header {width}: {remedy}");
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
}

impl Shape {
    /// Judged by the first rows below the header.
    fn new(rows: &[Sampled], columns: &[String], is_sheet: bool) -> Self {
        let width = columns.len();
        let table = Table { columns, key: None, has_account: true };
        let rows: Vec<Sampled> = rows.iter().filter(|row| table.no_account(&row.record).is_none()).cloned().collect();
        let has_empty_end = |row: &Sampled| {
            width.checked_sub(1).and_then(|last| row.record.get(last)).is_some_and(|text| cell(text).is_empty())
        };
        Self {
            cuts_empty_ends: is_sheet || !rows.iter().any(has_empty_end),
            values: if is_sheet { Vec::new() } else { value_columns(&rows, width) },
        }
    }

    /// Whether a row with too few cells lacks empty ones at its end: its cells must be what their columns hold. Where other rows
    /// have their empty ends, a number or a day behind the first cell must show that it is in its place.
    fn allows(&self, record: &StringRecord) -> bool {
        let fits = |text: &str| text.is_empty() || is_value(text) || is_missing_marker(text);
        let cells = || self.values.iter().filter_map(|column| Some((*column, cell(record.get(*column)?))));
        let is_in_place = |(column, text): (usize, &str)| column > 0 && is_value(text);
        cells().all(|(_, text)| fits(text)) && (self.cuts_empty_ends || cells().any(is_in_place))
    }
}

/// The first records that are not blank, and why there are no more where the file could not be read any further.
fn sample(records: &mut Records) -> (VecDeque<Sampled>, Option<(io::Error, u64)>) {
    let mut sample = VecDeque::new();
    let mut bytes = 0;
    while sample.len() < MAX_SAMPLE && bytes < MAX_CELL_BYTES {
        let mut record = StringRecord::new();
        let line = records.line();
        match records.read(&mut record) {
            Ok(Step::Record(line)) if !is_blank(&record) => {
                bytes += record.as_slice().len();
                sample.push_back(Sampled { line, record, problem: None });
            }
            Ok(Step::Record(_)) => (),
            Ok(Step::Broken(line, problem)) => {
                let record = StringRecord::new();
                sample.push_back(Sampled { line, record, problem: Some(problem) });
            }
            Ok(Step::End) => break,
            Err(error) => return (sample, Some((error, line))),
        }
    }
    (sample, None)
}

/// How many columns there are: to the last that has a name, or that has none but cells. In a text the header must have a
/// place for it, in a sheet several rows a cell.
fn width(header: &StringRecord, rows: &[Sampled], is_sheet: bool) -> usize {
    let named = extent(header);
    let most = if is_sheet { rows.iter().map(|row| row.record.len()).max().unwrap_or(0) } else { header.len() };
    let least = if is_sheet { 2 } else { 1 };
    let holds = |row: &&Sampled, column: usize| row.record.get(column).is_some_and(|text| !cell(text).is_empty());
    let used = (named..most).rev().find(|column| rows.iter().filter(|row| holds(row, *column)).count() >= least);
    used.map_or(named, |last| last + 1)
}

/// Files that were cut off or written half-way hold zero bytes; no table means them, and few programs can read them.
fn zero_byte(record: &StringRecord, line: u64) -> Option<Problem> {
    if !record.as_slice().as_bytes().contains(&0) {
        return None;
    }
    let (place, position) = record.iter().enumerate().find_map(|(place, cell)| Some((place, cell.find('\0')?)))?;
    let description = format!(
        "byte {} of the cell in column {} of the row on line {line} is zero: remove it, or save the file again as CSV in UTF-8",
        position + 1,
        place + 1
    );
    Some(Problem::new("ZERO_BYTE", description))
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
        assert_eq!(found, [ok("x;\n\"y\"", "2"), ok("1", ""), Err((3, "NOT_UTF8")), ok("ok", "3")]);
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
