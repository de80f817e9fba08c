//! Many texts in one buffer: each takes little more than its bytes.

use std::fmt;
use std::ops::Range;

/// Texts by index, in the order of insertion.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Texts {
    buffer: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Appends a text; its index is the previous number of texts.
    pub fn push(&mut self, text: &str) {
        self.buffer.push_str(text);
        self.ends.push(self.buffer.len());
    }

    /// The text at an index.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&str> {
        self.buffer.get(self.byte_range(number)?)
    }

    /// The bytes of the text at an index; comparing them needs no check of character boundaries.
    #[inline]
    #[must_use]
    pub fn get_bytes(&self, number: usize) -> Option<&[u8]> {
        self.buffer.as_bytes().get(self.byte_range(number)?)
    }

    #[inline]
    fn byte_range(&self, number: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        Some(start..end)
    }

    /// The number of texts.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no texts.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The total number of bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// The texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number).unwrap_or_default())
    }
}

impl<S: AsRef<str>> Extend<S> for Texts {
    fn extend<I: IntoIterator<Item = S>>(&mut self, texts: I) {
        for text in texts {
            self.push(text.as_ref());
        }
    }
}

impl<S: AsRef<str>> FromIterator<S> for Texts {
    fn from_iter<I: IntoIterator<Item = S>>(texts: I) -> Self {
        let mut all = Self::default();
        all.extend(texts);
        all
    }
}

impl From<Vec<String>> for Texts {
    fn from(texts: Vec<String>) -> Self {
        texts.into_iter().collect()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_come_back_in_order(some in prop::collection::vec("\\PC{0,6}", 0..20), more in prop::collection::vec("a{0,2}", 0..4)) {
            let mut texts = Texts::from(some.clone());
            texts.extend(&more);
            let all: Vec<&str> = some.iter().chain(&more).map(String::as_str).collect();
            prop_assert_eq!(texts.iter().collect::<Vec<_>>(), all.clone());
            prop_assert_eq!((texts.len(), texts.is_empty()), (all.len(), all.is_empty()));
            prop_assert_eq!(texts.bytes(), all.concat().len());
            let bytes: Vec<&[u8]> = all.iter().map(|text| text.as_bytes()).collect();
            prop_assert_eq!((0..all.len()).filter_map(|number| texts.get_bytes(number)).collect::<Vec<_>>(), bytes);
            prop_assert_eq!((texts.get(all.len()), texts.get_bytes(all.len())), (None, None));
            prop_assert_eq!(format!("{texts:?}"), format!("{all:?}"));
        }

        #[test]
        fn texts_are_equal_where_each_is(one in prop::collection::vec("a{0,2}", 0..4), other in prop::collection::vec("a{0,2}", 0..4)) {
            prop_assert_eq!(Texts::from(one.clone()) == Texts::from(other.clone()), one == other);
        }
    }
}
