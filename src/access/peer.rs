//! The client at the other end of a connection.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

/// The client at the other end of a connection.
#[derive(Debug, Default)]
pub(crate) struct Peer {
    address: Option<IpAddr>,
    is_known: AtomicBool,
}

impl Peer {
    /// A client that has made no call yet. `address`: `None` within this process.
    pub(crate) const fn new(address: Option<IpAddr>) -> Self {
        Self { address, is_known: AtomicBool::new(false) }
    }

    /// The address of the client, or of the last proxy before this server; `None` within this process.
    pub(crate) const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Whether a call on the connection had a valid credential. Without access control, whether there was any call.
    pub(crate) fn is_known(&self) -> bool {
        self.is_known.load(Ordering::Relaxed)
    }

    /// Notes that a call had a valid credential.
    pub(crate) fn set_known(&self) {
        self.is_known.store(true, Ordering::Relaxed);
    }
}
