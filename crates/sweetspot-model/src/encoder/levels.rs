//! The levels of a category, or the items of a list.

use foldhash::fast::FixedState;
use sweetspot_core::{Interner, level_key};

/// The known texts in the order of their slots. Lookups ignore differences in spelling.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    keys: Vec<String>,
    labels: Vec<String>,
    /// Every key and every label: most texts are spelled like one of them, and need not be converted to a key first.
    spellings: Interner<FixedState>,
    /// The slot of each spelling.
    slots: Vec<usize>,
}

impl Levels {
    /// Creates levels from distinct keys (see [`level_key`]) and their labels.
    pub(crate) fn new(levels: Vec<(String, String)>) -> Self {
        let (keys, labels): (Vec<_>, Vec<_>) = levels.into_iter().unzip();
        let (mut spellings, mut slots) = (Interner::<FixedState>::default(), Vec::with_capacity(keys.len()));
        let mut add_spelling = |slot, text: &str| {
            if spellings.intern(text) as usize == slots.len() {
                slots.push(slot);
            }
        };
        keys.iter().enumerate().for_each(|(slot, key)| add_spelling(slot, key));
        let proper = |(slot, label): &(usize, &String)| keys.get(*slot).is_some_and(|key| *key == level_key(label));
        labels.iter().enumerate().filter(proper).for_each(|(slot, label)| add_spelling(slot, label));
        Self { keys, labels, spellings, slots }
    }

    /// The number of levels.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// The slot of a text, in any spelling of its key.
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        let known = self.spellings.find(text).or_else(|| self.spellings.find(&level_key(text)));
        self.slots.get(known? as usize).copied()
    }

    /// The label of a slot.
    pub(crate) fn label(&self, slot: usize) -> Option<&str> {
        self.labels.get(slot).map(String::as_str)
    }

    /// Keys and labels in the order of their slots.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.keys.iter().map(String::as_str).zip(self.labels.iter().map(String::as_str))
    }
}

impl PartialEq for Levels {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys && self.labels == other.labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_keep_their_order() {
        let levels = Levels::new(vec![("z".into(), "Z".into()), ("a".into(), "A".into())]);
        assert_eq!(levels.find("A"), Some(1));
        assert_eq!(levels.find("b"), None);
        assert_eq!(levels.entries().collect::<Vec<_>>(), [("z", "Z"), ("a", "A")]);
        assert_eq!(levels.label(2), None);
    }
}
