//! Why a file cannot be read at all. A fault of a single row is a [`super::Reject`] instead.

use std::io;

use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_core::{CustomersError, TableError};
use thiserror::Error;

use super::mapping::MappingError;

/// Why a file cannot be read.
#[derive(Debug, Error)]
pub enum IngestError {
    /// The file cannot be opened.
    #[error("{file} cannot be opened: check that it exists and that you have permission to read it")]
    Open {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A folder instead of a file.
    #[error("{file} is a directory: name a file in it")]
    Directory {
        /// The directory.
        file: String,
    },
    /// Reading stopped half-way.
    #[error("{file} cannot be read beyond row {row}: it may be damaged or truncated; download or export it again")]
    Read {
        /// The file.
        file: String,
        /// The last row that was read, from 1.
        row: u64,
        /// What the system or the decompressor said.
        source: io::Error,
    },
    /// Something in which no table can be seen.
    #[error("{file} {what}")]
    NotTable {
        /// The file.
        file: String,
        /// What it is and what to do.
        what: String,
    },
    /// Text in an encoding that does not show.
    #[error(
        "{file} is neither UTF-8 nor Windows-1252: set encoding in the mapping (such as \"macintosh\"), or save the file as CSV in UTF-8"
    )]
    Encoding {
        /// The file.
        file: String,
    },
    /// So many rows are rejected that the others may be a choice of customers.
    #[error(
        "{file} cannot be used, because {rejected} of its {rows} rows are invalid, and leaving them out could bias \
         the model: {example}"
    )]
    ManyRejects {
        /// The file.
        file: String,
        /// How many rows were rejected for one reason.
        rejected: u64,
        /// How many rows there were.
        rows: u64,
        /// The first of them, and what is wrong with it.
        example: String,
    },
    /// A workbook, and the program was built without the feature that reads them.
    #[error(
        "{file} is a ZIP archive or an OLE2 file, as workbooks are, and this program was built without the feature `workbooks`: save the table as CSV in UTF-8, or build with `--features workbooks`"
    )]
    WithoutWorkbooks {
        /// The file.
        file: String,
    },
    /// A Parquet file, and the program was built without the feature that reads them.
    #[error(
        "{file} is a Parquet file, and this program was built without the feature `parquet`: export the rows as CSV in UTF-8 or as JSON Lines, or build with `--features parquet`"
    )]
    WithoutParquet {
        /// The file.
        file: String,
    },
    /// A Parquet file that takes more memory than it may.
    #[error(
        "{file} has a row group after row {row} that needs too much memory (pages of more than 1 GiB at once, more \
         than 16777216 values in a list, or texts in DELTA_BYTE_ARRAY in pages of more than 4 MiB): write it with \
         smaller row groups and pages"
    )]
    PagesTooLarge {
        /// The file.
        file: String,
        /// The last row that was read, from 1.
        row: u64,
    },
    /// A workbook that cannot be used.
    #[error("{file} {problem}")]
    Workbook {
        /// The file.
        file: String,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// Nothing in it.
    #[error("{file} is empty: its first line must name the columns")]
    Empty {
        /// The file.
        file: String,
    },
    /// Several columns, none of which is called like an id.
    #[error(
        "{file} has no column with a name such as id: name the column of ids, as in {file}#COLUMN; its columns are {columns}"
    )]
    NoIdColumn {
        /// The file.
        file: String,
        /// The first of its columns.
        columns: String,
    },
    /// The first line does not name columns.
    #[error("the header of {file} {problem}")]
    Header {
        /// The file.
        file: String,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// A row without end.
    #[error(
        "row {row} of {file}, from line {line} on, is longer than 16 MiB: a quote opened there is probably never closed"
    )]
    RowTooLong {
        /// The file.
        file: String,
        /// The row, from 1.
        row: u64,
        /// The line on which it starts, from 1.
        line: u64,
    },
    /// A compressed file that unpacks to too much.
    #[error("{file} unpacks to more than {limit} bytes: split it, or unpack it first")]
    UnpackedTooLarge {
        /// The file.
        file: String,
        /// The bound.
        limit: u64,
    },
    /// A workbook that is held in memory and would take too much of it.
    #[error("{file} {measure} more than {limit} bytes: save the sheet as CSV in UTF-8, or split it")]
    WorkbookTooLarge {
        /// The file.
        file: String,
        /// `is` or `unpacks to`.
        measure: &'static str,
        /// The bound.
        limit: u64,
    },
    /// More than is held in memory.
    #[error(
        "{file} needs too much memory (limit reached at row {row}): map fewer attributes, or use a sample of the rows"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// The row at which the bound was reached, from 1.
        row: u64,
    },
    /// The mapping names columns that the file does not have.
    #[error("{file} lacks {missing} named in the mapping; its columns are {columns}")]
    MissingColumns {
        /// The file.
        file: String,
        /// The missing names, with suggestions.
        missing: String,
        /// The names that are there.
        columns: String,
    },
    /// No row has a status that the mapping knows.
    #[error(
        "no row of {file} has one of the status texts in the mapping: column {column:?} has {found}; list these \
         under won, lost or churned"
    )]
    NoStatus {
        /// The file.
        file: String,
        /// The status column.
        column: String,
        /// The texts that were found.
        found: String,
    },
    /// No row can be used.
    #[error("{file} has no usable row: {why}")]
    NoRows {
        /// The file.
        file: String,
        /// Nothing below the header, or why the first row was rejected.
        why: String,
    },
    /// Columns of which neither the file nor the mapping says how they are written.
    #[error("{file} is ambiguous, so a setting is required: {}", .problems.join("; "))]
    Undecided {
        /// The file.
        file: String,
        /// One sentence for each column, without a full stop.
        problems: Vec<String>,
    },
    /// The mapping is wrong.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Columns that do not make a table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Outcomes that do not fit the accounts.
    #[error(transparent)]
    Customers(#[from] CustomersError),
}

impl Fault for IngestError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Open { source, .. } if source.kind() == io::ErrorKind::NotFound => FaultKind::NotFound,
            Self::Open { .. } => FaultKind::FailedPrecondition,
            Self::Read { .. } => FaultKind::DataLoss,
            Self::UnpackedTooLarge { .. }
            | Self::WorkbookTooLarge { .. }
            | Self::PagesTooLarge { .. }
            | Self::TooLarge { .. }
            | Self::RowTooLong { .. } => FaultKind::ResourceExhausted,
            Self::Mapping(source) => source.kind(),
            Self::Directory { .. }
            | Self::NotTable { .. }
            | Self::Encoding { .. }
            | Self::ManyRejects { .. }
            | Self::WithoutParquet { .. }
            | Self::WithoutWorkbooks { .. }
            | Self::Workbook { .. }
            | Self::Empty { .. }
            | Self::Header { .. }
            | Self::NoIdColumn { .. }
            | Self::MissingColumns { .. }
            | Self::NoStatus { .. }
            | Self::NoRows { .. }
            | Self::Undecided { .. } => FaultKind::InvalidArgument,
            Self::Table(_) | Self::Customers(_) => FaultKind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Open { .. } => "FILE_NOT_OPENED",
            Self::Directory { .. } => "FILE_IS_DIRECTORY",
            Self::Read { .. } => "FILE_NOT_READ",
            Self::NotTable { .. } => "NOT_A_TABLE",
            Self::Encoding { .. } => "ENCODING_UNKNOWN",
            Self::ManyRejects { .. } => "MANY_ROWS_REJECTED",
            Self::WithoutWorkbooks { .. } | Self::Workbook { .. } => "WORKBOOK_NOT_READ",
            Self::WithoutParquet { .. } => "PARQUET_NOT_READ",
            Self::Empty { .. } => "FILE_EMPTY",
            Self::Header { .. } => "HEADER_UNUSABLE",
            Self::RowTooLong { .. } => "ROW_TOO_LONG",
            Self::UnpackedTooLarge { .. } => "UNPACKED_TOO_LARGE",
            Self::WorkbookTooLarge { .. } | Self::PagesTooLarge { .. } | Self::TooLarge { .. } => "FILE_TOO_LARGE",
            Self::MissingColumns { .. } | Self::NoIdColumn { .. } => "COLUMNS_MISSING",
            Self::NoStatus { .. } => "STATUS_NOT_FOUND",
            Self::NoRows { .. } => "NO_USABLE_ROWS",
            Self::Undecided { .. } => "FORMAT_UNDECIDED",
            Self::Mapping(source) => source.reason(),
            Self::Table(_) => "TABLE_UNUSABLE",
            Self::Customers(_) => "CUSTOMERS_UNUSABLE",
        }
    }
}
