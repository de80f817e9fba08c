//! The page and the text of a made-up report, to the byte: what people see changes only on purpose.

use sweetspot_report::{html, markdown};

use crate::pages::made;

#[test]
fn the_page_is_as_it_was() {
    insta::assert_binary_snapshot!("page.html", html::page(&made::report("logistics")).into_bytes());
}

#[test]
fn the_text_is_as_it_was() {
    insta::assert_binary_snapshot!("text.md", markdown::text(&made::report("logistics")).into_bytes());
}
