//! Where rows come from: a file, a pipe or bytes in memory; plain or gzip; read one row at a time.

mod delimiter;
mod header;
mod metered;
mod open;
mod reject;
mod rows;
mod workbook;

pub use open::Source;
pub use reject::Reject;
pub(super) use reject::{Problem, Rejects};
pub(super) use rows::{Row, Rows};
