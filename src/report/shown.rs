//! Texts that somebody else wrote, made harmless to readers: nothing that steers a terminal or turns the writing around.

/// The text with such characters shown as `�`. Ends of lines stay.
pub(crate) fn shown(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(steers, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_shown() {
        assert_eq!(shown("a\u{1b}[2J\u{202e}\tb\nü"), "a\u{fffd}[2J\u{fffd}\u{fffd}b\nü");
    }
}
