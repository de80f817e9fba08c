//! Parquet files: one row group after the other, a few rows of each column at a time. Not without the feature `parquet`.
//!
//! A cell becomes the text that a person would type for it, so that columns are read, named and judged as those of any file;
//! a number, a day or a flag is written so that it can be read in one way only.

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

use super::open::Opened;
use super::options::FileOptions;
use super::progress::SourceProgress;
use crate::IngestError;

/// What a Parquet file is read from.
#[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "the refusal needs its name alone"))]
pub(super) struct Content<R> {
    /// What it is called in messages.
    pub(super) name: String,
    /// The file itself, where there is one that is not packed.
    pub(super) file: Option<File>,
    /// All of its bytes.
    pub(super) bytes: R,
    /// How many bytes there may be where they are not those of a file.
    pub(super) bound: u64,
    /// How far the file has been read, where that is known.
    pub(super) progress: Option<SourceProgress>,
}

/// The table of a Parquet file.
///
/// # Errors
/// Where the file is damaged or encrypted, or holds what no table has.
#[cfg(feature = "parquet")]
pub(super) fn open(content: Content<impl Read>, options: FileOptions) -> Result<Opened, IngestError> {
    let Content { name, file, bytes, bound, progress } = content;
    let file = match file {
        Some(file) => file,
        None => spooled(&name, bytes, bound)?,
    };
    let refused = |what| IngestError::NotTable { file: name.clone(), what };
    let metadata = footer::read(&file).map_err(refused)?;
    let columns = schema::columns(metadata.file_metadata().schema_descr()).map_err(refused)?;
    let records = ParquetRecords::new(file, metadata, columns, progress);
    Ok(Opened {
        name,
        records: super::record::Records::Parquet(Box::new(records)),
        options,
        encoding: super::encoding::FoundEncoding::default(),
        unpacked_bound: bound,
        findings: Vec::new(),
        formulas: Vec::new(),
    })
}

/// Bytes that come one after the other as a file: what a Parquet file holds is listed at its end.
#[cfg(feature = "parquet")]
fn spooled(name: &str, bytes: impl Read, bound: u64) -> Result<File, IngestError> {
    let failed = |source| IngestError::Read { file: name.to_owned(), row: 0, source };
    let mut file = tempfile::tempfile().map_err(failed)?;
    let copied = std::io::copy(&mut bytes.take(bound + 1), &mut file).map_err(failed)?;
    if copied > bound {
        return Err(IngestError::UnpackedTooLarge { file: name.to_owned(), limit: bound });
    }
    Ok(file)
}

/// Refuses a Parquet file.
#[cfg(not(feature = "parquet"))]
pub(super) fn open(content: Content<impl Read>, _: FileOptions) -> Result<Opened, IngestError> {
    let Content { name, .. } = content;
    Err(IngestError::WithoutParquet { file: name })
}
