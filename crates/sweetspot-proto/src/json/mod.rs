//! The messages with the JSON mapping of protobuf: HTTP, the command line and reports share it. They encode to the same
//! bytes as the gRPC messages.

mod account;
pub mod details;
mod value;
mod well_known;

use prost::Message as _;
use serde::Serialize;

pub use self::account::Account;
pub use self::generated::*;
pub use self::value::AttributeValue;
pub use self::well_known::{Duration, FieldMask, Status, Timestamp};

/// A gRPC message that can be converted to JSON.
pub trait JsonMessage: prost::Message {
    /// The same message, with the JSON mapping.
    type Json: Serialize;

    /// Converts the message for JSON.
    fn to_json(&self) -> Self::Json;
}

/// Implements [`JsonMessage`] for each message of the package.
macro_rules! json_messages {
    ($($name:ident),*) => {
        $(impl JsonMessage for crate::v1::$name {
            type Json = $name;

            fn to_json(&self) -> $name {
                // Another type of the same message cannot fail to decode its bytes.
                $name::decode(&*self.encode_to_vec()).unwrap_or_default()
            }
        })*
    };
}
include!(concat!(env!("OUT_DIR"), "/json/messages.rs"));

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
