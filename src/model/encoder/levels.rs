//! The levels of a category, or the items of a list.

use std::borrow::Cow;
use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Known texts in the order of their slots, found whatever their spelling.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Levels {
    keys: BTreeMap<String, usize>,
    labels: Vec<String>,
}

impl Levels {
    /// Levels from keys (see [`key`]) and the labels that people see.
    pub(crate) fn new(levels: Vec<(String, String)>) -> Self {
        let mut keys = BTreeMap::new();
        let mut labels = Vec::with_capacity(levels.len());
        for (slot, (key, label)) in levels.into_iter().enumerate() {
            keys.insert(key, slot);
            labels.push(label);
        }
        Self { keys, labels }
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// The slot of a text, in any spelling of its key.
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        self.keys.get(key(text).as_ref()).copied()
    }

    /// The label of a slot.
    pub(crate) fn label(&self, slot: usize) -> Option<&str> {
        self.labels.get(slot).map(String::as_str)
    }

    /// Keys and labels in the order of their slots.
    pub(crate) fn in_order(&self) -> Vec<(&str, &str)> {
        let mut keys: Vec<(&str, usize)> = self.keys.iter().map(|(key, slot)| (key.as_str(), *slot)).collect();
        keys.sort_unstable_by_key(|(_, slot)| *slot);
        keys.into_iter().zip(&self.labels).map(|((key, _), label)| (key, label.as_str())).collect()
    }
}

/// What makes two texts the same level: NFC, white space trimmed, lower case (Unicode's, without locale).
pub(crate) fn key(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(trimmed);
    }
    if trimmed.is_ascii() {
        return Cow::Owned(trimmed.to_ascii_lowercase());
    }
    let composed: Cow<'_, str> =
        if is_nfc(trimmed) { trimmed.into() } else { trimmed.nfc().collect::<String>().into() };
    // Lower case may decompose (İ), so it is composed once more.
    Cow::Owned(composed.to_lowercase().nfc().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_level() {
        for spelling in ["Zürich", " ZÜRICH ", "zu\u{308}rich"] {
            assert_eq!(key(spelling), "zürich");
        }
        assert_eq!(key("plain text"), "plain text");
        assert_eq!(key("  "), "");
    }

    proptest! {
        /// What is left out for plain letters would change nothing.
        #[test]
        fn a_key_of_plain_letters_follows_the_rule(text in "[ -~]{0,20}") {
            let rule: String = text.trim().nfc().collect::<String>().to_lowercase().nfc().collect();
            prop_assert_eq!(key(&text), rule);
        }

        #[test]
        fn a_key_is_its_own_key(text in "\\PC{0,20}") {
            let once = key(&text).into_owned();
            prop_assert_eq!(key(&once).into_owned(), once.clone());
        }
    }

    #[test]
    fn levels_keep_their_order() {
        let levels = Levels::new(vec![("z".into(), "Z".into()), ("a".into(), "A".into())]);
        assert_eq!(levels.find("A"), Some(1));
        assert_eq!(levels.find("b"), None);
        assert_eq!(levels.in_order(), [("z", "Z"), ("a", "A")]);
        assert_eq!(levels.label(2), None);
    }
}
