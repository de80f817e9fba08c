//! Scoring messages read and written as bytes: a map built for every account would cost many times the score, and forget which
//! attributes an account has twice.

pub(super) mod answer;
mod codec;
pub(super) mod column;
mod fields;
pub(super) mod names;
pub(super) mod request;
pub(super) mod row;
pub(super) mod table;

use self::codec::RawCodec;

/// The scoring service over bytes, written by `build.rs`.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; documented in the protos"
)]
pub(super) mod service {
    include!(concat!(env!("OUT_DIR"), "/raw/sweetspot.v1.rs"));
}

/// The other services, written by `build.rs`, and their messages: those of the clients, except that accounts in row form are bytes.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; documented in the protos"
)]
pub(super) mod received {
    pub use sweetspot_proto::v1::*;

    include!(concat!(env!("OUT_DIR"), "/received/sweetspot.v1.rs"));
}
