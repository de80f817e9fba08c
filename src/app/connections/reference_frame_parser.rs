//! What the budget of frames charges, by a second parser that has the whole connection. For tests and fuzz targets.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use super::frame_budget::{FrameBudget, FrameFlood};

/// The lengths of the preface and of a frame header, in bytes.
const PREFACE_BYTES: usize = 24;
const HEADER_BYTES: usize = 9;
/// What a flood may cost in total, what frames that carry nothing cost, and the credit of a call.
const CAPACITY: u32 = 20_000;
const PING_COST: u32 = 1;
const IDLE_COST: u32 = 20;
const RESET_COST: u32 = 40;
const CALL_CREDIT: u32 = 20;

/// Checks the frames that follow the preface of a connection.
pub(crate) fn check_frames(frames: &[u8], piece: usize) {
    let connection = [&[0; PREFACE_BYTES], frames].concat();
    let (begin, expected) = (Instant::now(), expected_verdict(frames));
    let (mut whole, mut pieces, mut slow) = (FrameBudget::default(), FrameBudget::default(), FrameBudget::default());
    assert_eq!(whole.observe(&connection, || begin), expected);
    let mut parts = connection.chunks(piece.max(1));
    assert_eq!(parts.try_for_each(|part| pieces.observe(part, || begin)), expected, "in pieces of {piece} bytes");
    for budget in [whole, pieces] {
        assert_eq!(budget.has_begun(), frames.len() >= HEADER_BYTES);
    }
    // Time only forgives.
    let passed = Cell::new(begin);
    let now = || {
        passed.set(passed.get() + Duration::from_millis(1));
        passed.get()
    };
    let verdict = slow.observe(&connection, now);
    assert!(verdict.is_ok() || expected.is_err(), "a slower peer is refused");
}

/// The verdict if all frames arrive at once.
fn expected_verdict(mut frames: &[u8]) -> Result<(), FrameFlood> {
    let mut level = 0_u32;
    while let [high, middle, low, kind, flags, _, _, _, _, rest @ ..] = frames {
        let length = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
        let (ends_stream, carries_data) = (flags & 1 == 1, length > 0);
        let cost = match kind {
            0 if carries_data || ends_stream => 0,
            1 => {
                level = level.saturating_sub(CALL_CREDIT);
                0
            }
            3 => RESET_COST,
            6 => PING_COST,
            8 => 0,
            _ => IDLE_COST,
        };
        level += cost;
        if level > CAPACITY {
            return Err(FrameFlood);
        }
        frames = rest.get(length..).unwrap_or_default();
    }
    Ok(())
}
