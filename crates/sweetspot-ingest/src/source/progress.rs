//! The reading progress of a file.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of bytes read from a file, and its size. Clones share the count.
#[derive(Clone, Debug)]
pub struct SourceProgress {
    total: u64,
    read: Arc<AtomicU64>,
}

impl SourceProgress {
    /// Creates the progress of a file of `total` bytes, at zero.
    pub(super) fn new(total: u64) -> Self {
        Self { total, read: Arc::default() }
    }

    /// Returns the size of the file in bytes. If it is compressed, this is the compressed size.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Returns the number of bytes read so far.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Adds bytes that have been read.
    #[cfg(feature = "parquet")]
    pub(super) fn advance(&self, bytes: u64) {
        let read = self.read() + bytes;
        self.read.store(read.min(self.total), Ordering::Relaxed);
    }

    /// Marks all relevant bytes as read.
    #[cfg(feature = "parquet")]
    pub(super) fn finish(&self) {
        self.read.store(self.total, Ordering::Relaxed);
    }

    /// Wraps a reader so that the bytes read through it are counted.
    pub(super) fn counting_reader<R: Read>(&self, inner: R) -> ProgressReader<R> {
        ProgressReader { inner, read: Arc::clone(&self.read) }
    }
}

/// A reader that counts bytes.
pub(super) struct ProgressReader<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for ProgressReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;

    use super::*;
    use crate::{IdColumnReader, Source};

    #[test]
    fn what_is_read_is_counted() {
        let progress = SourceProgress::new(9);
        let mut reader = progress.counting_reader(&b"123456789"[..]);
        reader.read_exact(&mut [0; 4]).unwrap();
        assert_eq!((progress.read(), progress.clone().total()), (4, 9));
        reader.read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(progress.read(), 9);
    }
    #[test]
    fn a_file_is_read_to_its_last_byte_packed_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let text = "id,name\n".to_owned() + &"a-1,Ann\n".repeat(40_000);
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text.as_bytes()).unwrap();
        for (name, bytes) in [("a.csv", text.into_bytes()), ("a.csv.gz", packer.finish().unwrap())] {
            let path = folder.path().join(name);
            std::fs::write(&path, &bytes).unwrap();
            let source = Source::open(&path).unwrap();
            let progress = source.progress().unwrap();
            assert_eq!((progress.read(), progress.total()), (0, bytes.len() as u64));
            assert_eq!(IdColumnReader::open(source, None, None).unwrap().count(), 40_000);
            assert_eq!(progress.read(), progress.total(), "{name}");
        }
        assert!(Source::open(Path::new("-")).unwrap().progress().is_none());
    }
}
