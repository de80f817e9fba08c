//! Where lines end with a carriage return and a line feed.

use std::collections::VecDeque;
use std::io::{self, Read};

/// Passes bytes on and remembers which line feeds follow a carriage return, as far as they may still be asked for.
pub(super) struct LineEnds<R> {
    inner: R,
    read: u64,
    ends_with_return: bool,
    /// Places of line feeds behind a carriage return, ascending.
    feeds: VecDeque<u64>,
}

impl<R> LineEnds<R> {
    /// Of these bytes.
    pub(super) const fn new(inner: R) -> Self {
        Self { inner, read: 0, ends_with_return: false, feeds: VecDeque::new() }
    }

    /// What is read.
    pub(super) const fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// Whether the byte at this place is a line feed behind a carriage return; where it has not been read yet, a carriage return
    /// is taken to have one. Places are asked for in ascending order: those before are forgotten.
    pub(super) fn is_feed_behind_return(&mut self, place: u64) -> bool {
        while self.feeds.front().is_some_and(|feed| *feed < place) {
            self.feeds.pop_front();
        }
        if place >= self.read { self.ends_with_return } else { self.feeds.front() == Some(&place) }
    }
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        for (place, byte) in (self.read..).zip(bytes) {
            if *byte == b'\n' && self.ends_with_return {
                self.feeds.push_back(place);
            }
            self.ends_with_return = *byte == b'\r';
        }
        self.read += count as u64;
        Ok(count)
    }
}
