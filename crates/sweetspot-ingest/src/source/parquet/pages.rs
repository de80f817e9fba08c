//! The pages of a column, within memory limits. A page header states the unpacked size before unpacking, and a few
//! bytes can unpack to gigabytes.

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

use crate::source::bounded_reader::BoundExceeded;
use crate::source::progress::SourceProgress;

/// The maximum number of bytes that the pages of all columns use at once.
pub(super) const MAX_BUFFERED_BYTES: u64 = 1 << 30;
/// The maximum number of list values per column and row group.
const MAX_LIST_VALUES: u64 = 1 << 24;
/// The maximum size of a page with delta-encoded texts: each text can be as long as all of them together.
const MAX_DELTA_BYTES: usize = 4 << 20;

/// The file from which pages are read.
pub(super) struct PageFile {
    file: Mutex<File>,
    size: u64,
    progress: Option<SourceProgress>,
    /// The number of bytes that the pages of all columns use.
    buffered_bytes: AtomicU64,
    /// Whether a limit was exceeded. The library does not pass on every error.
    is_breached: AtomicBool,
}

impl PageFile {
    pub(super) fn new(file: File, size: u64, progress: Option<SourceProgress>) -> Arc<Self> {
        Arc::new(Self {
            file: Mutex::new(file),
            size,
            progress,
            buffered_bytes: AtomicU64::new(0),
            is_breached: AtomicBool::new(false),
        })
    }

    /// Returns whether the pages exceed a limit.
    pub(super) fn is_breached(&self) -> bool {
        self.is_breached.load(Ordering::Relaxed)
    }

    /// Stops reading.
    fn breach(&self) -> ParquetError {
        self.is_breached.store(true, Ordering::Relaxed);
        ParquetError::General(BoundExceeded::Pages.to_string())
    }

    /// Reads bytes at an offset; fewer at the end of the file.
    fn read(&self, start: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = self.file.lock().map_err(|_| io::Error::other("the file is no longer read"))?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        (&mut *file).take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The memory that the pages of one column use.
struct ColumnMemory {
    file: Arc<PageFile>,
    /// The sizes of the current dictionary and page.
    dictionary: AtomicU64,
    page: AtomicU64,
}

impl ColumnMemory {
    /// Replaces the previous page with one of this size.
    fn replace_page(&self, is_dictionary: bool, bytes: u64) -> Result<()> {
        let place = if is_dictionary { &self.dictionary } else { &self.page };
        let before = place.swap(bytes, Ordering::Relaxed);
        self.file.buffered_bytes.fetch_sub(before, Ordering::Relaxed);
        let buffered = self.file.buffered_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if buffered > MAX_BUFFERED_BYTES { Err(self.file.breach()) } else { Ok(()) }
    }
}

impl Drop for ColumnMemory {
    fn drop(&mut self) {
        let buffered = self.dictionary.load(Ordering::Relaxed) + self.page.load(Ordering::Relaxed);
        self.file.buffered_bytes.fetch_sub(buffered, Ordering::Relaxed);
    }
}

/// The pages of a column, as the library reads them.
struct ColumnChunk(Arc<ColumnMemory>);

impl Length for ColumnChunk {
    fn len(&self) -> u64 {
        self.0.file.size
    }
}

impl ChunkReader for ColumnChunk {
    type T = PageHeaderReader;

    fn get_read(&self, start: u64) -> Result<PageHeaderReader> {
        let bytes = OffsetReader { file: Arc::clone(&self.0.file), place: start };
        Ok(PageHeaderReader { column: Arc::clone(&self.0), bytes: BufReader::new(bytes), is_checked: false })
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

/// Reads a page header after checking the size that it states.
struct PageHeaderReader {
    column: Arc<ColumnMemory>,
    bytes: BufReader<OffsetReader>,
    is_checked: bool,
}

impl Read for PageHeaderReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.is_checked {
            self.is_checked = true;
            let head = self.bytes.fill_buf()?;
            let (is_dictionary, size) = stated_size(head).ok_or_else(|| io::Error::other("a page has no size"))?;
            self.column.replace_page(is_dictionary, size).map_err(io::Error::other)?;
        }
        self.bytes.read(buffer)
    }
}

/// Reads the bytes of the file from an offset on.
struct OffsetReader {
    file: Arc<PageFile>,
    place: u64,
}

impl Read for OffsetReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(self.place, buffer.len())?;
        self.place += bytes.len() as u64;
        (&bytes[..]).read(buffer)
    }
}

/// Returns whether a page header is that of a dictionary page, and its unpacked size in bytes. These are the first two
/// fields ([parquet.thrift, `PageHeader`](https://github.com/apache/parquet-format)). Each consists of a field id delta
/// of one with the type of an integer, and the integer itself.
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
                // Zigzag encoding: 0, -1, 1, -2, … A negative size is invalid.
                return (number & 1 == 0).then_some(number >> 1);
            }
        }
    };
    let kind = field()?;
    Some((kind == PageType::DICTIONARY_PAGE as u64, field()?))
}

/// Returns the pages of one column of a row group with this many rows.
///
/// # Errors
/// Returns an error if the metadata of the pages is inconsistent.
pub(super) fn pages(
    file: &Arc<PageFile>,
    chunk: &ColumnChunkMetaData,
    rows: usize,
    is_list: bool,
) -> Result<Box<dyn PageReader>> {
    let column = ColumnMemory { file: Arc::clone(file), dictionary: AtomicU64::new(0), page: AtomicU64::new(0) };
    let pages = SerializedPageReader::new(Arc::new(ColumnChunk(Arc::new(column))), chunk, rows, None)?;
    Ok(Box::new(BoundedPages { file: Arc::clone(file), pages, list_values: is_list.then_some(0) }))
}

/// Pages whose values cannot use much more memory than the pages themselves.
struct BoundedPages {
    file: Arc<PageFile>,
    pages: SerializedPageReader<ColumnChunk>,
    /// The number of list values so far; `None` for a column without lists.
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
        let column =
            || ColumnMemory { file: Arc::clone(&file), dictionary: AtomicU64::new(0), page: AtomicU64::new(0) };
        let (first, second) = (column(), column());
        for _ in 0..9 {
            first.replace_page(false, MAX_BUFFERED_BYTES / 2).unwrap();
        }
        second.replace_page(true, MAX_BUFFERED_BYTES / 2).unwrap();
        assert!(!file.is_breached());
        second.replace_page(false, 1).unwrap_err();
        assert!(file.is_breached());
        drop(first);
        second.replace_page(false, 1).unwrap();
    }
}
