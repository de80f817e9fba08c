//! The messages that are spoken in JSON, as protobuf maps them: the same bytes as on the gRPC wire, once more as types.

mod account;
pub mod details;
mod known;
mod value;

pub use self::account::Account;
pub use self::generated::*;
pub use self::known::{Status, Timestamp};
pub use self::value::AttributeValue;

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
