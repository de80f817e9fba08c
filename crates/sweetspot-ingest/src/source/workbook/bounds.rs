//! Limits on the size of a workbook and its contents. A ZIP file of a few kilobytes can unpack to gigabytes, state a
//! wrong size, or have two cells with a million empty rows between them.

use std::io::{self, Read, Seek};

use zip::ZipArchive;

/// The limits of a workbook, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkbookBounds {
    /// The size of the file.
    pub(super) packed: u64,
    /// The total unpacked size, and the size of the sheet as a table.
    pub(super) unpacked: u64,
}

impl WorkbookBounds {
    /// The limits of the program.
    pub(super) const DEFAULT: Self = Self { packed: 64 << 20, unpacked: 512 << 20 };
}

/// Returns whether a ZIP archive unpacks to at most `max_bytes` bytes, according to the stated sizes and by unpacking
/// each entry once.
///
/// An entry that cannot be unpacked counts as far as it can be read. Reading it later reports the error.
///
/// # Errors
/// Returns an error if the file is not a ZIP archive.
pub(super) fn fits_unpacked(archive: impl Read + Seek, max_bytes: u64) -> Result<bool, zip::result::ZipError> {
    let mut archive = ZipArchive::new(archive)?;
    if archive.decompressed_size().is_some_and(|declared| declared > u128::from(max_bytes)) {
        return Ok(false);
    }
    let mut left = max_bytes;
    for number in 0..archive.len() {
        let Ok(entry) = archive.by_index(number) else { continue };
        let Some(rest) = left.checked_sub(unpacked_size(entry, left)) else { return Ok(false) };
        left = rest;
    }
    Ok(true)
}

/// Returns the unpacked size of an entry; `max_bytes` plus one if it is larger than `max_bytes`.
fn unpacked_size(entry: impl Read, max_bytes: u64) -> u64 {
    let mut counted = ByteCounter { entry: entry.take(max_bytes.saturating_add(1)), bytes: 0 };
    let _broken = io::copy(&mut counted, &mut io::sink());
    counted.bytes
}

/// Counts the bytes until a read fails.
struct ByteCounter<R> {
    entry: R,
    bytes: u64,
}

impl<R: Read> Read for ByteCounter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.entry.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// Creates an archive of entries with this many zero bytes each.
    fn zeros(entries: &[usize]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (number, bytes) in entries.iter().enumerate() {
            archive.start_file(format!("{number}.xml"), SimpleFileOptions::default()).unwrap();
            archive.write_all(&vec![0; *bytes]).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn fits_archive(archive: &[u8], most: u64) -> bool {
        fits_unpacked(Cursor::new(archive), most).unwrap()
    }

    #[test]
    fn all_entries_count_together() {
        let archive = zeros(&[600_000, 400_000, 0]);
        assert!(archive.len() < 5_000, "the zero bytes compress well");
        assert!(fits_archive(&archive, 1_000_000));
        assert!(!fits_archive(&archive, 999_999));
    }

    #[test]
    fn an_entry_gives_no_more_than_it_says() {
        let mut archive = zeros(&[1_000_000]);
        let size = 1_000_000_u32.to_le_bytes();
        // The size is in the header of the entry and in the central directory.
        let places: Vec<usize> = (0..archive.len() - 4).filter(|at| archive[*at..*at + 4] == size).collect();
        assert!(!places.is_empty());
        for at in places {
            archive[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
        let mut archive = ZipArchive::new(Cursor::new(&archive)).unwrap();
        assert_eq!(archive.decompressed_size(), Some(100));
        assert!(unpacked_size(archive.by_index(0).unwrap(), u64::MAX) <= 100, "reading ends with an error");
    }

    #[test]
    fn what_is_no_archive_is_reported() {
        fits_unpacked(Cursor::new(b"PK\x03\x04"), 1_000).unwrap_err();
    }
}
