//! Gives every call an id, by default the one that the caller sends, and returns it with the response.

use tonic::codegen::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header of the id, in requests and responses.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The maximum length of a caller's id, in bytes.
const MAX_ID_BYTES: usize = 128;

/// Returns the id of a call, or `None` if none could be created.
pub(super) fn from_headers(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut id = headers.get(HEADER).filter(|value| is_usable(value)).cloned().or_else(generate)?;
    // Ids are unique: in the header tables of both ends they would only replace useful entries.
    id.set_sensitive(true);
    Some(id)
}

fn generate() -> Option<HeaderValue> {
    let mut text = Uuid::encode_buffer();
    HeaderValue::from_str(Uuid::new_v4().as_hyphenated().encode_lower(&mut text)).ok()
}

fn is_usable(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (1..=MAX_ID_BYTES).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_visible_ids_are_accepted() {
        let taken = |text: &[u8]| is_usable(&HeaderValue::from_bytes(text).unwrap());
        assert!(taken(b"abc-123"));
        assert!(taken(&[b'a'; 128]));
        for other in [&b""[..], b"a b", "\u{e9}".as_bytes(), &[b'a'; 129], b"\xff"] {
            assert!(!taken(other), "{other:?}");
        }
    }

    #[test]
    fn a_generated_id_is_a_uuid() {
        let (one, other) = (from_headers(&HeaderMap::new()).unwrap(), from_headers(&HeaderMap::new()).unwrap());
        assert_ne!(one, other);
        assert_eq!(one.to_str().unwrap().parse::<Uuid>().unwrap().get_version_num(), 4);
    }
}
