//! Detects overload by the time that calls wait in the queue.
//!
//! After K. Nichols and V. Jacobson, "Controlling Queue Delay" (2012): a queue that empties now and then is a burst, a
//! standing queue is overload. During overload, calls that have waited too long are rejected: their callers may have
//! given up already.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The time that every call must have waited too long before any is rejected.
const MIN_OVERLOAD_DURATION: Duration = Duration::from_millis(100);

/// Detects overload: remembers since when every call has waited too long.
#[derive(Debug)]
pub(super) struct OverloadDetector {
    max_wait: Duration,
    epoch: Instant,
    /// The start of the time in which every call waited too long, in microseconds since the epoch; 0 if the last one
    /// did not.
    late_since: AtomicU64,
}

impl OverloadDetector {
    /// Creates a detector; no call should wait longer than `bound`.
    pub(super) fn new(bound: Duration) -> Self {
        Self { max_wait: bound, epoch: Instant::now(), late_since: AtomicU64::new(0) }
    }

    /// Whether a call that arrived at `arrived` and starts at `now` should be rejected.
    pub(super) fn is_overloaded(&self, arrived: Instant, now: Instant) -> bool {
        let since = self.late_since.load(Ordering::Relaxed);
        if now.duration_since(arrived) <= self.max_wait {
            // Written only if it changes, since all threads read it.
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
        now.saturating_sub(since) >= MIN_OVERLOAD_DURATION.as_micros() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_WAIT: Duration = Duration::from_millis(10);

    #[test]
    fn a_burst_is_accepted_and_a_lasting_queue_is_overload() {
        let detector = OverloadDetector::new(MAX_WAIT);
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        assert!(!detector.is_overloaded(at(0), at(10)), "not too long");
        assert!(!detector.is_overloaded(at(0), at(20)), "the first");
        assert!(!detector.is_overloaded(at(50), at(119)), "not standing yet");
        assert!(detector.is_overloaded(at(50), at(120)), "standing");
        assert!(!detector.is_overloaded(at(119), at(121)), "one in time, even now");
        assert!(!detector.is_overloaded(at(50), at(122)), "which restarts the interval");
        assert!(!detector.is_overloaded(at(50), at(221)));
        assert!(detector.is_overloaded(at(50), at(222)));
    }
}
