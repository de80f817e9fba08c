//! Texts kept once each and found again: a million distinct ones cost little more than their letters.

use std::hash::{BuildHasher, Hasher as _};

use hashbrown::HashTable;

use super::Texts;

/// Distinct texts by number, in the order in which they first came.
///
/// The hasher is the owner's choice, and decides nothing that can be seen. Where strangers choose the texts it must be keyed
/// at random, so that none can be made slow on purpose.
#[derive(Clone, Debug, Default)]
pub struct Interner<S> {
    texts: Texts,
    table: HashTable<Entry>,
    hasher: S,
}

/// A text's number, with enough of its hash to tell most other texts from it, and to grow the table without reading texts.
#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    code: u32,
}

impl<S: BuildHasher> Interner<S> {
    /// The text's number, new or known.
    pub fn intern(&mut self, text: &str) -> u32 {
        let Self { texts, table, hasher } = self;
        let hash = short(hasher, text.as_bytes());
        let same = |entry: &Entry| entry.hash == hash && texts.get(entry.code as usize) == Some(text);
        if let Some(entry) = table.find(spread(hash), same) {
            return entry.code;
        }
        // Rows are bounded far below this, and so are texts.
        let code = u32::try_from(texts.len()).unwrap_or(u32::MAX - 1);
        texts.push(text);
        table.insert_unique(spread(hash), Entry { hash, code }, |entry| spread(entry.hash));
        code
    }

    /// The number of a text that is known.
    #[inline]
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        self.find_bytes(text.as_bytes())
    }

    /// The number of a text that is known, if these are its bytes.
    #[inline]
    #[must_use]
    pub fn find_bytes(&self, bytes: &[u8]) -> Option<u32> {
        let hash = short(&self.hasher, bytes);
        let same = |entry: &Entry| entry.hash == hash && self.texts.get_bytes(entry.code as usize) == Some(bytes);
        self.table.find(spread(hash), same).map(|entry| entry.code)
    }
}

impl<S> Interner<S> {
    /// What texts are hashed by.
    #[must_use]
    pub const fn hasher(&self) -> &S {
        &self.hasher
    }

    /// The texts by number.
    #[must_use]
    pub const fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The text of a number.
    #[must_use]
    pub fn get(&self, code: u32) -> Option<&str> {
        self.texts.get(code as usize)
    }

    /// How many texts.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The texts alone.
    #[must_use]
    pub fn into_texts(self) -> Texts {
        self.texts
    }
}

/// Half of a hash.
fn short(hasher: &impl BuildHasher, bytes: &[u8]) -> u32 {
    let mut hasher = hasher.build_hasher();
    hasher.write(bytes);
    (hasher.finish() >> 32) as u32
}

/// A whole hash again: tables look at its upper and its lower bits.
const fn spread(hash: u32) -> u64 {
    (hash as u64) << 32 | hash as u64
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasherDefault, DefaultHasher};

    use super::*;

    type Plain = Interner<BuildHasherDefault<DefaultHasher>>;

    #[test]
    fn each_text_once_and_in_order() {
        let mut interner = Plain::default();
        assert!(interner.is_empty());
        let codes: Vec<u32> = ["b", "", "a", "b", ""].map(|text| interner.intern(text)).into();
        assert_eq!(codes, [0, 1, 2, 0, 1]);
        assert_eq!((interner.find("a"), interner.find("c")), (Some(2), None));
        assert_eq!((interner.find_bytes(b"a"), interner.find_bytes(b"\xff")), (Some(2), None));
        assert_eq!((interner.len(), interner.texts().bytes()), (3, 2));
        assert_eq!(interner.get(3), None);
        assert_eq!(interner.into_texts().iter().collect::<Vec<_>>(), ["b", "", "a"]);
    }

    #[test]
    fn many_texts_survive_growth() {
        let mut interner = Plain::default();
        for number in 0..10_000 {
            assert_eq!(interner.intern(&number.to_string()), number);
        }
        assert_eq!(interner.get(9_999), Some("9999"));
        assert_eq!(interner.find("9999"), Some(9_999));
    }
}
