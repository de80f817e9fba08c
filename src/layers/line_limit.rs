//! Limits log lines that clients could cause at any rate: one line in ten seconds covers all others.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The interval between lines, in seconds.
const INTERVAL_SECONDS: u64 = 10;

/// The limit of lines of one kind.
#[derive(Debug, Default)]
pub(super) struct LineLimit {
    /// The number of events since the last line.
    unlogged: AtomicU64,
    /// When the next line is due, in seconds.
    next_seconds: AtomicU64,
}

impl LineLimit {
    /// Counts an event at a time since a fixed one. If a line is due, returns the number of events since the last line,
    /// with this one.
    pub(super) fn count(&self, now: Duration) -> Option<u64> {
        self.unlogged.fetch_add(1, Ordering::Relaxed);
        let (now, next) = (now.as_secs(), self.next_seconds.load(Ordering::Relaxed));
        let following = now + INTERVAL_SECONDS;
        let is_due = now >= next
            && self.next_seconds.compare_exchange(next, following, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        is_due.then(|| self.unlogged.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_in_ten_seconds_has_the_number_of_all_events_since_the_last() {
        let limit = LineLimit::default();
        let lines: Vec<_> = [0, 1, 2, 9, 10, 11, 35].map(|now| limit.count(Duration::from_secs(now))).into();
        assert_eq!(lines, [Some(1), None, None, None, Some(4), None, Some(2)]);
    }
}
