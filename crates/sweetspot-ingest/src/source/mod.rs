//! Where rows come from: a file, a pipe or bytes in memory; text, JSON Lines, Parquet or a workbook; read one row at a time.
//!
//! Each file has one reading. What shows in the content (encoding, delimiter, header, sheet) is found out and reported in one
//! line; what does not is an error that names the setting. [`FileOptions`] overrides what would be found.

mod delimiter;
mod encoding;
mod format;
mod header;
mod header_row;
mod json_lines;
#[cfg(any(feature = "parquet", feature = "workbooks"))]
mod library_panic;
mod line_ends;
mod metered;
mod no_account;
mod open;
mod options;
mod parquet;
mod progress;
mod reading;
mod record;
mod reject;
mod rows;
mod text;
mod workbook;

pub use open::Source;
pub use options::FileOptions;
pub use progress::SourceProgress;
pub(super) use record::cell;
pub use reject::Reject;
pub(super) use reject::{Problem, Rejects};
pub(super) use rows::{Row, Rows};
