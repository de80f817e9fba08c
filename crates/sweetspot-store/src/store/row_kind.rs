//! The kinds of rows, and the digests in them: which blobs a row needs.

use sweetspot_core::Digest;

use super::{Row, StoreError};

/// A digest in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestReference {
    /// The digest of a blob that the row needs.
    Blob(Digest),
    /// The digest of a blob that the row mentions and that may be missing. It stays as long as the row.
    OptionalBlob(Digest),
    /// The digest of something else, or of a blob that may be removed although the row mentions it.
    Other(Digest),
}

impl DigestReference {
    /// The digest of the blob that must not be removed.
    #[must_use]
    pub const fn blob(&self) -> Option<&Digest> {
        match self {
            Self::Blob(digest) | Self::OptionalBlob(digest) => Some(digest),
            Self::Other(_) => None,
        }
    }
}

/// A kind of rows: those whose keys start with the same prefix.
#[derive(Clone, Copy, Debug)]
pub struct RowKind {
    /// The start of the keys.
    pub prefix: &'static str,
    /// What the rows are, in words and in the plural.
    pub name: &'static str,
    /// Returns every digest in a row. Fails if the row cannot be read.
    pub digests: fn(&Row) -> Result<Vec<DigestReference>, StoreError>,
}

/// Returns every sequence of 64 lower-case hexadecimal digits in these bytes, as a digest.
#[must_use]
pub fn find_digests(bytes: &[u8]) -> Vec<Digest> {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let sequences = bytes.split(|byte| !is_digit(byte)).filter(|sequence| sequence.len() == 64);
    sequences.filter_map(|sequence| std::str::from_utf8(sequence).ok()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_found_between_other_bytes() {
        let [first, second] = [Digest::new(b"a"), Digest::new(b"b")];
        let text = format!("\u{1}@{first}\"{second}\n{}a {}", first, "ab".repeat(31));
        assert_eq!(find_digests(text.as_bytes()), [first, second], "not the one of 65 digits, nor that of 62");
        assert!(find_digests(b"").is_empty());
    }
}
