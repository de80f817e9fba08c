//! Frames: a payload with its length before and its SHA-256 after it.

use sweetspot_core::Digest;

const LENGTH_BYTES: usize = 8;
const DIGEST_BYTES: usize = 32;
/// The first byte of a stored message: the number of the field with its format.
const FORMAT_FIELD: [u8; 1] = [8];

/// Encloses a payload.
pub(super) fn encode(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    [&length, payload, Digest::new(payload).as_bytes()].concat()
}

/// What bytes of a journal begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JournalFrame<'a> {
    /// There are no bytes.
    End,
    /// A frame with the right digest.
    Whole { payload: &'a [u8], digest: Digest, rest: &'a [u8] },
    /// The bytes end before the frame does.
    Incomplete,
    /// The payload has another digest.
    Damaged,
}

/// Reads the frame at the start of `bytes`.
pub(super) fn first(bytes: &[u8]) -> JournalFrame<'_> {
    if bytes.is_empty() {
        return JournalFrame::End;
    }
    let Some((payload, stored, rest)) = split(bytes) else { return JournalFrame::Incomplete };
    let digest = Digest::new(payload);
    if digest.as_bytes() == stored { JournalFrame::Whole { payload, digest, rest } } else { JournalFrame::Damaged }
}

/// Finds the first whole frame with a stored message that starts anywhere in `bytes`. Returns its payload, its digest
/// and what follows it.
pub(super) fn find(bytes: &[u8]) -> Option<(&[u8], Digest, &[u8])> {
    (0..bytes.len()).find_map(|start| {
        let (payload, stored, rest) = bytes.get(start..).and_then(split)?;
        // Few payloads are hashed: those that start like a message.
        let digest = payload.starts_with(&FORMAT_FIELD).then(|| Digest::new(payload))?;
        (digest.as_bytes() == stored).then_some((payload, digest, rest))
    })
}

/// The payload, the digest, and what follows the frame; `None` if the bytes end before.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (payload, rest) = rest.split_at_checked(length)?;
    let (digest, rest) = rest.split_at_checked(DIGEST_BYTES)?;
    Some((payload, digest, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Vec<u8> {
        encode(format!("\u{8}\u{1}{text}").as_bytes())
    }

    #[test]
    fn a_frame_is_whole_incomplete_or_damaged() {
        let (one, two) = (message("one"), message("number two"));
        let bytes = [one.clone(), two.clone()].concat();
        let JournalFrame::Whole { payload, digest, rest } = first(&bytes) else { panic!("not whole") };
        assert_eq!((payload, digest, rest), (&b"\x08\x01one"[..], Digest::new(b"\x08\x01one"), &*two));
        assert_eq!(first(b""), JournalFrame::End);
        for end in 1..one.len() {
            assert_eq!(first(&bytes[..end]), JournalFrame::Incomplete, "{end} bytes");
        }
        for place in 0..one.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            let found = first(&damaged);
            // A damaged length may lie beyond the end.
            assert!(
                found == JournalFrame::Damaged || found == JournalFrame::Incomplete && place < LENGTH_BYTES,
                "byte {place}"
            );
            assert!(find(&damaged).is_some(), "the second frame is found after byte {place}");
            assert!(find(&damaged[..one.len()]).is_none(), "byte {place}");
        }
        assert!(find(&bytes[1..one.len()]).is_none() && find(&[0; 99]).is_none());
    }
}
