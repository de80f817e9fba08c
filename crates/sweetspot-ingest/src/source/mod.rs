//! Reads rows from a file, a pipe or bytes in memory; from delimited text, JSON Lines, Parquet or a workbook; one row
//! at a time.
//!
//! Each file has a single interpretation. Properties that the content determines (encoding, delimiter, header, sheet)
//! are detected and reported in one line; the others are errors that name the setting. [`FileOptions`] overrides the
//! detection.

mod bounded_reader;
mod delimited_text;
mod delimiter;
mod detect_format;
mod encoding;
mod header;
mod header_row;
mod json_lines;
#[cfg(any(feature = "parquet", feature = "workbooks"))]
mod library_panic;
mod line_end_tracker;
mod open;
mod options;
mod parquet;
mod progress;
mod reading_summary;
mod record;
mod reject;
mod rows;
mod rows_without_account;
mod workbook;

pub use open::Source;
pub use options::FileOptions;
pub use progress::SourceProgress;
pub(super) use record::cell_text;
pub use reject::Reject;
pub(super) use reject::{RejectedRows, RowProblem};
pub(super) use rows::{RowReader, ValidRow};
