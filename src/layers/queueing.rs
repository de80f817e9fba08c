//! Tells from how long calls wait for their turn that there is more to do than can be done.
//!
//! After K. Nichols and V. Jacobson, "Controlling Queue Delay" (2012): a queue that empties now and then is a burst, one that
//! stands is overload. While it stands, what has waited too long is turned away: its caller may have given up already.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// How long every call must have waited too long before any is turned away.
const STANDING: Duration = Duration::from_millis(100);

/// The queue of calls that have arrived and were not begun.
#[derive(Debug)]
pub(super) struct Queue {
    bound: Duration,
    epoch: Instant,
    /// Since when every call has waited too long, in microseconds from the epoch; 0: the last one has not.
    late_since: AtomicU64,
}

impl Queue {
    /// A queue in which no call should wait longer than this.
    pub(super) fn new(bound: Duration) -> Self {
        Self { bound, epoch: Instant::now(), late_since: AtomicU64::new(0) }
    }

    /// Whether a call that arrived then and is begun now should rather be turned away.
    pub(super) fn too_long(&self, arrived: Instant, now: Instant) -> bool {
        let since = self.late_since.load(Ordering::Relaxed);
        if now.duration_since(arrived) <= self.bound {
            // Written only where it changes, since all threads read it.
            if since != 0 {
                self.late_since.store(0, Ordering::Relaxed);
            }
            return false;
        }
        let now = now.duration_since(self.epoch).as_micros() as u64;
        if since == 0 {
            self.late_since.store(now.max(1), Ordering::Relaxed);
            return false;
        }
        now.saturating_sub(since) >= STANDING.as_micros() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Duration = Duration::from_millis(10);

    #[test]
    fn a_burst_is_borne_and_a_standing_queue_is_not() {
        let queue = Queue::new(BOUND);
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        assert!(!queue.too_long(at(0), at(10)), "not too long");
        assert!(!queue.too_long(at(0), at(20)), "the first");
        assert!(!queue.too_long(at(50), at(119)), "not standing yet");
        assert!(queue.too_long(at(50), at(120)), "standing");
        assert!(!queue.too_long(at(119), at(121)), "one in time, even now");
        assert!(!queue.too_long(at(50), at(122)), "which begins it anew");
        assert!(!queue.too_long(at(50), at(221)));
        assert!(queue.too_long(at(50), at(222)));
    }
}
