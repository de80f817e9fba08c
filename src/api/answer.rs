//! Sends an answer: small enough to be sent at all, compressed where that pays.

use bytes::Bytes;
use prost::Message;
use sweetspot_core::fault::FaultKind;
use tonic::{Response, Status};

use super::status::with_kind;

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

/// Bytes of entries or of content that one answer of at most `most` bytes holds beside its other fields.
pub(super) const fn room(most: usize) -> usize {
    most - most / 8
}

/// A content that may be too large for one answer, and what is wanted of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// From this byte on; beyond the end there is nothing.
    pub(super) offset: u64,
    /// At most so many bytes; 0: all.
    pub(super) bytes: u64,
}

impl Part {
    /// This part of a content, in an answer of at most `most` bytes.
    pub(super) fn cut(self, mut content: Vec<u8>, most: usize) -> Vec<u8> {
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(content.len());
        content.drain(..start);
        if self.bytes > 0 {
            content.truncate(usize::try_from(self.bytes).unwrap_or(usize::MAX).min(room(most)));
        }
        content
    }
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
        "the response would have {bytes} bytes or more, which exceeds the limit of {most}: request fewer accounts or \
         reasons at once, a smaller page, a part (part_bytes), or, for a document, RenderReport as JSON in parts"
    );
    Err(with_kind(FaultKind::ResourceExhausted, &text, "RESPONSE_TOO_LARGE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_put_together_are_the_whole() {
        let whole: Vec<u8> = (0..=255).collect();
        for (bytes, most) in [(1, 1024), (7, 1024), (256, 1024), (1000, 1024), (1000, 16)] {
            let mut read = Vec::new();
            while read.len() < whole.len() {
                let part = Part { offset: read.len() as u64, bytes }.cut(whole.clone(), most);
                assert!(!part.is_empty() && part.len() <= room(most) && part.len() as u64 <= bytes);
                read.extend(part);
            }
            assert_eq!(read, whole);
        }
        assert_eq!(Part { offset: 0, bytes: 0 }.cut(whole.clone(), 16), whole, "all of it, whatever an answer holds");
        for offset in [256, u64::MAX] {
            assert!(Part { offset, bytes: 9 }.cut(whole.clone(), 1024).is_empty());
        }
    }
}
