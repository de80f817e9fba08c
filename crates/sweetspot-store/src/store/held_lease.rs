//! A lease that is extended in the background while it is held.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{LeaseToken, Store, StoreError};

/// The time after which the work of a process that ended can be taken over.
const LEASE_TIME: Duration = Duration::from_secs(10);
/// The interval at which a lease is extended.
const EXTENSION_INTERVAL: Duration = Duration::from_secs(3);

/// A lease; released on drop.
#[derive(Debug)]
pub struct HeldLease {
    store: Arc<dyn Store>,
    token: LeaseToken,
    is_lost: Arc<AtomicBool>,
    /// Dropped to end the thread.
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl HeldLease {
    /// Acquires a lease. `None` if another process holds it, or another part of this one.
    ///
    /// # Errors
    /// If the store fails.
    pub fn acquire(store: &Arc<dyn Store>, name: &str) -> Result<Option<Self>, StoreError> {
        let Some(token) = store.leases().acquire(name, LEASE_TIME)? else { return Ok(None) };
        let (stop, stopped) = sync_channel::<()>(0);
        let is_lost = Arc::new(AtomicBool::new(false));
        let (of_thread, extended, lost) = (Arc::clone(store), token.clone(), Arc::clone(&is_lost));
        let extend = move || {
            while stopped.recv_timeout(EXTENSION_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                match of_thread.leases().extend(&extended, LEASE_TIME) {
                    Ok(true) => {}
                    Ok(false) => return lost.store(true, Ordering::Release),
                    // It is held until another process acquires it.
                    Err(error) => tracing::warn!(%error, lease = extended.name, "cannot extend a lease"),
                }
            }
        };
        let thread = thread::Builder::new().name("lease".to_owned()).spawn(extend).map_err(|source| {
            StoreError::Backend { action: "start the thread of a lease", source: Box::new(source) }
        })?;
        Ok(Some(Self { store: Arc::clone(store), token, is_lost, stop: Some(stop), thread: Some(thread) }))
    }

    /// The token, which commits of the work name.
    #[must_use]
    pub const fn token(&self) -> &LeaseToken {
        &self.token
    }

    /// Returns what [`Self::is_lost`] does.
    pub fn loss(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let is_lost = Arc::clone(&self.is_lost);
        move || is_lost.load(Ordering::Acquire)
    }

    /// Whether another process is known to have acquired the lease.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Acquire)
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A panic there has been reported.
        let _panic = self.thread.take().map(JoinHandle::join);
        if let Err(error) = self.store.leases().release(&self.token) {
            tracing::warn!(%error, lease = self.token.name, "cannot release a lease: it runs out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    fn a_lease_is_held_until_it_is_dropped() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let held = HeldLease::acquire(&store, "work").unwrap().unwrap();
        assert!(HeldLease::acquire(&store, "work").unwrap().is_none() && !held.is_lost());
        let number = held.token().number;
        drop(held);
        assert!(HeldLease::acquire(&store, "work").unwrap().unwrap().token().number > number);
    }
}
