//! Makes untrusted texts safe to display, without characters that control a terminal or change the text direction.

use std::borrow::Cow;

/// Replaces such characters with `�`. Line feeds are kept.
#[must_use]
pub fn sanitize(text: &str) -> Cow<'_, str> {
    let is_control = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(is_control) { text.replace(is_control, "\u{fffd}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(sanitize("a\u{1b}[2J\u{202e}\tb\u{2028}\nü"), "a\u{fffd}[2J\u{fffd}\u{fffd}b\u{fffd}\nü");
        assert!(matches!(sanitize("plain"), Cow::Borrowed("plain")));
    }
}
