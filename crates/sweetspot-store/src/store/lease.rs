//! Leases: work that one process at a time does, although several use the store.
//!
//! A lease has a name and a token, which grows each time the lease changes hands. A commit that names the token of a
//! lease that another process has acquired meanwhile is refused, whatever its process believes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::StoreError;

/// A lease that was held at one time. It proves nothing later: the store checks it within each commit that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseToken {
    /// The name of the lease.
    pub name: String,
    /// Grows each time the lease is acquired.
    pub number: u64,
}

/// The leases of a store.
pub trait LeaseAccess: std::fmt::Debug + Send + Sync {
    /// Acquires a lease for this time, unless it is held. `None` if it is.
    ///
    /// # Errors
    /// If the backend fails.
    fn acquire(&self, name: &str, time: Duration) -> Result<Option<LeaseToken>, StoreError>;

    /// Extends a lease to this time from now. Returns whether it is still held: a lease that ran out can be extended
    /// until another process acquires it.
    ///
    /// # Errors
    /// If the backend fails.
    fn extend(&self, token: &LeaseToken, time: Duration) -> Result<bool, StoreError>;

    /// Ends a lease, so that another process can acquire it at once. Has no effect if it is no longer held.
    ///
    /// # Errors
    /// If the backend fails.
    fn release(&self, token: &LeaseToken) -> Result<(), StoreError>;
}

/// The leases of a store that one process uses.
#[derive(Debug, Default)]
pub(super) struct LocalLeases(Mutex<BTreeMap<String, LocalLease>>);

#[derive(Debug)]
struct LocalLease {
    number: u64,
    /// `None` once it was released.
    end: Option<Instant>,
}

impl LocalLeases {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, LocalLease>> {
        // Each change is a single step, so a panic in another thread cannot leave an inconsistent state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if a lease that a commit names has been acquired again.
    pub(super) fn check(&self, token: Option<&LeaseToken>) -> Result<(), StoreError> {
        let Some(token) = token else { return Ok(()) };
        let is_current = self.lock().get(&token.name).is_some_and(|lease| lease.number == token.number);
        if is_current { Ok(()) } else { Err(StoreError::LeaseLost { name: token.name.clone() }) }
    }
}

impl LeaseAccess for LocalLeases {
    fn acquire(&self, name: &str, time: Duration) -> Result<Option<LeaseToken>, StoreError> {
        let (mut leases, now) = (self.lock(), Instant::now());
        let lease = leases.entry(name.to_owned()).or_insert(LocalLease { number: 0, end: None });
        if lease.end.is_some_and(|end| now < end) {
            return Ok(None);
        }
        *lease = LocalLease { number: lease.number + 1, end: now.checked_add(time) };
        Ok(Some(LeaseToken { name: name.to_owned(), number: lease.number }))
    }

    fn extend(&self, token: &LeaseToken, time: Duration) -> Result<bool, StoreError> {
        let mut leases = self.lock();
        let Some(lease) = leases.get_mut(&token.name).filter(|lease| lease.number == token.number) else {
            return Ok(false);
        };
        lease.end = Instant::now().checked_add(time);
        Ok(true)
    }

    fn release(&self, token: &LeaseToken) -> Result<(), StoreError> {
        if let Some(lease) = self.lock().get_mut(&token.name).filter(|lease| lease.number == token.number) {
            *lease = LocalLease { number: lease.number + 1, end: None };
        }
        Ok(())
    }
}
