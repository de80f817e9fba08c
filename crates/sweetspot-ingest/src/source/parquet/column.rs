//! The cells of one column of a row group, read in batches.

use std::sync::Arc;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::RowGroupMetaData;

use super::pages::{PageFile, pages};
use super::schema::ParquetColumn;
use super::value::{ValueForm, number, short_number};
use crate::limits::{MAX_CELL_BYTES, clip_to};
use crate::list_cells::list_cell;

/// A value that has been read.
pub(super) enum ParquetValue {
    /// The text of the value.
    Text(String),
    /// The bytes of the text, which may be shared with other rows.
    Bytes(ByteArray),
}

/// Reads a column.
pub(super) struct CellReader {
    reader: ColumnReader,
    form: ValueForm,
    is_list: bool,
    /// The definition level of a present value. `levels` holds the levels of the current batch.
    value_level: i16,
    levels: ValueLevels,
    /// The number of values of each row of the batch. `values` holds the values themselves.
    counts: std::vec::IntoIter<u32>,
    values: std::vec::IntoIter<ParquetValue>,
}

/// For each value of a list and each missing one: the definition level, and the repetition level, which is 0 at the
/// start of a row.
#[derive(Default)]
struct ValueLevels {
    definition: Vec<i16>,
    repetition: Vec<i16>,
}

impl CellReader {
    /// Opens a column of a row group.
    ///
    /// # Errors
    /// Returns an error if the metadata of the column is inconsistent.
    pub(super) fn open(
        file: &Arc<PageFile>,
        group: &RowGroupMetaData,
        place: usize,
        column: &ParquetColumn,
    ) -> Result<Self> {
        let chunk = group.columns().get(place).ok_or_else(|| error("a row group lacks a column"))?;
        let descriptor = chunk.column_descr_ptr();
        let rows = usize::try_from(group.num_rows()).map_err(|_| error("a row group has no number of rows"))?;
        let pages = pages(file, chunk, rows, column.is_list)?;
        Ok(Self {
            form: column.form,
            is_list: column.is_list,
            value_level: descriptor.max_def_level(),
            reader: get_column_reader(descriptor, pages),
            levels: ValueLevels::default(),
            counts: Vec::new().into_iter(),
            values: Vec::new().into_iter(),
        })
    }

    /// Reads this many rows.
    ///
    /// # Errors
    /// Returns an error if there are fewer rows, or they are damaged.
    pub(super) fn fill(&mut self, rows: usize) -> Result<()> {
        let (form, levels) = (self.form, &mut self.levels);
        let text = |text: String| ParquetValue::Text(text);
        let values = match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => levels.read(reader, rows, |flag| text(flag.to_string())),
            ColumnReader::Int32ColumnReader(reader) => levels.read(reader, rows, |value| text(form.int32(*value))),
            ColumnReader::Int64ColumnReader(reader) => levels.read(reader, rows, |value| text(form.int64(*value))),
            ColumnReader::Int96ColumnReader(reader) => {
                levels.read(reader, rows, |value| text(form.int64(value.to_micros())))
            }
            ColumnReader::FloatColumnReader(reader) => levels.read(reader, rows, |value| text(short_number(*value))),
            ColumnReader::DoubleColumnReader(reader) => levels.read(reader, rows, |value| text(number(*value))),
            ColumnReader::ByteArrayColumnReader(reader) => {
                levels.read(reader, rows, |bytes| ParquetValue::Bytes(bytes.clone()))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                levels.read(reader, rows, |bytes| ParquetValue::Bytes(ByteArray::from(bytes.clone())))
            }
        }?;
        let counts = self.levels.counts(rows, self.value_level);
        (self.counts, self.values) = (counts.into_iter(), values.into_iter());
        Ok(())
    }

    /// Returns the text of the next row's cell, for a list as in [`list_cell`]; `None` if it is not valid text. It is
    /// truncated if it exceeds the maximum length of a cell.
    pub(super) fn next(&mut self) -> Option<String> {
        let count = self.counts.next().unwrap_or_default();
        let (mut cell, mut items, mut bytes) = (String::new(), Vec::new(), 0);
        let mut is_text = true;
        for value in self.values.by_ref().take(count as usize) {
            if bytes > MAX_CELL_BYTES {
                continue;
            }
            let text = match value {
                ParquetValue::Text(text) => text,
                ParquetValue::Bytes(bytes) => {
                    let text = self.form.bytes(bytes.data());
                    is_text &= text.is_some();
                    text.unwrap_or_default()
                }
            };
            bytes += text.len();
            if !self.is_list {
                cell = text;
            } else if !text.is_empty() {
                items.push(text);
            }
        }
        if self.is_list {
            cell = list_cell(&items);
        }
        cell.truncate(clip_to(&cell, MAX_CELL_BYTES + 1).len());
        is_text.then_some(cell)
    }
}

impl ValueLevels {
    /// Reads this many rows.
    fn read<T: DataType>(
        &mut self,
        reader: &mut ColumnReaderImpl<T>,
        rows: usize,
        value: impl Fn(&T::T) -> ParquetValue,
    ) -> Result<Vec<ParquetValue>> {
        self.definition.clear();
        self.repetition.clear();
        let mut values = Vec::new();
        let (definition, repetition) = (Some(&mut self.definition), Some(&mut self.repetition));
        let (found, ..) = reader.read_records(rows, definition, repetition, &mut values)?;
        if found != rows {
            return Err(error("a column has fewer rows than its row group"));
        }
        Ok(values.iter().map(value).collect())
    }

    /// Returns the number of values of each row.
    fn counts(&self, rows: usize, value_level: i16) -> Vec<u32> {
        if self.definition.is_empty() {
            return vec![1; rows];
        }
        let mut counts = Vec::with_capacity(rows);
        for (place, level) in self.definition.iter().enumerate() {
            // Without lists, each value is a row.
            if self.repetition.get(place).is_none_or(|level| *level == 0) {
                counts.push(0);
            }
            if let Some(count) = counts.last_mut().filter(|_| *level == value_level) {
                *count += 1;
            }
        }
        counts
    }
}

fn error(problem: &str) -> ParquetError {
    ParquetError::General(problem.to_owned())
}
