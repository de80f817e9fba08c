//! How far the response of a call is delivered, for the connection that sends it.
//!
//! A client that grants no flow-control window stops its response: the library does not ask the body for more, so that
//! the body cannot end itself at the deadline. The connection can: it runs the call, and drops it.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

thread_local! {
    /// The delivery of the call that is being polled on this thread.
    static CURRENT: RefCell<Option<Arc<Delivery>>> = const { RefCell::new(None) };
}

/// The delivery of one response. It reads no clock, because every call has one: the connection measures how long a part
/// has waited.
#[derive(Debug, Default)]
pub struct Delivery {
    /// Whether the response has a part that the client has not taken.
    is_blocked: AtomicBool,
    /// The number of parts so far.
    parts: AtomicU64,
    deadline: OnceLock<Instant>,
}

impl Delivery {
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

    /// The response has a further part for the client from now on.
    pub(crate) fn block(&self) {
        // One task polls the response, so that this is not a race.
        self.parts.store(self.parts.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        self.is_blocked.store(true, Ordering::Relaxed);
    }

    /// The response has nothing for the client at the moment.
    pub(crate) fn unblock(&self) {
        self.is_blocked.store(false, Ordering::Relaxed);
    }

    /// Sets the time at which the call must end.
    pub(crate) fn set_deadline(&self, deadline: Option<Instant>) {
        if let Some(deadline) = deadline {
            let _first = self.deadline.set(deadline);
        }
    }

    /// The number of the part that the client must take before the response can go on. `None` while the response waits
    /// for the server, has not started, or has ended.
    #[must_use]
    pub fn blocking_part(&self) -> Option<u64> {
        self.is_blocked.load(Ordering::Relaxed).then(|| self.parts.load(Ordering::Relaxed))
    }

    /// The time at which the call must end. `None` if its response has not started, or has no limit.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_blocks_a_response_until_the_response_waits_for_the_server() {
        let delivery = Delivery::default();
        assert_eq!(delivery.blocking_part(), None);
        delivery.block();
        assert_eq!(delivery.blocking_part(), Some(1));
        delivery.unblock();
        assert_eq!(delivery.blocking_part(), None);
        delivery.block();
        assert_eq!(delivery.blocking_part(), Some(2));
    }

    #[test]
    fn scopes_nest_and_end() {
        let (outer, inner) = (Arc::new(Delivery::default()), Arc::new(Delivery::default()));
        let is_current = |delivery: &Arc<Delivery>| Arc::ptr_eq(&Delivery::current().unwrap(), delivery);
        outer.scope(|| {
            inner.scope(|| assert!(is_current(&inner)));
            assert!(is_current(&outer));
        });
        assert!(Delivery::current().is_none());
    }
}
