//! The messages in which models and customers are stored: package `sweetspot.stored.v1`, documented in its protos.
//!
//! A stored message is a promise to later releases. Only `sweetspot-model` and `sweetspot-store` read and write them.

pub mod example;

pub use generated::*;

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; documented in the protos"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/sweetspot.stored.v1.rs"));
}
