//! The messages that store models, customers, definitions and training runs: package `sweetspot.stored.v1`, documented
//! in its protos, and the conversion of their parts to and from the domain.
//!
//! Stored messages must remain readable by later releases. Only `sweetspot-model` and `sweetspot-store` read and write
//! them.

pub mod example;
mod field_conversion;
mod struct_conversion;
mod versioned_message;

pub use field_conversion::{FieldError, StoredAsMessage, StoredEnum, StoredField};
pub use generated::*;
pub use versioned_message::{ReadError, VersionedMessage};

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
