//! Texts that would like to be more than texts.

use proptest::prelude::*;
use sweetspot_report::{html, markdown};

use crate::pages::{made, read};

/// What steers a terminal, and what turns the writing around.
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

/// The signs of a line that are not escaped.
fn bare(line: &str, sign: char) -> usize {
    let (mut found, mut escaped) = (0, false);
    for c in line.chars() {
        found += usize::from(c == sign && !escaped);
        escaped = c == '\\' && !escaped;
    }
    found
}

proptest! {
    #[test]
    fn a_page_stays_the_page_that_it_is(text in text()) {
        let page = html::page(&made::report(&text));
        read::check(&page);
        let (tags, plain) = (read::tags(&page), read::tags(&html::page(&made::report("logistics"))));
        let names = |tags: &[read::Tag]| tags.iter().map(|tag| tag.name.clone()).collect::<Vec<_>>();
        prop_assert_eq!(names(&tags), names(&plain));
        prop_assert!(!page.contains(STEERING));
    }

    #[test]
    fn a_text_stays_the_text_that_it_is(text in text()) {
        let (found, plain) = (markdown::text(&made::report(&text)), markdown::text(&made::report("logistics")));
        prop_assert!(!found.contains(STEERING) && !found.contains(['<', '\r']) && !found.contains("://"));
        prop_assert_eq!(found.lines().count(), plain.lines().count());
        for (line, expected) in found.lines().zip(plain.lines()) {
            for sign in ['|', '`', '['] {
                prop_assert_eq!(bare(line, sign), bare(expected, sign), "{}", line);
            }
            prop_assert_eq!(line.starts_with('#'), expected.starts_with('#'), "{}", line);
            prop_assert_eq!(line.starts_with("- "), expected.starts_with("- "), "{}", line);
        }
    }
}
