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
use super::schema::Column;
use crate::limits::MAX_ROW_BYTES;
use crate::source::library_panic;
use crate::source::metered::Breach;
use crate::source::progress::SourceProgress;
use crate::source::record::Step;
use crate::source::reject::Problem;

/// How many rows of every column are held at once.
const BATCH_ROWS: usize = 256;

/// Reads the rows of one row group after the other.
pub(in crate::source) struct ParquetRecords {
    file: Arc<PageFile>,
    progress: Option<SourceProgress>,
    names: Vec<String>,
    columns: Vec<Column>,
    groups: VecDeque<RowGroupMetaData>,
    readers: Vec<CellReader>,
    /// Rows of the row group that have not been read, and those of them that are held.
    left: usize,
    held: usize,
    row: u64,
}

impl ParquetRecords {
    /// Reads from the first row on.
    pub(super) fn new(
        file: File,
        metadata: ParquetMetaData,
        columns: Vec<Column>,
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
            held: 0,
            row: 0,
        }
    }

    /// The names of the columns.
    pub(in crate::source) fn columns(&self) -> &[String] {
        &self.names
    }

    /// The row that is read next, from 1.
    pub(in crate::source) const fn line(&self) -> u64 {
        self.row + 1
    }

    /// The next row.
    ///
    /// # Errors
    /// Where the file is damaged or its pages are too large.
    pub(in crate::source) fn read(&mut self, record: &mut StringRecord) -> io::Result<Step> {
        record.clear();
        if self.held == 0 && !self.fill_guarded()? {
            if let Some(progress) = &self.progress {
                progress.finish();
            }
            return Ok(Step::End);
        }
        (self.held, self.left, self.row) = (self.held - 1, self.left - 1, self.row + 1);
        let mut problem = None;
        for (reader, name) in self.readers.iter_mut().zip(&self.names) {
            // Every column goes on, whatever is wrong with one of them.
            let cell = reader.next();
            if record.as_slice().len() as u64 > MAX_ROW_BYTES {
                let description = format!("the row has more than {MAX_ROW_BYTES} bytes: shorten its texts");
                problem = problem.or(Some(Problem::new("CELL_TOO_LARGE", description)));
            } else if let Some(cell) = cell {
                record.push_field(&cell);
            } else {
                let description = format!("the value of column {name:?} is not valid text: write it as UTF-8");
                problem = problem.or(Some(Problem::new("NOT_UTF8", description)));
            }
        }
        Ok(problem.map_or(Step::Record(self.row), |problem| Step::Broken(self.row, problem)))
    }

    /// Reads more rows of every column; false at the end. Sizes that no file has make the library panic.
    fn fill_guarded(&mut self) -> io::Result<bool> {
        let filled = library_panic::catch(|| self.fill());
        let filled = filled.unwrap_or_else(|| Err(ParquetError::General("it is damaged".to_owned())));
        filled.map_err(
            |error| if self.file.is_breached() { io::Error::other(Breach::Pages) } else { io::Error::other(error) },
        )
    }

    fn fill(&mut self) -> Result<bool, ParquetError> {
        while self.left == 0 {
            // The pages of a row group are let go of before the next ones are read.
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
        self.held = rows;
        Ok(true)
    }
}
