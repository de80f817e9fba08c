//! Texts that somebody else wrote, made harmless to readers: nothing that steers a terminal or turns the writing around.

use std::borrow::Cow;

/// The text with such characters shown as `�`. Ends of lines stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(steers) { text.replace(steers, "\u{fffd}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_shown() {
        assert_eq!(visible("a\u{1b}[2J\u{202e}\tb\u{2028}\nü"), "a\u{fffd}[2J\u{fffd}\u{fffd}b\u{fffd}\nü");
        assert!(matches!(visible("plain"), Cow::Borrowed("plain")));
    }
}
