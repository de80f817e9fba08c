//! The messages that store models and customers: package `sweetspot.stored.v1`, documented in its protos.
//!
//! Stored messages must remain readable by later releases. Only `sweetspot-model` and `sweetspot-store` read and write
//! them.

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
