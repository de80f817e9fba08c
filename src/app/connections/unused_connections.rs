//! Connections without a call so far, counted by peer: a peer can hold many of them at no cost.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The number of connections of each peer that have had no call yet. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct UnusedConnectionCounts(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// Counts a connection as unused until it is dropped.
#[derive(Debug)]
pub(super) struct UnusedConnectionGuard {
    peers: UnusedConnectionCounts,
    address: IpAddr,
}

impl UnusedConnectionCounts {
    /// Counts a new connection of a peer; `None` if the peer has `max_per_peer` unused ones already.
    pub(super) fn try_add(&self, address: IpAddr, max_per_peer: usize) -> Option<UnusedConnectionGuard> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= max_per_peer {
            return None;
        }
        *count += 1;
        Some(UnusedConnectionGuard { peers: self.clone(), address })
    }
}

impl Drop for UnusedConnectionGuard {
    fn drop(&mut self) {
        let mut counts = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_a_share_and_gets_it_back() {
        let (peers, [one, other]) =
            (UnusedConnectionCounts::default(), [[127, 0, 0, 1], [127, 0, 0, 2]].map(IpAddr::from));
        let held = [peers.try_add(one, 2).unwrap(), peers.try_add(one, 2).unwrap()];
        assert!(peers.try_add(one, 2).is_none());
        let elsewhere = peers.try_add(other, 2).unwrap();
        drop(held);
        assert!(peers.try_add(one, 2).is_some());
        drop(elsewhere);
        assert!(peers.0.lock().unwrap().is_empty(), "a peer that left is forgotten");
    }
}
