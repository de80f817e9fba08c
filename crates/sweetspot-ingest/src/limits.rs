//! How large a file and its parts may be. A file is somebody else's: everything it can make grow has a bound.

/// The longest cell that is read; a row with a longer one is rejected.
pub const MAX_CELL_BYTES: usize = 1 << 20;

/// The longest attribute text that is kept; the rest is cut off.
pub const MAX_TEXT_BYTES: usize = 1024;

/// The longest account id. It leaves room for the `#2` of a repeated id within the 128 bytes of an id on the wire.
pub const MAX_ID_BYTES: usize = 116;

/// The most columns of a header.
pub const MAX_COLUMNS: usize = 4096;

/// The most rejected rows that are listed one by one; further ones are counted.
pub const MAX_REJECTS: usize = 10_000;

/// The most bytes a compressed file may unpack to.
pub const MAX_UNPACKED_BYTES: u64 = 16 << 30;

/// The longest row. Beyond it a quote was opened and never closed.
pub(super) const MAX_ROW_BYTES: u64 = 16 << 20;

/// The most cells that are held at once.
pub(super) const MAX_CELLS: u64 = 400_000_000;

/// The most bytes of distinct texts that are held at once.
pub(super) const MAX_DISTINCT_BYTES: usize = 2 << 30;

/// The largest mapping file.
pub(super) const MAX_MAPPING_BYTES: u64 = 1 << 20;

/// The text without what lies beyond [`MAX_TEXT_BYTES`], cut between characters.
pub(super) fn clip(text: &str) -> &str {
    clip_to(text, MAX_TEXT_BYTES)
}

/// The text without what lies beyond so many bytes, cut between characters.
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
