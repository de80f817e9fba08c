//! Sends an answer: small enough to be sent at all, compressed where that pays.

use prost::Message;
use tonic::{Response, Status};

use super::status::with_kind;
use crate::fault::FaultKind;

/// Answers below this size are sent as they are.
const COMPRESSED_FROM_BYTES: usize = 4096;

/// Wraps an answer of at most `most` bytes. The library would refuse a larger one only after the call has succeeded.
pub(super) fn answer<M: Message>(message: M, most: usize) -> Result<Response<M>, Status> {
    let bytes = message.encoded_len();
    if bytes > most {
        let text = format!(
            "the answer has {bytes} bytes, and at most {most} are sent: ask for fewer accounts or reasons at once"
        );
        return Err(with_kind(FaultKind::ResourceExhausted, &text, "RESPONSE_TOO_LARGE"));
    }
    let mut response = Response::new(message);
    if bytes < COMPRESSED_FROM_BYTES {
        response.disable_compression();
    }
    Ok(response)
}
