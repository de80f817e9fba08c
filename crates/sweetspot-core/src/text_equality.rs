//! Equality of texts as values.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The key of a text: NFC, trimmed, in lower case (Unicode, independent of locale). Texts with the same key are the
/// same level of an attribute, and the same text in a condition.
#[must_use]
pub fn level_key(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(trimmed);
    }
    if trimmed.is_ascii() {
        return Cow::Owned(trimmed.to_ascii_lowercase());
    }
    let composed: Cow<'_, str> =
        if is_nfc(trimmed) { trimmed.into() } else { trimmed.nfc().collect::<String>().into() };
    // Lower case can decompose (İ), so the text is composed again.
    Cow::Owned(composed.to_lowercase().nfc().collect())
}

/// Whether a text is empty or only white space, which is a missing value.
#[inline]
#[must_use]
pub fn is_blank(text: &str) -> bool {
    // Most texts begin with a plain letter or digit.
    !matches!(text.as_bytes(), [b'!'..=b'~', ..]) && text.trim_start().is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_level() {
        for spelling in ["Zürich", " ZÜRICH ", "zu\u{308}rich"] {
            assert_eq!(level_key(spelling), "zürich");
        }
        assert_eq!(level_key("plain text"), "plain text");
        assert_eq!(level_key("  "), "");
        assert!(is_blank(" \t\u{a0}") && is_blank("") && !is_blank(" x"));
    }

    proptest! {
        /// The fast path for plain letters does not change the result.
        #[test]
        fn a_key_of_plain_letters_follows_the_rule(text in "[ -~]{0,20}") {
            let rule: String = text.trim().nfc().collect::<String>().to_lowercase().nfc().collect();
            prop_assert_eq!(level_key(&text), rule);
        }

        #[test]
        fn a_key_is_its_own_key(text in "\\PC{0,20}") {
            let once = level_key(&text).into_owned();
            prop_assert_eq!(level_key(&once).into_owned(), once.clone());
        }
    }
}
