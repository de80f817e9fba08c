//! A reader that bounds the unpacked size of a file and the length of each row.

use std::io::{self, Read};

use thiserror::Error;

/// The limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum BoundExceeded {
    /// A row is too long.
    #[error("the row is too long")]
    Row,
    /// The file is too long.
    #[error("the unpacked file is too large")]
    Total,
    /// The pages of a Parquet file are too large.
    #[cfg(feature = "parquet")]
    #[error("the pages are too large")]
    Pages,
}

impl BoundExceeded {
    /// Returns the exceeded limit, if it caused this read error.
    pub(super) fn from_io_error(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).copied()
    }
}

/// Counts the bytes read and fails at its limits.
pub(super) struct BoundedReader<R> {
    inner: R,
    row_bound: u64,
    row: u64,
    remaining_total: Option<u64>,
}

impl<R> BoundedReader<R> {
    /// Allows at most `row_bound` bytes between two calls of [`Self::next_row`], and at most `total` bytes overall if
    /// given.
    pub(super) const fn new(inner: R, row_bound: u64, total: Option<u64>) -> Self {
        Self { inner, row_bound, row: 0, remaining_total: total }
    }

    /// Starts a new row.
    pub(super) const fn next_row(&mut self) {
        self.row = 0;
    }
}

impl<R: Read> Read for BoundedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.row > self.row_bound {
            return Err(io::Error::other(BoundExceeded::Row));
        }
        let count = self.inner.read(buffer)?;
        self.row += count as u64;
        if let Some(left) = &mut self.remaining_total {
            *left = left.checked_sub(count as u64).ok_or_else(|| io::Error::other(BoundExceeded::Total))?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_stops_at_the_row_bound_and_the_total_bound() {
        let mut all = Vec::new();
        let error = BoundedReader::new(io::repeat(0), 10, None).read_to_end(&mut all).unwrap_err();
        assert_eq!(BoundExceeded::from_io_error(&error), Some(BoundExceeded::Row));
        let error = BoundedReader::new(&[0; 100][..], 1000, Some(99)).read_to_end(&mut all).unwrap_err();
        assert_eq!(BoundExceeded::from_io_error(&error), Some(BoundExceeded::Total));
        assert!(BoundedReader::new(&[0; 100][..], 1000, Some(100)).read_to_end(&mut all).is_ok());
        assert_eq!(BoundExceeded::from_io_error(&io::Error::other("other")), None);
    }

    #[test]
    fn the_row_bound_starts_again_with_each_row() {
        let mut metered = BoundedReader::new(io::repeat(0), 10, None);
        let mut buffer = [0; 11];
        for _ in 0..3 {
            metered.read_exact(&mut buffer).unwrap();
            metered.next_row();
        }
        metered.read_exact(&mut buffer).unwrap();
        assert!(metered.read_exact(&mut buffer).is_err());
    }
}
