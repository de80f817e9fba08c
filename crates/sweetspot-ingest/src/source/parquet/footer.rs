//! The end of a Parquet file, which lists its columns and where their values lie.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use parquet::basic::Compression;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};

use crate::source::library_panic;

/// The largest list of columns and row groups, in bytes.
const MAX_BYTES: u64 = 32 << 20;
/// What follows the list: its length, and four bytes that say what the file is.
const TAIL_BYTES: u64 = 8;

/// The signature of a list whose columns are encrypted: a number of 12 bytes and a checksum of 16.
const SIGNATURE_BYTES: usize = 28;
/// What to do about a file that is encrypted.
const DECRYPT: &str = "write it without encryption";

/// The list at the end of a file.
///
/// # Errors
/// Why there is none that can be used and what to do, to be read behind the name of the file.
pub(super) fn read(file: &File) -> Result<ParquetMetaData, String> {
    let list = list(file)?;
    let metadata = decoded(&list).map_err(|problem| damaged(&problem))?;
    // The list itself may be plain and its columns encrypted: then a signature follows it.
    let unsigned = list.len().checked_sub(SIGNATURE_BYTES).and_then(|end| list.get(..end));
    if unsigned.is_some_and(|unsigned| decoded(unsigned).is_ok()) {
        return Err(format!("is a Parquet file with encrypted columns: {DECRYPT}"));
    }
    let mut columns = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    if let Some(codec) = columns.find_map(|column| unread_codec(column.compression())) {
        return Err(format!("is compressed with {codec}: write it with zstd, snappy, gzip or lz4"));
    }
    Ok(metadata)
}

/// The name of a codec that is not read.
const fn unread_codec(codec: Compression) -> Option<&'static str> {
    match codec {
        Compression::BROTLI(_) => Some("Brotli"),
        Compression::LZO => Some("LZO"),
        Compression::UNCOMPRESSED
        | Compression::SNAPPY
        | Compression::GZIP(_)
        | Compression::LZ4
        | Compression::ZSTD(_)
        | Compression::LZ4_RAW => None,
    }
}

/// What the list says. Sizes that no file has make the library panic.
fn decoded(list: &[u8]) -> Result<ParquetMetaData, String> {
    let decoded = library_panic::catch(|| ParquetMetaDataReader::decode_metadata(list));
    let decoded = decoded.ok_or_else(|| "the list of its columns is damaged".to_owned())?;
    decoded.map_err(|error| error.to_string())
}

/// The bytes of the list.
fn list(mut file: &File) -> Result<Vec<u8>, String> {
    let unread = |error: io::Error| damaged(&error.to_string());
    let size = file.seek(SeekFrom::End(0)).map_err(unread)?;
    let Some(end) = size.checked_sub(TAIL_BYTES) else { return Err(damaged("it is truncated")) };
    let mut length = [0; 4];
    let mut mark = [0; 4];
    file.seek(SeekFrom::Start(end)).map_err(unread)?;
    file.read_exact(&mut length).and_then(|()| file.read_exact(&mut mark)).map_err(unread)?;
    if mark == *b"PARE" {
        return Err(format!("is an encrypted Parquet file: {DECRYPT}"));
    }
    if mark != *b"PAR1" {
        return Err(damaged("it is truncated"));
    }
    let length = u64::from(u32::from_le_bytes(length));
    if length > MAX_BYTES {
        return Err(format!(
            "lists its columns in {length} bytes, which exceeds the limit of {MAX_BYTES}: write it with fewer row groups"
        ));
    }
    let Some(start) = end.checked_sub(length) else { return Err(damaged("it is truncated")) };
    let mut list = Vec::new();
    file.seek(SeekFrom::Start(start)).map_err(unread)?;
    file.take(length).read_to_end(&mut list).map_err(unread)?;
    Ok(list)
}

/// The refusal of a damaged file.
fn damaged(problem: &str) -> String {
    format!("is not a readable Parquet file ({problem}): write it again, or export the rows as CSV in UTF-8")
}
