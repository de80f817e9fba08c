//! The messages and clients of the API, and their JSON mapping. Generated from `proto/sweetspot/v1`, which contains
//! their documentation.

pub mod json;

/// Package `sweetspot.v1`: messages and clients.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; documented in the protos"
)]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/sweetspot.v1.rs"));
}

/// The descriptors of the services, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sweetspot_descriptor.bin"));
