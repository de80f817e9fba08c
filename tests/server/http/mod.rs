//! HTTP and JSON: the same services over their own socket, tested at byte level.

mod client;
mod errors;
mod grpc_web;
mod json;
mod lifecycle;
mod limits;
mod plain;
mod reading;
mod reports;
mod routes;
pub(crate) mod server;
mod values;
mod web_origins;
