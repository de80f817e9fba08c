//! How large a workbook and what it unpacks to may be. A few kilobytes of zip can unpack to gigabytes, say that they do not, or
//! name two cells with a million empty rows between them.

use std::io::{self, Read, Seek};

use zip::ZipArchive;

/// Bounds of one workbook, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The file.
    pub(super) packed: u64,
    /// All that is in it together, unpacked; and the sheet as a table.
    pub(super) unpacked: u64,
}

impl Bounds {
    /// Those of the program.
    pub(super) const OURS: Self = Self { packed: 64 << 20, unpacked: 512 << 20 };
}

/// Whether a zip archive unpacks to at most so many bytes: by what it says of its entries, and by unpacking each of them once.
///
/// An entry that cannot be unpacked counts as far as it goes; whoever needs it will find it broken.
///
/// # Errors
/// Where it is no zip archive.
pub(super) fn fits(archive: impl Read + Seek, most: u64) -> Result<bool, zip::result::ZipError> {
    let mut archive = ZipArchive::new(archive)?;
    if archive.decompressed_size().is_some_and(|declared| declared > u128::from(most)) {
        return Ok(false);
    }
    let mut left = most;
    for number in 0..archive.len() {
        let Ok(entry) = archive.by_index(number) else { continue };
        let Some(rest) = left.checked_sub(unpacked(entry, left)) else { return Ok(false) };
        left = rest;
    }
    Ok(true)
}

/// To how much an entry unpacks; one byte more than `most` where it is more than that.
fn unpacked(entry: impl Read, most: u64) -> u64 {
    let mut counted = Counted { entry: entry.take(most.saturating_add(1)), bytes: 0 };
    let _broken = io::copy(&mut counted, &mut io::sink());
    counted.bytes
}

/// Counts what is read until it breaks.
struct Counted<R> {
    entry: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
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

    /// An archive of entries with so many zeros each.
    fn zeros(entries: &[usize]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (number, bytes) in entries.iter().enumerate() {
            archive.start_file(format!("{number}.xml"), SimpleFileOptions::default()).unwrap();
            archive.write_all(&vec![0; *bytes]).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn fitting(archive: &[u8], most: u64) -> bool {
        fits(Cursor::new(archive), most).unwrap()
    }

    #[test]
    fn all_entries_count_together() {
        let archive = zeros(&[600_000, 400_000, 0]);
        assert!(archive.len() < 5_000, "it is packed well");
        assert!(fitting(&archive, 1_000_000));
        assert!(!fitting(&archive, 999_999));
    }

    #[test]
    fn an_entry_gives_no_more_than_it_says() {
        let mut archive = zeros(&[1_000_000]);
        let size = 1_000_000_u32.to_le_bytes();
        // In the head of the entry and in the list at the end.
        let places: Vec<usize> = (0..archive.len() - 4).filter(|at| archive[*at..*at + 4] == size).collect();
        assert!(!places.is_empty());
        for at in places {
            archive[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
        let mut archive = ZipArchive::new(Cursor::new(&archive)).unwrap();
        assert_eq!(archive.decompressed_size(), Some(100));
        assert!(unpacked(archive.by_index(0).unwrap(), u64::MAX) <= 100, "the rest is an error");
    }

    #[test]
    fn what_is_no_archive_is_told() {
        fits(Cursor::new(b"PK\x03\x04"), 1_000).unwrap_err();
    }
}
