//! Documents of made-up companies: the figures they tell, and that they stay calm where there is little to tell.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod calm;
mod diff;
mod documents;
mod drawings;
mod laws;
mod pages;
mod pond;
mod proof;
mod recount;
#[path = "../../../../tests/support/sentences.rs"]
mod sentences;
mod summary;
mod support;
mod tables;
