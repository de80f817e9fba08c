//! Any bytes after the preface of a connection, repeated because a flood takes many frames: the budget of frames charges
//! them in pieces as a second parser charges the whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sweetspot::fuzz::check_frames;

/// Enough for a flood of pings, which cost least.
const MAX_BYTES: usize = 256 << 10;

fuzz_target!(|input: (u8, u16, &[u8])| {
    let (piece, repetitions, frames) = input;
    let repetitions = usize::from(repetitions) % (1 + MAX_BYTES / frames.len().max(1));
    check_frames(&frames.repeat(repetitions), piece.into());
});
