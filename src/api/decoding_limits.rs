//! Limits what decoding a request may cost, from protobuf and from JSON: its memory, and the time during which it keeps
//! other calls waiting.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Maximum memory of a decoded message, as a multiple of its encoded size. Lists of short texts need a factor of 27.
pub(crate) const MAX_FACTOR: usize = 40;
/// The memory that every message may take in addition, in bytes.
pub(crate) const FREE_BYTES: usize = 256 << 10;
/// The overhead of an allocation, and the smallest allocation, in bytes.
pub(crate) const ALLOCATION_BYTES: usize = 16;

/// Larger messages are decoded one at a time, and other tasks of the thread continue on another one. Decoding this
/// number of bytes takes at most about a millisecond.
const MAX_INLINE_BYTES: usize = 64 << 10;

/// Held while a large message is decoded, so that large messages never use more than one core.
static LARGE_MESSAGE: Mutex<()> = Mutex::new(());

/// Decodes a message of this size. While it is large, other tasks of this thread continue on another one, unless the
/// runtime has only one thread.
pub(crate) fn decode_message<T>(message_bytes: usize, decode: impl FnOnce() -> T) -> T {
    let has_other_threads =
        || Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    if message_bytes <= MAX_INLINE_BYTES || !has_other_threads() {
        return decode();
    }
    block_in_place(|| {
        let _turn = LARGE_MESSAGE.lock().unwrap_or_else(PoisonError::into_inner);
        decode()
    })
}
