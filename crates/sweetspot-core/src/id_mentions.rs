//! Finds ids that a text contains as whole words.

use std::collections::BTreeSet;

/// The maximum length of an id that is looked for, in bytes.
const MAX_ID_BYTES: usize = 128;

/// Whether a text contains one of these ids of at most 128 bytes, between characters that are neither letters nor
/// digits, or at its ends.
#[must_use]
pub fn mentions_any(text: &str, ids: &BTreeSet<String>) -> bool {
    let mut boundaries = vec![0];
    let mut previous = None::<char>;
    for (position, character) in text.char_indices() {
        if position > 0 && !(character.is_alphanumeric() && previous.is_some_and(char::is_alphanumeric)) {
            boundaries.push(position);
        }
        previous = Some(character);
    }
    boundaries.push(text.len());
    boundaries.iter().enumerate().any(|(index, start)| {
        let ends = boundaries.iter().skip(index + 1).take_while(|end| **end - start <= MAX_ID_BYTES);
        ends.into_iter().any(|end| text.get(*start..*end).is_some_and(|part| ids.contains(part)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_as_whole_words() {
        let ids: BTreeSet<String> = ["acme", "a-1", "ümit & co", "(x)"].map(str::to_owned).into();
        for text in ["acme", "ask acme!", "a-1.", "about (a-1)", "as ümit & co say", "f(x)", "acme-2"] {
            assert!(mentions_any(text, &ids), "{text}");
        }
        for text in ["", "acmes", "xa-1", "a-12", "ACME", "ümit", "x"] {
            assert!(!mentions_any(text, &ids), "{text}");
        }
    }
}
