//! Tracks where lines end with a carriage return and a line feed.

use std::collections::VecDeque;
use std::io::{self, Read};

/// Passes bytes through and records which line feeds follow a carriage return, as long as they may be needed.
pub(super) struct LineEndTracker<R> {
    inner: R,
    read: u64,
    ends_with_return: bool,
    /// Offsets of line feeds after a carriage return, ascending.
    line_feeds: VecDeque<u64>,
}

impl<R> LineEndTracker<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self { inner, read: 0, ends_with_return: false, line_feeds: VecDeque::new() }
    }

    /// Returns the inner reader.
    pub(super) const fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// Returns whether the byte at this offset is a line feed after a carriage return. If it has not been read yet, a
    /// line feed is assumed after a carriage return. Offsets must be queried in ascending order: earlier ones are
    /// dropped.
    pub(super) fn is_feed_behind_return(&mut self, place: u64) -> bool {
        while self.line_feeds.front().is_some_and(|offset| *offset < place) {
            self.line_feeds.pop_front();
        }
        if place >= self.read { self.ends_with_return } else { self.line_feeds.front() == Some(&place) }
    }
}

impl<R: Read> Read for LineEndTracker<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        for (place, byte) in (self.read..).zip(bytes) {
            if *byte == b'\n' && self.ends_with_return {
                self.line_feeds.push_back(place);
            }
            self.ends_with_return = *byte == b'\r';
        }
        self.read += count as u64;
        Ok(count)
    }
}
