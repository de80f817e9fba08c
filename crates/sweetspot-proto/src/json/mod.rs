//! The messages that have a JSON mapping, which is that of protobuf. They encode to the same bytes as the gRPC
//! messages.

mod account;
pub mod details;
mod value;
mod well_known;

pub use self::account::Account;
pub use self::generated::*;
pub use self::value::AttributeValue;
pub use self::well_known::{Status, Timestamp};

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated; documented in the protos"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/json/sweetspot.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/json/sweetspot.v1.serde.rs"));
}
