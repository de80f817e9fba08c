//! Interned texts: a million distinct texts take little more than their bytes.

use std::hash::{BuildHasher, Hasher as _};

use hashbrown::HashTable;

use super::Texts;

/// Distinct texts with their codes, in the order of their first occurrence.
///
/// The hasher has no observable effect. For texts from untrusted sources it must be randomly keyed, to prevent
/// collision attacks.
#[derive(Clone, Debug, Default)]
pub struct Interner<S> {
    texts: Texts,
    table: HashTable<InternerEntry>,
    hasher: S,
}

/// A text's code, with enough of its hash to reject most other texts, and to grow the table without reading texts.
#[derive(Clone, Copy, Debug)]
struct InternerEntry {
    hash: u32,
    code: u32,
}

impl<S: BuildHasher> Interner<S> {
    /// Returns the code of a text, and adds the text if it is new.
    pub fn intern(&mut self, text: &str) -> u32 {
        let Self { texts, table, hasher } = self;
        let hash = short_hash(hasher, text.as_bytes());
        let same = |entry: &InternerEntry| entry.hash == hash && texts.get(entry.code as usize) == Some(text);
        if let Some(entry) = table.find(widen_hash(hash), same) {
            return entry.code;
        }
        // The numbers of rows and texts are far below this limit.
        let code = u32::try_from(texts.len()).unwrap_or(u32::MAX - 1);
        texts.push(text);
        table.insert_unique(widen_hash(hash), InternerEntry { hash, code }, |entry| widen_hash(entry.hash));
        code
    }

    /// The code of a text; `None` if it is not interned.
    #[inline]
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u32> {
        self.find_bytes(text.as_bytes())
    }

    /// The code of the text with these bytes; `None` if it is not interned.
    #[inline]
    #[must_use]
    pub fn find_bytes(&self, bytes: &[u8]) -> Option<u32> {
        let hash = short_hash(&self.hasher, bytes);
        let same =
            |entry: &InternerEntry| entry.hash == hash && self.texts.get_bytes(entry.code as usize) == Some(bytes);
        self.table.find(widen_hash(hash), same).map(|entry| entry.code)
    }
}

impl<S> Interner<S> {
    /// The hasher of the texts.
    #[must_use]
    pub const fn hasher(&self) -> &S {
        &self.hasher
    }

    /// The texts, indexed by code.
    #[must_use]
    pub const fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The text with this code.
    #[must_use]
    pub fn get(&self, code: u32) -> Option<&str> {
        self.texts.get(code as usize)
    }

    /// The number of texts.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are no texts.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Returns the texts without the table.
    #[must_use]
    pub fn into_texts(self) -> Texts {
        self.texts
    }
}

/// The upper half of a hash.
fn short_hash(hasher: &impl BuildHasher, bytes: &[u8]) -> u32 {
    let mut hasher = hasher.build_hasher();
    hasher.write(bytes);
    (hasher.finish() >> 32) as u32
}

/// Expands half a hash to 64 bits, since tables use both the upper and the lower bits.
const fn widen_hash(hash: u32) -> u64 {
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
