//! Code that `build.rs` writes from `proto/`. Nothing here is edited, and nothing but conversions uses it.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; documented in the protos"
)]

/// The wire: package `sweetspot.v1`.
pub mod v1 {
    tonic::include_proto!("sweetspot.v1");
}

/// What is kept: package `sweetspot.stored.v1`.
pub(crate) mod stored {
    tonic::include_proto!("sweetspot.stored.v1");
}

/// The descriptors of the wire, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sweetspot_descriptor.bin"));
