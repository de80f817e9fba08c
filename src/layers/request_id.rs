//! Gives every call an id, the caller's own where it has one, and sends it back.

use tonic::codegen::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that carries the id, both ways.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken from a caller, in bytes.
const MAX_BYTES: usize = 128;

/// The id of a call, and nothing where none could be made.
pub(super) fn of(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut id = headers.get(HEADER).filter(|value| usable(value)).cloned().or_else(made)?;
    // No two calls have the same: both ends would fill their tables of headers with it, and throw out what is of use.
    id.set_sensitive(true);
    Some(id)
}

fn made() -> Option<HeaderValue> {
    let mut text = Uuid::encode_buffer();
    HeaderValue::from_str(Uuid::new_v4().as_hyphenated().encode_lower(&mut text)).ok()
}

fn usable(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (1..=MAX_BYTES).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_visible_ids_are_taken() {
        let taken = |text: &[u8]| usable(&HeaderValue::from_bytes(text).unwrap());
        assert!(taken(b"abc-123"));
        assert!(taken(&[b'a'; 128]));
        for other in [&b""[..], b"a b", "\u{e9}".as_bytes(), &[b'a'; 129], b"\xff"] {
            assert!(!taken(other), "{other:?}");
        }
    }

    #[test]
    fn a_made_id_is_a_uuid() {
        let (one, other) = (of(&HeaderMap::new()).unwrap(), of(&HeaderMap::new()).unwrap());
        assert_ne!(one, other);
        assert_eq!(one.to_str().unwrap().parse::<Uuid>().unwrap().get_version_num(), 4);
    }
}
