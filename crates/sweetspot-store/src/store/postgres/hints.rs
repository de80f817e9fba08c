//! The number of the last change that is known, for threads that wait for a later one.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The greatest number that was announced.
#[derive(Debug, Default)]
pub(super) struct ChangeHints {
    last: Mutex<u64>,
    changed: Condvar,
}

impl ChangeHints {
    /// Announces a change.
    pub(super) fn announce(&self, number: u64) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if number > *last {
            *last = number;
            self.changed.notify_all();
        }
    }

    /// Waits until a change after `number` is announced, at most for this time. Returns whether there was one.
    pub(super) fn wait_after(&self, number: u64, time: Duration) -> bool {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(last, time, |last| *last <= number);
        *waited.unwrap_or_else(PoisonError::into_inner).0 > number
    }
}
