//! Texts kept once each, end to end in one buffer: a million distinct ones cost little more than their letters.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// Texts by number, in the order in which they first came.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Interner {
    buffer: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    // Keyed at random, so that no file can be made slow on purpose. It decides nothing that can be seen.
    hasher: RandomState,
}

impl Interner {
    /// The text's number, new or known.
    pub(in crate::ingest) fn intern(&mut self, text: &str) -> u32 {
        let Self { buffer, ends, table, hasher } = self;
        let hash = hasher.hash_one(text);
        if let Some(code) = table.find(hash, |code| slice(buffer, ends, *code) == Some(text)) {
            return *code;
        }
        // Rows are bounded far below this, and so are texts.
        let code = u32::try_from(ends.len()).unwrap_or(u32::MAX - 1);
        buffer.push_str(text);
        ends.push(buffer.len());
        table.insert_unique(hash, code, |code| hasher.hash_one(slice(buffer, ends, *code).unwrap_or("")));
        code
    }

    /// The text of a number.
    pub(in crate::ingest) fn get(&self, code: u32) -> Option<&str> {
        slice(&self.buffer, &self.ends, code)
    }

    /// How many texts.
    pub(in crate::ingest) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes they have together.
    pub(in crate::ingest) fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// The texts by number.
    pub(in crate::ingest) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..).map_while(|code| self.get(code))
    }
}

fn slice<'a>(buffer: &'a str, ends: &[usize], code: u32) -> Option<&'a str> {
    let code = code as usize;
    let end = *ends.get(code)?;
    let start = code.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    buffer.get(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_once_and_in_order() {
        let mut interner = Interner::default();
        let codes: Vec<u32> = ["b", "", "a", "b", ""].map(|text| interner.intern(text)).into();
        assert_eq!(codes, [0, 1, 2, 0, 1]);
        assert_eq!(interner.iter().collect::<Vec<_>>(), ["b", "", "a"]);
        assert_eq!((interner.len(), interner.bytes()), (3, 2));
        assert_eq!(interner.get(3), None);
    }

    #[test]
    fn many_texts_survive_growth() {
        let mut interner = Interner::default();
        for number in 0..10_000 {
            assert_eq!(interner.intern(&number.to_string()), number);
        }
        assert_eq!(interner.get(9_999), Some("9999"));
    }
}
