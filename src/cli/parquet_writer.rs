//! Writes a table to a Parquet file: some rows of each column are buffered, and written as a row group.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::output_file::Sink;
use super::table_writer::{CellKind, TableColumn};

/// The maximum number of rows in a row group; it also ends when its texts take the maximum number of bytes.
const MAX_GROUP_ROWS: usize = 1 << 16;
const MAX_GROUP_BYTES: usize = 32 << 20;

/// Writes a Parquet file.
#[derive(Debug)]
pub(crate) struct ParquetWriter {
    writer: SerializedFileWriter<Sink>,
    columns: Vec<ColumnBuffer>,
    rows: usize,
    bytes: usize,
}

/// The buffered cells of a column; an empty cell has a definition level of 0 and no value.
#[derive(Debug)]
struct ColumnBuffer {
    levels: Vec<i16>,
    values: ColumnValues,
}

#[derive(Debug)]
enum ColumnValues {
    Texts(Vec<ByteArray>),
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
}

impl ParquetWriter {
    /// Creates a file with these columns.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn create(sink: Sink, columns: &[TableColumn]) -> io::Result<Self> {
        let fields: Result<Vec<TypePtr>> = columns.iter().map(|column| field(column).map(Arc::new)).collect();
        let schema = fields.and_then(|fields| Type::group_type_builder("table").with_fields(fields).build());
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(zstd).build();
        let writer = SerializedFileWriter::new(sink, Arc::new(schema.map_err(io_error)?), Arc::new(properties));
        let columns =
            columns.iter().map(|column| ColumnBuffer { levels: Vec::new(), values: ColumnValues::new(column.kind) });
        Ok(Self { writer: writer.map_err(io_error)?, columns: columns.collect(), rows: 0, bytes: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written, or if a cell of a number column is not a number.
    pub(crate) fn push<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell)?;
            self.bytes += cell.len();
        }
        self.rows += 1;
        if self.rows == MAX_GROUP_ROWS || self.bytes >= MAX_GROUP_BYTES {
            self.write_group().map_err(io_error)
        } else {
            Ok(())
        }
    }

    /// Completes the file; the caller then commits the returned sink.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn finish(mut self) -> io::Result<Sink> {
        if self.rows > 0 {
            self.write_group().map_err(io_error)?;
        }
        self.writer.into_inner().map_err(io_error)
    }

    fn write_group(&mut self) -> Result<()> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            if let Some(writer) = group.next_column()? {
                column.write(writer)?;
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl ColumnValues {
    const fn new(kind: CellKind) -> Self {
        match kind {
            CellKind::Text => Self::Texts(Vec::new()),
            CellKind::Integer => Self::Integers(Vec::new()),
            CellKind::Number => Self::Numbers(Vec::new()),
        }
    }
}

impl ColumnBuffer {
    fn push(&mut self, cell: &str) -> io::Result<()> {
        self.levels.push(i16::from(!cell.is_empty()));
        if cell.is_empty() {
            return Ok(());
        }
        let no_number = || io::Error::other(format!("{cell:?} is in a column of numbers"));
        match &mut self.values {
            ColumnValues::Texts(values) => values.push(cell.into()),
            ColumnValues::Integers(values) => values.push(cell.parse().map_err(|_| no_number())?),
            ColumnValues::Numbers(values) => values.push(cell.parse().map_err(|_| no_number())?),
        }
        Ok(())
    }

    /// Writes the buffered cells and clears the buffer.
    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<()> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            ColumnValues::Texts(values) => {
                writer.typed::<ByteArrayType>().write_batch(values, levels, None)?;
                values.clear();
            }
            ColumnValues::Integers(values) => {
                writer.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            ColumnValues::Numbers(values) => {
                writer.typed::<DoubleType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        writer.close()
    }
}

/// Returns the schema of a column.
fn field(column: &TableColumn) -> Result<Type> {
    let (physical, logical) = match column.kind {
        CellKind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        CellKind::Integer => (PhysicalType::INT64, None),
        CellKind::Number => (PhysicalType::DOUBLE, None),
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_logical_type(logical)
        .with_repetition(Repetition::OPTIONAL)
        .build()
}

/// Returns the cause of a library error, so that a closed pipe is recognized.
fn io_error(error: ParquetError) -> io::Error {
    if let ParquetError::External(cause) = error {
        return cause.downcast::<io::Error>().map_or_else(io::Error::other, |cause| *cause);
    }
    io::Error::other(error)
}
