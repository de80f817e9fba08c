//! Limits on the size of a file and its parts. Files are untrusted input: everything that a file can make grow is
//! bounded.

/// The maximum length of a cell in bytes. A row with a longer cell is rejected.
pub const MAX_CELL_BYTES: usize = 1 << 20;

/// The maximum length of an attribute text in bytes. Longer texts are truncated.
pub const MAX_TEXT_BYTES: usize = 1024;

/// The maximum length of an account id in bytes. It leaves room for the suffix `#2` of a repeated id within the 128
/// bytes of an id in the API.
pub const MAX_ID_BYTES: usize = 116;

/// The maximum number of columns in a header.
pub const MAX_COLUMNS: usize = 4096;

/// The maximum number of rejected rows that are listed; further ones are only counted.
pub const MAX_REJECTS: usize = 10_000;

/// The maximum unpacked size of a compressed file in bytes.
pub const MAX_UNPACKED_BYTES: u64 = 16 << 30;

/// The maximum length of a row in bytes. A longer row means that a quote was opened and never closed.
pub(super) const MAX_ROW_BYTES: u64 = 16 << 20;

/// The maximum number of cells in memory.
pub(super) const MAX_CELLS: u64 = 400_000_000;

/// The maximum number of bytes of distinct texts in memory.
pub(super) const MAX_DISTINCT_BYTES: usize = 2 << 30;

/// The maximum size of a mapping file in bytes.
pub(super) const MAX_MAPPING_BYTES: u64 = 1 << 20;

/// Truncates the text to [`MAX_TEXT_BYTES`], at a character boundary.
pub(super) fn clip(text: &str) -> &str {
    clip_to(text, MAX_TEXT_BYTES)
}

/// Truncates the text to `bytes` bytes, at a character boundary.
pub(super) fn clip_to(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(clip("short"), "short");
        let long = format!("{}ü", "a".repeat(MAX_TEXT_BYTES - 1));
        assert_eq!(clip(&long).len(), MAX_TEXT_BYTES - 1);
        assert_eq!(clip_to("äö", 3), "ä");
    }
}
