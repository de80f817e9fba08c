//! How far the response of a call is delivered, for the connection that sends it.
//!
//! A client that grants no flow-control window stops its response: the library does not ask the body for more, so that
//! the body cannot end itself at the deadline. The connection can: it runs the call, and drops it.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::time::{Duration, Instant};

thread_local! {
    /// The delivery of the call that is being polled on this thread.
    static CURRENT: RefCell<Option<Arc<Delivery>>> = const { RefCell::new(None) };
}

/// The delivery of one response.
#[derive(Debug)]
pub struct Delivery {
    created: Instant,
    /// Since when the client has not taken the next part, in nanoseconds after `created` plus one. Zero: the response
    /// has not started, waits for the server, or has ended.
    blocked_since: AtomicU64,
    deadline: OnceLock<Instant>,
}

impl Delivery {
    /// Creates the delivery of a call that has just arrived.
    #[must_use]
    pub fn new() -> Self {
        Self { created: Instant::now(), blocked_since: AtomicU64::new(0), deadline: OnceLock::new() }
    }

    /// Polls a call. The layers within find this delivery.
    pub fn scope<T>(self: &Arc<Self>, poll: impl FnOnce() -> T) -> T {
        struct Restore(Option<Arc<Delivery>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(Arc::clone(self))));
        poll()
    }

    /// The delivery of the call that is being polled; `None` outside of a connection.
    pub(super) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// The response has a part for the client from now on.
    pub(super) fn block(&self) {
        let nanos = self.created.elapsed().as_nanos();
        self.blocked_since.store(u64::try_from(nanos).unwrap_or(u64::MAX - 1) + 1, Ordering::Relaxed);
    }

    /// The response has nothing for the client at the moment.
    pub(super) fn unblock(&self) {
        self.blocked_since.store(0, Ordering::Relaxed);
    }

    /// Sets the time at which the call must end.
    pub(super) fn set_deadline(&self, deadline: Option<Instant>) {
        if let Some(deadline) = deadline {
            let _first = self.deadline.set(deadline);
        }
    }

    /// When the call must be dropped if its client does not go on: after `patience` without progress, at the latest at
    /// its deadline. `None` while it is not the client that must act.
    #[must_use]
    pub fn give_up_at(&self, patience: Duration) -> Option<Instant> {
        let since = self.blocked_since.load(Ordering::Relaxed).checked_sub(1)?;
        let stalled = self.created + Duration::from_nanos(since) + patience;
        Some(self.deadline.get().map_or(stalled, |deadline| stalled.min(*deadline)))
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_given_up_only_while_its_client_must_act() {
        let (delivery, patience) = (Delivery::new(), Duration::from_secs(20));
        assert_eq!(delivery.give_up_at(patience), None);
        delivery.block();
        let at = delivery.give_up_at(patience).unwrap();
        assert!(at >= delivery.created + patience && at <= Instant::now() + patience);
        delivery.unblock();
        assert_eq!(delivery.give_up_at(patience), None);
    }

    #[test]
    fn the_deadline_holds_until_the_last_byte() {
        let delivery = Delivery::new();
        let deadline = delivery.created + Duration::from_secs(2);
        delivery.set_deadline(Some(deadline));
        delivery.block();
        assert_eq!(delivery.give_up_at(Duration::from_secs(20)), Some(deadline));
        assert!(delivery.give_up_at(Duration::ZERO).unwrap() < deadline);
    }

    #[test]
    fn scopes_nest_and_end() {
        let (outer, inner) = (Arc::new(Delivery::new()), Arc::new(Delivery::new()));
        let is_current = |delivery: &Arc<Delivery>| Arc::ptr_eq(&Delivery::current().unwrap(), delivery);
        outer.scope(|| {
            inner.scope(|| assert!(is_current(&inner)));
            assert!(is_current(&outer));
        });
        assert!(Delivery::current().is_none());
    }
}
