//! The page and the text of a fictional report, to the byte: visible changes must be intentional.

use sweetspot_report::{html, markdown};

use crate::pages::page_fixtures;

#[test]
fn the_page_is_as_it_was() {
    insta::assert_binary_snapshot!("page.html", html::page(&page_fixtures::report("logistics")).into_bytes());
}

#[test]
fn the_text_is_as_it_was() {
    insta::assert_binary_snapshot!("text.md", markdown::text(&page_fixtures::report("logistics")).into_bytes());
}
