//! Limits the connections of clients that have no credential so far: one client can hold many of them at no cost.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The number of connections that every client may have.
const MIN_PER_CLIENT: usize = 16;
/// The share of one client in all connections is one in this number.
const SHARE: usize = 4;

/// The connections of clients without a credential so far, by the network of the client. Clones share the counts.
#[derive(Clone, Debug)]
pub(super) struct UnknownClients {
    max_per_client: usize,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// Counts a connection until it is released or dropped.
#[derive(Debug)]
pub(super) struct UnknownClientGuard {
    clients: UnknownClients,
    /// `None` within this process.
    client: Option<IpAddr>,
    is_released: AtomicBool,
}

impl UnknownClients {
    /// Limits the connections of each client to a share of `max_connections`.
    pub(super) fn with_share_of(max_connections: usize) -> Self {
        Self::new((max_connections / SHARE).max(MIN_PER_CLIENT))
    }

    /// Limits the connections of each client to this number.
    pub(super) fn new(max_per_client: usize) -> Self {
        Self { max_per_client, counts: Arc::default() }
    }

    /// Counts a new connection; `None` if its client has the maximum already. `address`: `None` within this process.
    pub(super) fn try_add(&self, address: Option<IpAddr>) -> Option<UnknownClientGuard> {
        let client = address.map(network);
        if let Some(client) = client {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(client).or_default();
            if *count >= self.max_per_client {
                return None;
            }
            *count += 1;
        }
        Some(UnknownClientGuard { clients: self.clone(), client, is_released: AtomicBool::new(false) })
    }
}

impl UnknownClientGuard {
    /// Counts the connection no longer, because its client had a credential.
    pub(super) fn release(&self) {
        let Some(client) = self.client.filter(|_| !self.is_released.swap(true, Ordering::Relaxed)) else { return };
        let mut counts = self.clients.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(&client) {
            Some(count) if *count > 1 => *count -= 1,
            // The map contains clients with a connection only, so that it does not grow.
            _ => drop(counts.remove(&client)),
        }
    }
}

impl Drop for UnknownClientGuard {
    fn drop(&mut self) {
        self.release();
    }
}

/// The address, or the network that one client of IPv6 usually has to itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_a_share_and_gets_it_back() {
        let clients = UnknownClients::new(2);
        let add = |address: &str| clients.try_add(Some(address.parse().unwrap()));
        let held = [add("192.0.2.1").unwrap(), add("::ffff:192.0.2.1").unwrap()];
        assert!(add("192.0.2.1").is_none());
        let elsewhere = add("192.0.2.2").unwrap();
        held[0].release();
        let again = add("192.0.2.1").unwrap();
        assert!(add("192.0.2.1").is_none(), "a connection is released once");
        drop((held, again, elsewhere));
        assert!(clients.counts.lock().unwrap().is_empty(), "a client without connections is forgotten");
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let clients = UnknownClients::new(1);
        let add = |address: &str| clients.try_add(Some(address.parse().unwrap()));
        let _held = add("2001:db8::1").unwrap();
        assert!(add("2001:db8::ffff:1").is_none());
        assert!(add("2001:db8:0:1::1").is_some());
    }

    #[test]
    fn the_share_is_a_quarter_but_some_connections_are_always_possible() {
        assert_eq!(UnknownClients::with_share_of(1024).max_per_client, 256);
        assert_eq!(UnknownClients::with_share_of(20).max_per_client, 16);
    }

    #[test]
    fn connections_within_the_process_are_not_limited() {
        let clients = UnknownClients::new(1);
        let held = [clients.try_add(None), clients.try_add(None)];
        assert!(held.iter().all(Option::is_some));
    }
}
