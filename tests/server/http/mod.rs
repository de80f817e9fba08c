//! HTTP and JSON: the same services over a socket of their own, spoken to byte by byte.

mod client;
mod errors;
mod lifecycle;
mod limits;
mod mapping;
mod reading;
mod reporting;
pub(crate) mod server;
mod values;
