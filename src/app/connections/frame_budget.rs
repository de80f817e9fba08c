//! Inspects the frame headers that a peer sends, and charges for frames that cost work and carry nothing.
//!
//! The HTTP library limits some floods but not others: endless empty DATA frames, or calls that are reset right after
//! their handler has started. This limits the number of such frames, whatever the library does with them.

use thiserror::Error;
use tokio::time::Instant;

/// The length of the connection preface, in bytes.
const PREFACE_BYTES: usize = 24;
/// The length of a frame header: three bytes of length, one of type, one of flags, four of stream id.
const FRAME_HEADER_BYTES: usize = 9;

/// The capacity of the budget: a thousand ordinary idle frames.
const CAPACITY: u32 = 20_000;
/// The cost that is forgiven each second: a hundred ordinary idle frames, or the pings of a client that measures its
/// latency all the time.
const LEAK_PER_SECOND: u32 = 2_000;

/// The cost of a frame that carries nothing.
const IDLE_FRAME_COST: u32 = 20;
/// The cost of a ping. Some clients send one for every response, to measure latency.
const PING_COST: u32 = 1;
/// The cost of a reset call. Twice the credit of its start, so that calls that are started and reset add up.
const RESET_COST: u32 = 40;
/// The credit of a call that starts: it pays for one idle frame.
const CALL_CREDIT: u32 = 20;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;

/// The error of a peer that sent too many frames that carry nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the client sent too many HTTP/2 frames without data (pings, resets, empty frames)")]
pub(super) struct FrameFlood;

/// The state of the frame parser of one connection, with its budget.
#[derive(Debug)]
pub(super) struct FrameBudget {
    /// The number of bytes to skip before the next header: the preface, then payloads.
    skip: usize,
    header: [u8; FRAME_HEADER_BYTES],
    filled: usize,
    has_begun: bool,
    level: u32,
    last_leak: Option<Instant>,
}

impl Default for FrameBudget {
    fn default() -> Self {
        Self {
            skip: PREFACE_BYTES,
            header: [0; FRAME_HEADER_BYTES],
            filled: 0,
            has_begun: false,
            level: 0,
            last_leak: None,
        }
    }
}

impl FrameBudget {
    /// Whether the header of a first frame has arrived.
    pub(super) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Inspects the next bytes. The clock is read only after many idle frames.
    ///
    /// # Errors
    /// Returns an error once the budget is exhausted.
    pub(super) fn observe(&mut self, mut bytes: &[u8], now: impl Fn() -> Instant) -> Result<(), FrameFlood> {
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let header_bytes = if self.skip == 0 { (FRAME_HEADER_BYTES - self.filled).min(bytes.len()) } else { 0 };
            let (new, rest) = bytes.split_at_checked(header_bytes).unwrap_or_default();
            if let Some(room) = self.header.get_mut(self.filled..self.filled + header_bytes) {
                room.copy_from_slice(new);
            }
            self.filled += header_bytes;
            bytes = rest;
            if self.filled == FRAME_HEADER_BYTES {
                self.filled = 0;
                self.observe_header(&now)?;
            }
        }
        Ok(())
    }

    /// Charges for the complete header.
    fn observe_header(&mut self, now: impl Fn() -> Instant) -> Result<(), FrameFlood> {
        let [high, middle, low, kind, flags, ..] = self.header;
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        (self.skip, self.has_begun) = (length, true);
        match kind {
            HEADERS => self.level = self.level.saturating_sub(CALL_CREDIT),
            DATA if length > 0 || flags & END_STREAM != 0 => {}
            // Window updates belong to the responses that we send.
            WINDOW_UPDATE => {}
            PING => return self.charge(PING_COST, now),
            RESET => return self.charge(RESET_COST, now),
            _ => return self.charge(IDLE_FRAME_COST, now),
        }
        Ok(())
    }

    /// Adds a cost. The clock is read only once half the capacity is used.
    fn charge(&mut self, cost: u32, now: impl Fn() -> Instant) -> Result<(), FrameFlood> {
        self.level += cost;
        if self.level > CAPACITY / 2 {
            let now = now();
            let since = *self.last_leak.get_or_insert(now);
            let passed = now.duration_since(since).as_millis().min(10_000) as u32;
            let leaked = passed * LEAK_PER_SECOND / 1_000;
            if leaked > 0 {
                self.level = self.level.saturating_sub(leaked);
                self.last_leak = Some(now);
            }
        }
        if self.level > CAPACITY { Err(FrameFlood) } else { Ok(()) }
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

    /// Observes frames after a preface, in pieces of this many bytes.
    fn observe_in_pieces(frames: &[Vec<u8>], piece: usize) -> Result<bool, FrameFlood> {
        let bytes = [vec![0; PREFACE_BYTES], frames.concat()].concat();
        let (mut seen, now) = (FrameBudget::default(), Instant::now());
        bytes.chunks(piece).try_for_each(|piece| seen.observe(piece, || now))?;
        Ok(seen.has_begun())
    }

    #[test]
    fn a_connection_has_begun_with_its_first_frame_header() {
        let mut seen = FrameBudget::default();
        seen.observe(&[0; PREFACE_BYTES + FRAME_HEADER_BYTES - 1], Instant::now).unwrap();
        assert!(!seen.has_begun());
        seen.observe(&[0], Instant::now).unwrap();
        assert!(seen.has_begun());
    }

    #[test]
    fn productive_frames_cost_nothing_in_pieces_of_any_size() {
        let useful = [frame(1, 4, 30), frame(0, 0, 1), frame(0, 1, 0), frame(8, 0, 4)];
        let many: Vec<Vec<u8>> = useful.iter().cycle().take(8_000).cloned().collect();
        for piece in [1, 7, 9, 10, 4096, 1 << 20] {
            assert_eq!(observe_in_pieces(&many, piece), Ok(true), "{piece}");
        }
    }

    #[test]
    fn at_most_a_thousand_idle_frames_are_accepted() {
        for (kind, payload, most) in
            [(0, 0, 1000), (2, 5, 1000), (3, 4, 500), (4, 6, 1000), (6, 8, 20_000), (9, 3, 1000)]
        {
            for piece in [1, 13, 1 << 20] {
                let idle = vec![frame(kind, 0, payload); most + 1];
                assert_eq!(observe_in_pieces(&idle[1..], piece), Ok(true), "{kind}");
                assert_eq!(observe_in_pieces(&idle, piece), Err(FrameFlood), "{kind}");
            }
        }
    }

    #[test]
    fn calls_reset_at_once_exceed_the_budget() {
        let pairs: Vec<Vec<u8>> = (0..1001).flat_map(|_| [frame(1, 4, 30), frame(3, 0, 4)]).collect();
        assert_eq!(observe_in_pieces(&pairs[4..], 64), Ok(true));
        assert_eq!(observe_in_pieces(&pairs, 64), Err(FrameFlood));
    }

    #[test]
    fn a_slow_rate_of_idle_frames_is_always_accepted() {
        let mut seen = FrameBudget { skip: 0, ..FrameBudget::default() };
        let mut now = Instant::now();
        for _ in 0..10_000 {
            seen.observe(&frame(4, 0, 0), || now).unwrap();
            now += Duration::from_millis(10);
        }
        assert!((0..=1000).any(|_| seen.observe(&frame(4, 0, 0), || now).is_err()));
    }
}
