//! Escapes untrusted texts, so that Markdown renders them literally.

/// Separates a character from a text that would otherwise become a link or a mention; has no width and prevents a line
/// break.
const WORD_JOINER: char = '\u{2060}';

/// One line of Markdown that renders as the text, without HTML, links, lists, headings or table cells.
pub(super) fn escaped(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(line.len() + 8);
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let counts =
        numbered.len() < line.len() && numbered.split(' ').next().is_some_and(|sign| matches!(sign, "." | ")"));
    let begins_list = counts || line.starts_with(['-', '+', '=']);
    // The character that would begin a list: the first one, or the one after the number.
    let marker = begins_list.then(|| line.len() - numbered.len());
    for (place, c) in line.char_indices() {
        let rest = line.get(place + c.len_utf8()..).unwrap_or_default();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.extend(['@', WORD_JOINER]),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => out.extend(['\\', c]),
            ':' if rest.starts_with("//") => out.push_str(":\\"),
            '.' if ends_with_www(&out) => out.push_str("\\."),
            _ if marker == Some(place) => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

fn ends_with_www(text: &str) -> bool {
    let tail: String = text.chars().rev().take(3).collect();
    tail.eq_ignore_ascii_case("www")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_do_something_only_says_something() {
        for (text, expected) in [
            ("plain text, 1.4 to 3.2", "plain text, 1.4 to 3.2"),
            ("<script>", "&lt;script&gt;"),
            ("a | b\nc", "a \\| b c"),
            ("# no heading", "\\# no heading"),
            ("- no item", "\\- no item"),
            ("12. no item", "12\\. no item"),
            ("1.4", "1.4"),
            ("[a](b)", "\\[a\\](b)"),
            ("https://a.b WWW.c.d", "https:\\//a.b WWW\\.c.d"),
            ("me@a.b", "me@\u{2060}a.b"),
            ("a_b * `c` &amp; ~~d~~ \\", "a\\_b \\* \\`c\\` &amp;amp; \\~\\~d\\~\\~ \\\\"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_opens_anything(text in "[-+#<>|`*_a1. \\[\\]\n@:/&w]{0,20}") {
            let line = escaped(&text);
            prop_assert!(!line.contains(['<', '>', '\n']) && !line.contains("://"));
            let mut before = ' ';
            for c in line.chars() {
                prop_assert!(!"|`*_[]#".contains(c) || before == '\\', "{line}");
                // An escaped backslash does not escape the next character.
                before = if before == '\\' && c == '\\' { ' ' } else { c };
            }
        }
    }
}
