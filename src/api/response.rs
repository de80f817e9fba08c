//! Builds responses: checks their size, and compresses them where that pays off.

use bytes::Bytes;
use prost::Message;
use sweetspot_core::reportable_error::ErrorKind;
use tonic::{Response, Status};

use super::status::status_with_kind;

/// Responses below this size, in bytes, are not compressed.
const MIN_COMPRESSED_BYTES: usize = 4096;

/// Wraps a response of at most `max_bytes` bytes. The gRPC library would reject a larger one only after the call
/// succeeded.
pub(super) fn respond<M: Message>(message: M, max_bytes: usize) -> Result<Response<M>, Status> {
    let bytes = message.encoded_len();
    check_size(bytes, max_bytes)?;
    Ok(build_response(message, bytes))
}

/// Wraps an encoded response.
pub(super) fn respond_encoded(bytes: Vec<u8>, max_bytes: usize) -> Result<Response<Bytes>, Status> {
    check_size(bytes.len(), max_bytes)?;
    let size = bytes.len();
    Ok(build_response(bytes.into(), size))
}

/// Bytes available for entries or content in a response of at most `max_bytes` bytes, beside its other fields.
pub(super) const fn content_budget(max_bytes: usize) -> usize {
    max_bytes - max_bytes / 8
}

/// The requested part of a content that may exceed one response.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContentRange {
    /// The first byte. An offset beyond the end returns an empty part.
    pub(super) offset: u64,
    /// The maximum number of bytes; 0 means all.
    pub(super) bytes: u64,
}

impl ContentRange {
    /// Returns this part of a content, limited to a response of at most `max_bytes` bytes.
    pub(super) fn slice(self, mut content: Vec<u8>, max_bytes: usize) -> Vec<u8> {
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(content.len());
        content.drain(..start);
        if self.bytes > 0 {
            content.truncate(usize::try_from(self.bytes).unwrap_or(usize::MAX).min(content_budget(max_bytes)));
        }
        content
    }
}

fn build_response<T>(message: T, bytes: usize) -> Response<T> {
    let mut response = Response::new(message);
    if bytes < MIN_COMPRESSED_BYTES {
        response.disable_compression();
    }
    response
}

/// Rejects a response that is too large.
pub(super) fn check_size(bytes: usize, max_bytes: usize) -> Result<(), Status> {
    if bytes <= max_bytes {
        return Ok(());
    }
    let text = format!(
        "the response would have {bytes} bytes or more, which exceeds the limit of {max_bytes}: request fewer accounts or \
         reasons at once, a smaller page, a part (part_bytes), or, for a document, RenderReport as JSON in parts"
    );
    Err(status_with_kind(ErrorKind::ResourceExhausted, &text, "RESPONSE_TOO_LARGE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consecutive_parts_add_up_to_the_content() {
        let whole: Vec<u8> = (0..=255).collect();
        for (bytes, max_bytes) in [(1, 1024), (7, 1024), (256, 1024), (1000, 1024), (1000, 16)] {
            let mut read = Vec::new();
            while read.len() < whole.len() {
                let part = ContentRange { offset: read.len() as u64, bytes }.slice(whole.clone(), max_bytes);
                assert!(!part.is_empty() && part.len() <= content_budget(max_bytes) && part.len() as u64 <= bytes);
                read.extend(part);
            }
            assert_eq!(read, whole);
        }
        assert_eq!(
            ContentRange { offset: 0, bytes: 0 }.slice(whole.clone(), 16),
            whole,
            "the full content, at any response size"
        );
        for offset in [256, u64::MAX] {
            assert!(ContentRange { offset, bytes: 9 }.slice(whole.clone(), 1024).is_empty());
        }
    }
}
