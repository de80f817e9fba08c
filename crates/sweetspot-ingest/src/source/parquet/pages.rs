//! The pages of a column, within bounds. A page says how large it is before it is unpacked, and a few bytes can unpack to
//! gigabytes.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use parquet::basic::{Encoding, PageType};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use crate::source::metered::Breach;
use crate::source::progress::SourceProgress;

/// The most bytes that the pages of all columns take at once.
pub(super) const MAX_HELD_BYTES: u64 = 1 << 30;
/// The most values that the lists of one column hold in one row group.
const MAX_LIST_VALUES: u64 = 1 << 24;
/// The largest page in which a text is written as what it adds to the one before: each can be as long as all of them.
const MAX_DELTA_BYTES: usize = 4 << 20;

/// A file that pages are read from.
pub(super) struct PageFile {
    file: Mutex<File>,
    size: u64,
    progress: Option<SourceProgress>,
    /// What the pages of all columns take.
    held: AtomicU64,
    /// Whether a bound was broken: the library does not pass on every error.
    is_breached: AtomicBool,
}

impl PageFile {
    /// Reads from this file.
    pub(super) fn new(file: File, size: u64, progress: Option<SourceProgress>) -> Arc<Self> {
        Arc::new(Self {
            file: Mutex::new(file),
            size,
            progress,
            held: AtomicU64::new(0),
            is_breached: AtomicBool::new(false),
        })
    }

    /// Whether the pages are larger than they may be.
    pub(super) fn is_breached(&self) -> bool {
        self.is_breached.load(Ordering::Relaxed)
    }

    /// Stops reading.
    fn breach(&self) -> ParquetError {
        self.is_breached.store(true, Ordering::Relaxed);
        ParquetError::General(Breach::Pages.to_string())
    }

    /// The bytes from a place on, fewer where the file ends.
    fn read(&self, start: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = self.file.lock().map_err(|_| io::Error::other("the file is no longer read"))?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        (&mut *file).take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// What the pages of one column take.
struct ColumnFile {
    file: Arc<PageFile>,
    /// What the dictionary and the page take that were read last.
    dictionary: AtomicU64,
    page: AtomicU64,
}

impl ColumnFile {
    /// A page of this size takes the place of the one before.
    fn hold(&self, is_dictionary: bool, bytes: u64) -> Result<()> {
        let place = if is_dictionary { &self.dictionary } else { &self.page };
        let before = place.swap(bytes, Ordering::Relaxed);
        self.file.held.fetch_sub(before, Ordering::Relaxed);
        let held = self.file.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if held > MAX_HELD_BYTES { Err(self.file.breach()) } else { Ok(()) }
    }
}

impl Drop for ColumnFile {
    fn drop(&mut self) {
        let held = self.dictionary.load(Ordering::Relaxed) + self.page.load(Ordering::Relaxed);
        self.file.held.fetch_sub(held, Ordering::Relaxed);
    }
}

/// A column's pages, as the library reads them.
struct ColumnChunk(Arc<ColumnFile>);

impl Length for ColumnChunk {
    fn len(&self) -> u64 {
        self.0.file.size
    }
}

impl ChunkReader for ColumnChunk {
    type T = HeadReader;

    fn get_read(&self, start: u64) -> Result<HeadReader> {
        let bytes = FromPlace { file: Arc::clone(&self.0.file), place: start };
        Ok(HeadReader { column: Arc::clone(&self.0), bytes: BufReader::new(bytes), is_checked: false })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.0.file.read(start, length)?;
        if bytes.len() != length {
            return Err(ParquetError::EOF("a page is truncated".to_owned()));
        }
        if let Some(progress) = &self.0.file.progress {
            progress.advance(length as u64);
        }
        Ok(bytes.into())
    }
}

/// Reads the head of a page, having looked at what it says of its size.
struct HeadReader {
    column: Arc<ColumnFile>,
    bytes: BufReader<FromPlace>,
    is_checked: bool,
}

impl Read for HeadReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.is_checked {
            self.is_checked = true;
            let head = self.bytes.fill_buf()?;
            let (is_dictionary, size) = stated_size(head).ok_or_else(|| io::Error::other("a page has no size"))?;
            self.column.hold(is_dictionary, size).map_err(io::Error::other)?;
        }
        self.bytes.read(buffer)
    }
}

/// The bytes of the file from a place on.
struct FromPlace {
    file: Arc<PageFile>,
    place: u64,
}

impl Read for FromPlace {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(self.place, buffer.len())?;
        self.place += bytes.len() as u64;
        (&bytes[..]).read(buffer)
    }
}

/// Whether the head is that of a dictionary, and how many bytes it says that the page has unpacked. These are the first two
/// fields of a head ([parquet.thrift, `PageHeader`](https://github.com/apache/parquet-format)), each of them a step of one to
/// its number, the type of a whole number, and the number itself.
fn stated_size(head: &[u8]) -> Option<(bool, u64)> {
    const NEXT_I32: u8 = 0x15;
    let mut bytes = head.iter().copied();
    let mut field = || {
        bytes.next().filter(|mark| *mark == NEXT_I32)?;
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let byte = bytes.next().filter(|_| shift < 35)?;
            number |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                // Signs alternate: 0, -1, 1, -2, … There is no negative size.
                return (number & 1 == 0).then_some(number >> 1);
            }
        }
    };
    let kind = field()?;
    Some((kind == PageType::DICTIONARY_PAGE as u64, field()?))
}

/// The pages of one column of a row group with this many rows.
///
/// # Errors
/// Where what is said of them makes no sense.
pub(super) fn pages(
    file: &Arc<PageFile>,
    chunk: &ColumnChunkMetaData,
    rows: usize,
    is_list: bool,
) -> Result<Box<dyn PageReader>> {
    let column = ColumnFile { file: Arc::clone(file), dictionary: AtomicU64::new(0), page: AtomicU64::new(0) };
    let pages = SerializedPageReader::new(Arc::new(ColumnChunk(Arc::new(column))), chunk, rows, None)?;
    Ok(Box::new(BoundedPages { file: Arc::clone(file), pages, list_values: is_list.then_some(0) }))
}

/// Pages whose values cannot take much more than the pages themselves.
struct BoundedPages {
    file: Arc<PageFile>,
    pages: SerializedPageReader<ColumnChunk>,
    /// How many values the pages of a list have had so far.
    list_values: Option<u64>,
}

impl BoundedPages {
    fn check(&mut self, page: &Page) -> Result<()> {
        let is_delta = page.encoding() == Encoding::DELTA_BYTE_ARRAY;
        if is_delta && page.buffer().len() > MAX_DELTA_BYTES {
            return Err(self.file.breach());
        }
        if let Some(values) = self.list_values.as_mut().filter(|_| page.is_data_page()) {
            *values += u64::from(page.num_values());
            if *values > MAX_LIST_VALUES {
                return Err(self.file.breach());
            }
        }
        Ok(())
    }
}

impl Iterator for BoundedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

impl PageReader for BoundedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.map(|page| self.check(&page).map(|()| page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_page_states_its_size() {
        assert_eq!(stated_size(&[0x15, 0x00, 0x15, 0x14, 0x15, 0x10]), Some((false, 10)));
        assert_eq!(stated_size(&[0x15, 0x04, 0x15, 0x80, 0x80, 0x80, 0x80, 0x08]), Some((true, 1 << 30)));
        for damaged in
            [&[][..], &[0x15], &[0x15, 0, 0x15, 0x01], &[0x25, 0, 0x15, 2], &[0x15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]]
        {
            assert_eq!(stated_size(damaged), None, "{damaged:?}");
        }
    }

    #[test]
    fn pages_are_held_one_for_each_column() {
        let file = PageFile::new(tempfile::tempfile().unwrap(), 0, None);
        let column = || ColumnFile { file: Arc::clone(&file), dictionary: AtomicU64::new(0), page: AtomicU64::new(0) };
        let (first, second) = (column(), column());
        for _ in 0..9 {
            first.hold(false, MAX_HELD_BYTES / 2).unwrap();
        }
        second.hold(true, MAX_HELD_BYTES / 2).unwrap();
        assert!(!file.is_breached());
        second.hold(false, 1).unwrap_err();
        assert!(file.is_breached());
        drop(first);
        second.hold(false, 1).unwrap();
    }
}
