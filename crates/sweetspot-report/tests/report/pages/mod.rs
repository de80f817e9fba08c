//! Reports as pages: their rendering, and the escaping of texts.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod golden;
mod hostile;
mod html_reader;
mod input;
mod page_fixtures;
