//! The footer of a Parquet file, which lists its columns and the locations of their values.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use parquet::basic::Compression;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};

use crate::source::library_panic;

/// The maximum size of the metadata in bytes.
const MAX_BYTES: u64 = 32 << 20;
/// The size of the tail after the metadata: its length, and the four bytes of the file signature.
const TAIL_BYTES: u64 = 8;

/// The size of the signature of plaintext metadata with encrypted columns: a nonce of 12 bytes and a tag of 16.
const SIGNATURE_BYTES: usize = 28;
/// How to fix an encrypted file.
const DECRYPT: &str = "write it without encryption";

/// Reads the metadata of a file.
///
/// # Errors
/// Returns why the metadata cannot be used and how to fix it, as a continuation of the file name.
pub(super) fn read(file: &File) -> Result<ParquetMetaData, String> {
    let list = read_metadata_bytes(file)?;
    let metadata = parse_metadata(&list).map_err(|problem| damaged_message(&problem))?;
    // The metadata may be plaintext and its columns encrypted: then a signature follows it.
    let unsigned = list.len().checked_sub(SIGNATURE_BYTES).and_then(|end| list.get(..end));
    if unsigned.is_some_and(|unsigned| parse_metadata(unsigned).is_ok()) {
        return Err(format!("is a Parquet file with encrypted columns: {DECRYPT}"));
    }
    let mut columns = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    if let Some(codec) = columns.find_map(|column| unread_codec(column.compression())) {
        return Err(format!("is compressed with {codec}: write it with zstd, snappy, gzip or lz4"));
    }
    Ok(metadata)
}

/// Returns the name of an unsupported codec.
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

/// Parses the metadata. Implausible sizes make the library panic.
fn parse_metadata(list: &[u8]) -> Result<ParquetMetaData, String> {
    let decoded = library_panic::catch(|| ParquetMetaDataReader::decode_metadata(list));
    let decoded = decoded.ok_or_else(|| "the list of its columns is damaged".to_owned())?;
    decoded.map_err(|error| error.to_string())
}

/// Reads the bytes of the metadata.
fn read_metadata_bytes(mut file: &File) -> Result<Vec<u8>, String> {
    let unread = |error: io::Error| damaged_message(&error.to_string());
    let size = file.seek(SeekFrom::End(0)).map_err(unread)?;
    let Some(end) = size.checked_sub(TAIL_BYTES) else { return Err(damaged_message("it is truncated")) };
    let mut length = [0; 4];
    let mut mark = [0; 4];
    file.seek(SeekFrom::Start(end)).map_err(unread)?;
    file.read_exact(&mut length).and_then(|()| file.read_exact(&mut mark)).map_err(unread)?;
    if mark == *b"PARE" {
        return Err(format!("is an encrypted Parquet file: {DECRYPT}"));
    }
    if mark != *b"PAR1" {
        return Err(damaged_message("it is truncated"));
    }
    let length = u64::from(u32::from_le_bytes(length));
    if length > MAX_BYTES {
        return Err(format!(
            "lists its columns in {length} bytes, which exceeds the limit of {MAX_BYTES}: write it with fewer row groups"
        ));
    }
    let Some(start) = end.checked_sub(length) else { return Err(damaged_message("it is truncated")) };
    let mut list = Vec::new();
    file.seek(SeekFrom::Start(start)).map_err(unread)?;
    file.take(length).read_to_end(&mut list).map_err(unread)?;
    Ok(list)
}

/// Returns the message for a damaged file.
fn damaged_message(problem: &str) -> String {
    format!("is not a readable Parquet file ({problem}): write it again, or export the rows as CSV in UTF-8")
}
