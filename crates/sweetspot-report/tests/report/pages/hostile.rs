//! Hostile texts that try to inject markup.

use proptest::prelude::*;
use sweetspot_report::{html, markdown};

use crate::pages::{html_reader, page_fixtures};

/// A terminal control character, and one that reverses the text direction.
const STEERING: [char; 2] = ['\u{0}', '\u{202e}'];

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<script>alert(1)</script>",
        "</style>",
        "\" onload=\"x",
        "'",
        "]]>",
        "-->",
        "&lt;",
        "|",
        "\n# heading",
        "\r\n\r\n- item",
        "[a](http://b)",
        "![i](x)",
        "`",
        "<https://a.b>",
        "{{",
        "\u{202e}",
        "\u{0}",
        "ü",
        " ",
        "a",
    ]);
    prop_oneof![prop::collection::vec(pieces, 1..5).prop_map(|pieces| pieces.concat()), any::<String>()]
}

/// The number of unescaped occurrences of a character in a line.
fn count_unescaped(line: &str, sign: char) -> usize {
    let (mut found, mut escaped) = (0, false);
    for c in line.chars() {
        found += usize::from(c == sign && !escaped);
        escaped = c == '\\' && !escaped;
    }
    found
}

proptest! {
    #[test]
    fn hostile_text_adds_no_tag_to_a_page(text in text()) {
        let page = html::page(&page_fixtures::report(&text));
        html_reader::check(&page);
        let (tags, plain) = (html_reader::tags(&page), html_reader::tags(&html::page(&page_fixtures::report("logistics"))));
        let names = |tags: &[html_reader::Tag]| tags.iter().map(|tag| tag.name.clone()).collect::<Vec<_>>();
        prop_assert_eq!(names(&tags), names(&plain));
        prop_assert!(!page.contains(STEERING));
    }

    #[test]
    fn hostile_text_adds_no_markup_to_markdown(text in text()) {
        let (found, plain) = (markdown::text(&page_fixtures::report(&text)), markdown::text(&page_fixtures::report("logistics")));
        prop_assert!(!found.contains(STEERING) && !found.contains(['<', '\r']) && !found.contains("://"));
        prop_assert_eq!(found.lines().count(), plain.lines().count());
        for (line, expected) in found.lines().zip(plain.lines()) {
            for sign in ['|', '`', '['] {
                prop_assert_eq!(count_unescaped(line, sign), count_unescaped(expected, sign), "{}", line);
            }
            prop_assert_eq!(line.starts_with('#'), expected.starts_with('#'), "{}", line);
            prop_assert_eq!(line.starts_with("- "), expected.starts_with("- "), "{}", line);
        }
    }
}
