//! The sizes of the shared strings of an .xls workbook, to limit memory before they are read.

/// Returns the maximum size of each text of the table in bytes; `None` if the table is damaged. The first block is that
/// of the record SST, and the others are its continuations ([MS-XLS] 2.4.265 and 2.5.293).
pub(super) fn sizes(blocks: &[&[u8]]) -> Option<Vec<u64>> {
    let (first, more) = blocks.split_first()?;
    let mut blocks = TextBlocks { rest: first.get(8..)?, more };
    let mut sizes = Vec::new();
    while !blocks.rest.is_empty() || blocks.advance().is_some() {
        sizes.push(blocks.text()?);
    }
    Some(sizes)
}

/// The remaining part of the table.
struct TextBlocks<'a> {
    rest: &'a [u8],
    more: &'a [&'a [u8]],
}

impl<'a> TextBlocks<'a> {
    /// Advances to the next block.
    fn advance(&mut self) -> Option<()> {
        let (next, more) = self.more.split_first()?;
        (self.rest, self.more) = (next, more);
        Some(())
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(bytes)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// Skips bytes, which may span several blocks.
    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > self.rest.len() {
            count -= self.rest.len();
            self.advance()?;
        }
        self.take(count).map(|_| ())
    }

    /// Skips a text and returns its size.
    fn text(&mut self) -> Option<u64> {
        let mut characters = self.number(2)?;
        let flags = self.number(1)?;
        let runs = if flags & 8 == 0 { 0 } else { self.number(2)? };
        let extension = if flags & 4 == 0 { 0 } else { self.number(4)? };
        let (mut is_wide, mut size) = (flags & 1 == 1, 0);
        loop {
            let width = if is_wide { 2 } else { 1 };
            let count = characters.min(self.rest.len() / width);
            self.take(count * width)?;
            // A one-byte character takes up to two bytes in UTF-8, and a two-byte character up to three.
            size += (count * (width + 1)) as u64;
            characters -= count;
            if characters == 0 {
                break;
            }
            self.advance()?;
            is_wide = self.number(1)? & 1 == 1;
        }
        self.skip(runs * 4)?;
        self.skip(extension)?;
        Some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_on_in_the_next_block() {
        let first = b"\x03\0\0\0\x03\0\0\0\x02\0\0ab\x03\0\0x";
        let second = b"\x01y\0z\0\x01\0\x08\x01\0q";
        let third = b"1234\x01\0\x04\x03\0\0\0!";
        let fourth = b"abc";
        assert_eq!(sizes(&[first, second, third, fourth]), Some(vec![4, 2 + 6, 2, 2]));
    }

    #[test]
    fn damaged_tables_have_no_sizes() {
        for blocks in [
            &[&b""[..]][..],
            &[b"12345678\x05\0\0abc"],
            &[b"12345678\x05\0"],
            &[b"12345678\x01\0\x04\xff\xff\xff\x7fa"],
        ] {
            assert_eq!(sizes(blocks), None);
        }
        assert_eq!(sizes(&[b"12345678"]), Some(vec![]));
    }
}
