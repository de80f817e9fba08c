//! The rows of a Parquet file.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::Arc;

use csv::StringRecord;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use super::column::CellReader;
use super::pages::PageFile;
use super::schema::ParquetColumn;
use crate::limits::MAX_ROW_BYTES;
use crate::source::bounded_reader::BoundExceeded;
use crate::source::library_panic;
use crate::source::progress::SourceProgress;
use crate::source::record::ReadStep;
use crate::source::reject::RowProblem;

/// The number of rows of every column in memory.
const BATCH_ROWS: usize = 256;

/// Reads the rows of one row group after the other.
pub(in crate::source) struct ParquetRecords {
    file: Arc<PageFile>,
    progress: Option<SourceProgress>,
    names: Vec<String>,
    columns: Vec<ParquetColumn>,
    groups: VecDeque<RowGroupMetaData>,
    readers: Vec<CellReader>,
    /// The number of unread rows of the row group. `buffered` is the number of those in memory.
    left: usize,
    buffered: usize,
    row: u64,
}

impl ParquetRecords {
    /// Starts at the first row.
    pub(super) fn new(
        file: File,
        metadata: ParquetMetaData,
        columns: Vec<ParquetColumn>,
        progress: Option<SourceProgress>,
    ) -> Self {
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        Self {
            file: PageFile::new(file, size, progress.clone()),
            progress,
            names: columns.iter().map(|column| column.name.clone()).collect(),
            columns,
            groups: metadata.into_builder().take_row_groups().into(),
            readers: Vec::new(),
            left: 0,
            buffered: 0,
            row: 0,
        }
    }

    /// Returns the names of the columns.
    pub(in crate::source) fn columns(&self) -> &[String] {
        &self.names
    }

    /// Returns the number of the next row, starting at 1.
    pub(in crate::source) const fn line(&self) -> u64 {
        self.row + 1
    }

    /// Reads the next row.
    ///
    /// # Errors
    /// Returns an error if the file is damaged or its pages are too large.
    pub(in crate::source) fn read(&mut self, record: &mut StringRecord) -> io::Result<ReadStep> {
        record.clear();
        if self.buffered == 0 && !self.fill_guarded()? {
            if let Some(progress) = &self.progress {
                progress.finish();
            }
            return Ok(ReadStep::End);
        }
        (self.buffered, self.left, self.row) = (self.buffered - 1, self.left - 1, self.row + 1);
        let mut problem = None;
        for (reader, name) in self.readers.iter_mut().zip(&self.names) {
            // Every column must advance, even if one of them is invalid.
            let cell = reader.next();
            if record.as_slice().len() as u64 > MAX_ROW_BYTES {
                let description = format!("the row has more than {MAX_ROW_BYTES} bytes: shorten its texts");
                problem = problem.or(Some(RowProblem::new("CELL_TOO_LARGE", description)));
            } else if let Some(cell) = cell {
                record.push_field(&cell);
            } else {
                let description = format!("the value of column {name:?} is not valid text: write it as UTF-8");
                problem = problem.or(Some(RowProblem::new("NOT_UTF8", description)));
            }
        }
        Ok(problem.map_or(ReadStep::Record(self.row), |problem| ReadStep::Broken(self.row, problem)))
    }

    /// Reads more rows of every column. Returns `false` at the end. Implausible sizes make the library panic.
    fn fill_guarded(&mut self) -> io::Result<bool> {
        let filled = library_panic::catch(|| self.fill());
        let filled = filled.unwrap_or_else(|| Err(ParquetError::General("it is damaged".to_owned())));
        filled.map_err(|error| {
            if self.file.is_breached() { io::Error::other(BoundExceeded::Pages) } else { io::Error::other(error) }
        })
    }

    fn fill(&mut self) -> Result<bool, ParquetError> {
        while self.left == 0 {
            // Frees the pages of a row group before reading the next ones.
            self.readers.clear();
            let Some(group) = self.groups.pop_front() else { return Ok(false) };
            self.left = usize::try_from(group.num_rows())?;
            if self.left > 0 {
                let columns = self.columns.iter().enumerate();
                let readers = columns.map(|(place, column)| CellReader::open(&self.file, &group, place, column));
                self.readers = readers.collect::<Result<_, _>>()?;
            }
        }
        let rows = BATCH_ROWS.min(self.left);
        for reader in &mut self.readers {
            reader.fill(rows)?;
        }
        self.buffered = rows;
        Ok(true)
    }
}
