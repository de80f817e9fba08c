//! Errors that prevent reading a file. An error in a single row is a [`super::Reject`] instead.

use std::io;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{CustomersError, FrequencyWeightError, TableError};
use thiserror::Error;

use super::mapping::MappingError;

/// The reason why a file cannot be read.
#[derive(Debug, Error)]
pub enum IngestError {
    /// The file cannot be opened.
    #[error("{file} cannot be opened: check that it exists and that you have permission to read it")]
    Open {
        /// The name of the file.
        file: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The path is a directory.
    #[error("{file} is a directory: name a file in it")]
    Directory {
        /// The name of the directory.
        file: String,
    },
    /// Reading failed before the end of the file.
    #[error("{file} cannot be read beyond row {row}: it may be damaged or truncated; download or export it again")]
    Read {
        /// The name of the file.
        file: String,
        /// The last row that was read, starting at 1.
        row: u64,
        /// The error of the operating system or the decompressor.
        source: io::Error,
    },
    /// The file does not contain a table.
    #[error("{file} {what}")]
    NotTable {
        /// The name of the file.
        file: String,
        /// What the file is, and how to fix it.
        what: String,
    },
    /// The encoding of the text cannot be determined.
    #[error(
        "{file} is neither UTF-8 nor Windows-1252: set encoding in the mapping (such as \"macintosh\"), or save the file as CSV in UTF-8"
    )]
    Encoding {
        /// The name of the file.
        file: String,
    },
    /// The share of rows that are rejected for one reason is so large that the remaining rows could be biased.
    #[error(
        "{file} cannot be used, because {rejected} of its {rows} rows are invalid, and leaving them out could bias \
         the model: {example}"
    )]
    ManyRejects {
        /// The name of the file.
        file: String,
        /// The number of rows rejected for that reason.
        rejected: u64,
        /// The number of rows in the file.
        rows: u64,
        /// The first of the rejected rows, and what is wrong with it.
        example: String,
    },
    /// The file is a workbook, but the program was built without the feature `workbooks`.
    #[error(
        "{file} is a ZIP archive or an OLE2 file, as workbooks are, and this program was built without the feature `workbooks`: save the table as CSV in UTF-8, or build with `--features workbooks`"
    )]
    WithoutWorkbooks {
        /// The name of the file.
        file: String,
    },
    /// The file is a Parquet file, but the program was built without the feature `parquet`.
    #[error(
        "{file} is a Parquet file, and this program was built without the feature `parquet`: export the rows as CSV in UTF-8 or as JSON Lines, or build with `--features parquet`"
    )]
    WithoutParquet {
        /// The name of the file.
        file: String,
    },
    /// A row group of a Parquet file exceeds the memory limit.
    #[error(
        "{file} has a row group after row {row} that needs too much memory (pages of more than 1 GiB at once, more \
         than 16777216 values in a list, or texts in DELTA_BYTE_ARRAY in pages of more than 4 MiB): write it with \
         smaller row groups and pages"
    )]
    PagesTooLarge {
        /// The name of the file.
        file: String,
        /// The last row that was read, starting at 1.
        row: u64,
    },
    /// The workbook cannot be used.
    #[error("{file} {problem}")]
    Workbook {
        /// The name of the file.
        file: String,
        /// What is wrong with the workbook, and how to fix it.
        problem: String,
    },
    /// The file is empty.
    #[error("{file} is empty: its first line must name the columns")]
    Empty {
        /// The name of the file.
        file: String,
    },
    /// The file has several columns, and none has the name of an id column.
    #[error(
        "{file} has no column with a name such as id: name the column of ids, as in {file}#COLUMN; its columns are {columns}"
    )]
    NoIdColumn {
        /// The name of the file.
        file: String,
        /// The first columns of the file.
        columns: String,
    },
    /// The header is not valid.
    #[error("the header of {file} {problem}")]
    Header {
        /// The name of the file.
        file: String,
        /// What is wrong with the header, and how to fix it.
        problem: String,
    },
    /// A row exceeds the maximum length.
    #[error(
        "row {row} of {file}, from line {line} on, is longer than 16 MiB: a quote opened there is probably never closed"
    )]
    RowTooLong {
        /// The name of the file.
        file: String,
        /// The number of the row, starting at 1.
        row: u64,
        /// The line on which the row starts, starting at 1.
        line: u64,
    },
    /// A compressed file exceeds the limit on unpacked bytes.
    #[error("{file} unpacks to more than {limit} bytes: split it, or unpack it first")]
    UnpackedTooLarge {
        /// The name of the file.
        file: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A workbook exceeds the memory limit.
    #[error("{file} {measure} more than {limit} bytes: save the sheet as CSV in UTF-8, or split it")]
    WorkbookTooLarge {
        /// The name of the file.
        file: String,
        /// `is` or `unpacks to`.
        measure: &'static str,
        /// The limit in bytes.
        limit: u64,
    },
    /// The file exceeds the memory limit.
    #[error(
        "{file} needs too much memory (limit reached at row {row}): map fewer attributes, or use a sample of the rows"
    )]
    TooLarge {
        /// The name of the file.
        file: String,
        /// The row at which the limit was reached, starting at 1.
        row: u64,
    },
    /// The mapping, or an option of the caller, names columns that the file does not have.
    #[error("{file} does not have {missing}: correct the name where it is set; the columns are {columns}")]
    MissingColumns {
        /// The name of the file.
        file: String,
        /// The missing columns, with suggestions.
        missing: String,
        /// The columns of the file.
        columns: String,
    },
    /// No row has a status that the mapping lists.
    #[error(
        "no row of {file} has one of the status texts in the mapping: column {column:?} has {found}; list these \
         under won, lost or churned"
    )]
    NoStatus {
        /// The name of the file.
        file: String,
        /// The status column.
        column: String,
        /// The status texts of the file.
        found: String,
    },
    /// The weight of a row is not a number of customers.
    #[error(
        "row {row} of {file} has the weight {text:?} in column {column:?}: a weight is the number of customers that the \
         row stands for, a whole number from 1 to 4294967295 without separators"
    )]
    Weight {
        /// The name of the file.
        file: String,
        /// The number of the row, starting at 1.
        row: u64,
        /// The column of the weights.
        column: String,
        /// The text of the cell.
        text: String,
    },
    /// The weights of a file cannot be used together.
    #[error("{file} cannot be used: {source}")]
    Weights {
        /// The name of the file.
        file: String,
        /// What is wrong.
        source: FrequencyWeightError,
    },
    /// The file has no usable row.
    #[error("{file} has no usable row: {why}")]
    NoRows {
        /// The name of the file.
        file: String,
        /// That there are no rows below the header, or why the first row was rejected.
        why: String,
    },
    /// The format of some columns can be determined neither from the file nor from the mapping.
    #[error("{file} is ambiguous, so a setting is required: {}", .problems.join("; "))]
    Undecided {
        /// The name of the file.
        file: String,
        /// One sentence per column, without a period.
        problems: Vec<String>,
    },
    /// The mapping is invalid.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The columns do not form a valid table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The outcomes do not match the accounts.
    #[error(transparent)]
    Customers(#[from] CustomersError),
}

impl ReportableError for IngestError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Open { source, .. } if source.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
            Self::Open { .. } => ErrorKind::FailedPrecondition,
            Self::Read { .. } => ErrorKind::DataLoss,
            Self::UnpackedTooLarge { .. }
            | Self::WorkbookTooLarge { .. }
            | Self::PagesTooLarge { .. }
            | Self::TooLarge { .. }
            | Self::RowTooLong { .. } => ErrorKind::ResourceExhausted,
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
            | Self::Weight { .. }
            | Self::Weights { .. }
            | Self::Customers(CustomersError::WeightedGroup { .. })
            | Self::NoRows { .. }
            | Self::Undecided { .. } => ErrorKind::InvalidArgument,
            Self::Table(_) | Self::Customers(_) => ErrorKind::Internal,
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
            Self::Weight { .. } | Self::Weights { .. } => "WEIGHT_UNUSABLE",
            Self::NoRows { .. } => "NO_USABLE_ROWS",
            Self::Undecided { .. } => "FORMAT_UNDECIDED",
            Self::Mapping(source) => source.reason(),
            Self::Table(_) => "TABLE_UNUSABLE",
            Self::Customers(_) => "CUSTOMERS_UNUSABLE",
        }
    }
}
