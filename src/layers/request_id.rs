//! Gives every call an id, the caller's own where it has one, and sends it back.

use tonic::body::Body;
use tonic::codegen::http::{HeaderName, HeaderValue, Request};

use super::step::{Reply, Step};

/// The header that carries the id, both ways.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken from a caller, in bytes.
const MAX_BYTES: usize = 128;

/// The id of a call.
#[derive(Clone, Debug)]
pub(super) struct Id(pub(super) String);

/// The step.
#[derive(Clone, Copy, Debug)]
pub struct RequestId;

impl Step for RequestId {
    fn around(&self, mut request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let id = request.headers().get(HEADER).and_then(usable).unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let value = HeaderValue::from_str(&id);
        request.extensions_mut().insert(Id(id));
        let reply = next(request);
        Box::pin(async move {
            let mut response = reply.await?;
            if let Ok(value) = value {
                response.headers_mut().insert(HEADER, value);
            }
            Ok(response)
        })
    }
}

fn usable(value: &HeaderValue) -> Option<String> {
    let text = std::str::from_utf8(value.as_bytes()).ok()?;
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=MAX_BYTES).contains(&text.len())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_visible_ids_are_taken() {
        let taken = |text: &[u8]| usable(&HeaderValue::from_bytes(text).unwrap());
        assert_eq!(taken(b"abc-123"), Some("abc-123".to_owned()));
        assert_eq!(taken(&[b'a'; 128]).map(|id| id.len()), Some(128));
        for other in [&b""[..], b"a b", "\u{e9}".as_bytes(), &[b'a'; 129], b"\xff"] {
            assert_eq!(taken(other), None, "{other:?}");
        }
    }
}
