//! A reader with meters: how much a compressed file unpacked to, and how long one row is.

use std::io::{self, Read};

use thiserror::Error;

/// The bound that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Breach {
    /// One row is too long.
    #[error("the row is too long")]
    Row,
    /// All rows together are too long.
    #[error("the unpacked file is too large")]
    Total,
    /// The pages of a Parquet file are too large.
    #[cfg(feature = "parquet")]
    #[error("the pages are too large")]
    Pages,
}

impl Breach {
    /// The breach behind a read error, where that is the cause.
    pub(super) fn behind(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).copied()
    }
}

/// Counts what passes through it and stops at its bounds.
pub(super) struct Metered<R> {
    inner: R,
    row_bound: u64,
    row: u64,
    total_left: Option<u64>,
}

impl<R> Metered<R> {
    /// At most `row_bound` bytes between two calls of [`Self::next_row`], and `total` bytes in all where it is given.
    pub(super) const fn new(inner: R, row_bound: u64, total: Option<u64>) -> Self {
        Self { inner, row_bound, row: 0, total_left: total }
    }

    /// A new row starts.
    pub(super) const fn next_row(&mut self) {
        self.row = 0;
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.row > self.row_bound {
            return Err(io::Error::other(Breach::Row));
        }
        let count = self.inner.read(buffer)?;
        self.row += count as u64;
        if let Some(left) = &mut self.total_left {
            *left = left.checked_sub(count as u64).ok_or_else(|| io::Error::other(Breach::Total))?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_either_bound() {
        let mut all = Vec::new();
        let error = Metered::new(io::repeat(0), 10, None).read_to_end(&mut all).unwrap_err();
        assert_eq!(Breach::behind(&error), Some(Breach::Row));
        let error = Metered::new(&[0; 100][..], 1000, Some(99)).read_to_end(&mut all).unwrap_err();
        assert_eq!(Breach::behind(&error), Some(Breach::Total));
        assert!(Metered::new(&[0; 100][..], 1000, Some(100)).read_to_end(&mut all).is_ok());
        assert_eq!(Breach::behind(&io::Error::other("other")), None);
    }

    #[test]
    fn a_new_row_starts_at_zero() {
        let mut metered = Metered::new(io::repeat(0), 10, None);
        let mut buffer = [0; 11];
        for _ in 0..3 {
            metered.read_exact(&mut buffer).unwrap();
            metered.next_row();
        }
        metered.read_exact(&mut buffer).unwrap();
        assert!(metered.read_exact(&mut buffer).is_err());
    }
}
