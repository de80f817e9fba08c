//! Looks at the heads of the frames that a peer sends, and counts those that cost us work and bring nothing.
//!
//! The HTTP library bounds some floods and lets others pass: empty DATA frames without end, or calls that are given up right
//! after their handler has begun. Whatever the library does with a frame, this bounds how many of them it sees.

use thiserror::Error;
use tokio::time::Instant;

/// Bytes before the first frame.
const PREFACE: usize = 24;
/// Bytes of a frame's head: three of length, one of kind, one of flags, four of stream.
const HEAD: usize = 9;

/// What may be owed at once: a thousand common idle frames.
const MOST_OWED: u32 = 20_000;
/// What is forgiven each second: a hundred common idle frames, or the pings of a client that measures its line all the time.
const FORGIVEN: u32 = 2_000;

/// A frame that brings nothing.
const IDLE: u32 = 20;
/// A ping. Some clients send one for every answer, to measure the line.
const PINGED: u32 = 1;
/// A call that is given up. Twice what its beginning was worth, so that calls begun and given up add up.
const GIVEN_UP: u32 = 40;
/// A call that begins pays for one idle frame.
const CALL: u32 = 20;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;

/// Too many frames that bring nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many non-productive HTTP/2 frames")]
pub(super) struct Flood;

/// Where in the stream of frames a connection is.
#[derive(Debug)]
pub(super) struct Frames {
    /// Bytes to pass over before the next head: the preface, then payloads.
    skip: usize,
    head: [u8; HEAD],
    filled: usize,
    begun: bool,
    owed: u32,
    since: Option<Instant>,
}

impl Default for Frames {
    fn default() -> Self {
        Self { skip: PREFACE, head: [0; HEAD], filled: 0, begun: false, owed: 0, since: None }
    }
}

impl Frames {
    /// Whether the head of a first frame has come.
    pub(super) const fn begun(&self) -> bool {
        self.begun
    }

    /// Looks at the next bytes. The clock is asked only where many idle frames have come.
    ///
    /// # Errors
    /// Once too many frames have brought nothing.
    pub(super) fn pass(&mut self, mut bytes: &[u8], now: impl Fn() -> Instant) -> Result<(), Flood> {
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let taken = if self.skip == 0 { (HEAD - self.filled).min(bytes.len()) } else { 0 };
            let (new, rest) = bytes.split_at_checked(taken).unwrap_or_default();
            if let Some(room) = self.head.get_mut(self.filled..self.filled + taken) {
                room.copy_from_slice(new);
            }
            self.filled += taken;
            bytes = rest;
            if self.filled == HEAD {
                self.filled = 0;
                self.frame(&now)?;
            }
        }
        Ok(())
    }

    /// Judges the head that is complete.
    fn frame(&mut self, now: impl Fn() -> Instant) -> Result<(), Flood> {
        let [high, middle, low, kind, flags, ..] = self.head;
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        (self.skip, self.begun) = (length, true);
        match kind {
            HEADERS => self.owed = self.owed.saturating_sub(CALL),
            DATA if length > 0 || flags & END_STREAM != 0 => {}
            // A window belongs to the answers that we send.
            WINDOW_UPDATE => {}
            PING => return self.owe(PINGED, now),
            RESET => return self.owe(GIVEN_UP, now),
            _ => return self.owe(IDLE, now),
        }
        Ok(())
    }

    /// The clock is read only once half of what may be owed is.
    fn owe(&mut self, cost: u32, now: impl Fn() -> Instant) -> Result<(), Flood> {
        self.owed += cost;
        if self.owed > MOST_OWED / 2 {
            let now = now();
            let since = *self.since.get_or_insert(now);
            let passed = now.duration_since(since).as_millis().min(10_000) as u32;
            let forgiven = passed * FORGIVEN / 1_000;
            if forgiven > 0 {
                self.owed = self.owed.saturating_sub(forgiven);
                self.since = Some(now);
            }
        }
        if self.owed > MOST_OWED { Err(Flood) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, 1], &vec![0; payload]].concat()
    }

    /// Frames behind a preface, handed over in pieces of this many bytes.
    fn passed(frames: &[Vec<u8>], piece: usize) -> Result<bool, Flood> {
        let bytes = [vec![0; PREFACE], frames.concat()].concat();
        let (mut seen, now) = (Frames::default(), Instant::now());
        bytes.chunks(piece).try_for_each(|piece| seen.pass(piece, || now))?;
        Ok(seen.begun())
    }

    #[test]
    fn a_connection_has_begun_with_the_head_of_its_first_frame() {
        let mut seen = Frames::default();
        seen.pass(&[0; PREFACE + HEAD - 1], Instant::now).unwrap();
        assert!(!seen.begun());
        seen.pass(&[0], Instant::now).unwrap();
        assert!(seen.begun());
    }

    #[test]
    fn frames_that_bring_something_are_not_counted_however_they_are_cut() {
        let useful = [frame(1, 4, 30), frame(0, 0, 1), frame(0, 1, 0), frame(8, 0, 4)];
        let many: Vec<Vec<u8>> = useful.iter().cycle().take(8_000).cloned().collect();
        for piece in [1, 7, 9, 10, 4096, 1 << 20] {
            assert_eq!(passed(&many, piece), Ok(true), "{piece}");
        }
    }

    #[test]
    fn a_thousand_idle_frames_of_any_kind_are_borne_and_no_more() {
        for (kind, payload, most) in
            [(0, 0, 1000), (2, 5, 1000), (3, 4, 500), (4, 6, 1000), (6, 8, 20_000), (9, 3, 1000)]
        {
            for piece in [1, 13, 1 << 20] {
                let idle = vec![frame(kind, 0, payload); most + 1];
                assert_eq!(passed(&idle[1..], piece), Ok(true), "{kind}");
                assert_eq!(passed(&idle, piece), Err(Flood), "{kind}");
            }
        }
    }

    #[test]
    fn calls_given_up_as_soon_as_they_begin_add_up() {
        let pairs: Vec<Vec<u8>> = (0..1001).flat_map(|_| [frame(1, 4, 30), frame(3, 0, 4)]).collect();
        assert_eq!(passed(&pairs[4..], 64), Ok(true));
        assert_eq!(passed(&pairs, 64), Err(Flood));
    }

    #[test]
    fn a_few_idle_frames_a_second_are_borne_forever() {
        let mut seen = Frames { skip: 0, ..Frames::default() };
        let mut now = Instant::now();
        for _ in 0..10_000 {
            seen.pass(&frame(4, 0, 0), || now).unwrap();
            now += Duration::from_millis(10);
        }
        assert!((0..=1000).any(|_| seen.pass(&frame(4, 0, 0), || now).is_err()));
    }
}
