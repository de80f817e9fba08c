//! Parquet files, read one row group after the other, a few rows of each column at a time. Requires the feature
//! `parquet`.
//!
//! A cell becomes the text that a person would type for it, so that columns are inferred as in any other file. Numbers,
//! dates and flags are written unambiguously.

#[cfg(feature = "parquet")]
mod column;
#[cfg(feature = "parquet")]
mod footer;
#[cfg(feature = "parquet")]
mod pages;
#[cfg(feature = "parquet")]
mod records;
#[cfg(feature = "parquet")]
mod schema;
#[cfg(feature = "parquet")]
#[cfg(test)]
mod tests;
#[cfg(feature = "parquet")]
mod value;

use std::fs::File;
use std::io::Read;

#[cfg(feature = "parquet")]
pub(super) use records::ParquetRecords;

use super::open::OpenedSource;
use super::options::FileOptions;
use super::progress::SourceProgress;
use crate::IngestError;

/// The input of a Parquet file.
#[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "the error message needs only the name"))]
pub(super) struct ParquetInput<R> {
    /// The name of the file in messages.
    pub(super) name: String,
    /// The file itself, if it is seekable and not compressed.
    pub(super) file: Option<File>,
    /// All bytes of the file.
    pub(super) bytes: R,
    /// The maximum number of bytes if they must be copied to a temporary file.
    pub(super) bound: u64,
    /// The reading progress, if known.
    pub(super) progress: Option<SourceProgress>,
}

/// Opens the table of a Parquet file.
///
/// # Errors
/// Returns an error if the file is damaged or encrypted, or contains data that does not fit a table.
#[cfg(feature = "parquet")]
pub(super) fn open(content: ParquetInput<impl Read>, options: FileOptions) -> Result<OpenedSource, IngestError> {
    let ParquetInput { name, file, bytes, bound, progress } = content;
    let file = match file {
        Some(file) => file,
        None => spool_to_file(&name, bytes, bound)?,
    };
    let refused = |what| IngestError::NotTable { file: name.clone(), what };
    let metadata = footer::read(&file).map_err(refused)?;
    let columns = schema::columns(metadata.file_metadata().schema_descr()).map_err(refused)?;
    let records = ParquetRecords::new(file, metadata, columns, progress);
    Ok(OpenedSource {
        name,
        records: super::record::RecordReader::Parquet(Box::new(records)),
        options,
        encoding: super::encoding::SharedEncoding::default(),
        unpacked_bound: bound,
        findings: Vec::new(),
        formulas: Vec::new(),
    })
}

/// Copies bytes to a temporary file, because the metadata is at the end of a Parquet file.
#[cfg(feature = "parquet")]
fn spool_to_file(name: &str, bytes: impl Read, bound: u64) -> Result<File, IngestError> {
    let failed = |source| IngestError::Read { file: name.to_owned(), row: 0, source };
    let mut file = tempfile::tempfile().map_err(failed)?;
    let copied = std::io::copy(&mut bytes.take(bound + 1), &mut file).map_err(failed)?;
    if copied > bound {
        return Err(IngestError::UnpackedTooLarge { file: name.to_owned(), limit: bound });
    }
    Ok(file)
}

/// Returns an error, because the feature `parquet` is disabled.
#[cfg(not(feature = "parquet"))]
pub(super) fn open(content: ParquetInput<impl Read>, _: FileOptions) -> Result<OpenedSource, IngestError> {
    let ParquetInput { name, .. } = content;
    Err(IngestError::WithoutParquet { file: name })
}
