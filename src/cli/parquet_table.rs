//! A table on its way to a Parquet file: some rows of every column are held, and written as a row group.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::files::Sink;
use super::table_file::{CellKind, TableColumn};

/// A row group ends with this row, or as soon as its texts take this many bytes.
const MAX_ROWS: usize = 1 << 16;
const MAX_BYTES: usize = 32 << 20;

/// A Parquet file under way.
#[derive(Debug)]
pub(crate) struct ParquetTable {
    writer: SerializedFileWriter<Sink>,
    columns: Vec<Cells>,
    rows: usize,
    bytes: usize,
}

/// The cells of a column that are held; one that is empty has a level of 0 and no value.
#[derive(Debug)]
struct Cells {
    levels: Vec<i16>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Texts(Vec<ByteArray>),
    Wholes(Vec<i64>),
    Numbers(Vec<f64>),
}

impl ParquetTable {
    /// Begins a file with these columns.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn create(sink: Sink, columns: &[TableColumn]) -> io::Result<Self> {
        let fields: Result<Vec<TypePtr>> = columns.iter().map(|column| field(column).map(Arc::new)).collect();
        let schema = fields.and_then(|fields| Type::group_type_builder("table").with_fields(fields).build());
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(zstd).build();
        let writer = SerializedFileWriter::new(sink, Arc::new(schema.map_err(cause)?), Arc::new(properties));
        let columns = columns.iter().map(|column| Cells { levels: Vec::new(), values: Values::new(column.kind) });
        Ok(Self { writer: writer.map_err(cause)?, columns: columns.collect(), rows: 0, bytes: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Where the file cannot be written, or a cell of numbers holds none.
    pub(crate) fn push<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell)?;
            self.bytes += cell.len();
        }
        self.rows += 1;
        if self.rows == MAX_ROWS || self.bytes >= MAX_BYTES { self.write_group().map_err(cause) } else { Ok(()) }
    }

    /// Completes the file, which is then to be put in its place.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn finish(mut self) -> io::Result<Sink> {
        if self.rows > 0 {
            self.write_group().map_err(cause)?;
        }
        self.writer.into_inner().map_err(cause)
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

impl Values {
    const fn new(kind: CellKind) -> Self {
        match kind {
            CellKind::Text => Self::Texts(Vec::new()),
            CellKind::Whole => Self::Wholes(Vec::new()),
            CellKind::Number => Self::Numbers(Vec::new()),
        }
    }
}

impl Cells {
    fn push(&mut self, cell: &str) -> io::Result<()> {
        self.levels.push(i16::from(!cell.is_empty()));
        if cell.is_empty() {
            return Ok(());
        }
        let no_number = || io::Error::other(format!("{cell:?} is in a column of numbers"));
        match &mut self.values {
            Values::Texts(values) => values.push(cell.into()),
            Values::Wholes(values) => values.push(cell.parse().map_err(|_| no_number())?),
            Values::Numbers(values) => values.push(cell.parse().map_err(|_| no_number())?),
        }
        Ok(())
    }

    /// Writes what is held, and holds it no longer.
    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<()> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            Values::Texts(values) => {
                writer.typed::<ByteArrayType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Wholes(values) => {
                writer.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Numbers(values) => {
                writer.typed::<DoubleType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        writer.close()
    }
}

/// A column as the file describes it.
fn field(column: &TableColumn) -> Result<Type> {
    let (physical, logical) = match column.kind {
        CellKind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        CellKind::Whole => (PhysicalType::INT64, None),
        CellKind::Number => (PhysicalType::DOUBLE, None),
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_logical_type(logical)
        .with_repetition(Repetition::OPTIONAL)
        .build()
}

/// What lies behind an error of the library: a reader that went away must be recognized as such.
fn cause(error: ParquetError) -> io::Error {
    if let ParquetError::External(cause) = error {
        return cause.downcast::<io::Error>().map_or_else(io::Error::other, |cause| *cause);
    }
    io::Error::other(error)
}
