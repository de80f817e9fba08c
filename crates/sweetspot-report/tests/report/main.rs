//! Documents of fictional companies: their figures, and their texts when data are sparse.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod diff;
mod documents;
mod drawings;
mod fixtures;
mod hypotheses_only;
mod interviews;
mod laws;
mod many_values;
mod overview;
mod pages;
mod pond;
mod proof;
mod recount;
#[path = "../../../../tests/support/sentences.rs"]
mod sentences;
mod sparse_data;
mod summary;
mod tables;
