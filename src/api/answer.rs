//! Sends an answer: small enough to be sent at all, compressed where that pays.

use bytes::Bytes;
use prost::Message;
use tonic::{Response, Status};

use super::status::with_kind;
use crate::fault::FaultKind;

/// Answers below this size are sent as they are.
const COMPRESSED_FROM_BYTES: usize = 4096;

/// Wraps an answer of at most `most` bytes. The library would refuse a larger one only after the call has succeeded.
pub(super) fn answer<M: Message>(message: M, most: usize) -> Result<Response<M>, Status> {
    let bytes = message.encoded_len();
    check_size(bytes, most)?;
    Ok(wrapped(message, bytes))
}

/// Wraps an answer that is written already.
pub(super) fn written(bytes: Vec<u8>, most: usize) -> Result<Response<Bytes>, Status> {
    check_size(bytes.len(), most)?;
    let size = bytes.len();
    Ok(wrapped(bytes.into(), size))
}

fn wrapped<T>(message: T, bytes: usize) -> Response<T> {
    let mut response = Response::new(message);
    if bytes < COMPRESSED_FROM_BYTES {
        response.disable_compression();
    }
    response
}

/// Refuses an answer that is too large.
pub(super) fn check_size(bytes: usize, most: usize) -> Result<(), Status> {
    if bytes <= most {
        return Ok(());
    }
    let text = format!(
        "the answer has {bytes} bytes or more, and at most {most} are sent: ask for fewer accounts or reasons at once"
    );
    Err(with_kind(FaultKind::ResourceExhausted, &text, "RESPONSE_TOO_LARGE"))
}
