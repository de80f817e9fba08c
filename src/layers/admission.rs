//! Limits concurrent calls and buffered bytes over all connections, and rejects further calls at once instead of
//! queuing them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::method_properties::CallClass;
use crate::telemetry::Used;

/// The limits of concurrent calls.
#[derive(Debug)]
pub(super) struct Admission {
    short: Arc<Semaphore>,
    /// Long-running calls have permits of their own, so that they do not block scoring.
    long: Arc<Semaphore>,
    limits: [usize; 2],
    created: Instant,
    /// Since when no permit for short calls was free, in milliseconds after `created` plus one; zero if one was free.
    full_since: AtomicU64,
}

/// The permit of an admitted call; `None` for a probe.
pub(super) type Permit = Option<OwnedSemaphorePermit>;

impl Admission {
    /// Creates limits for `calls` short calls, and a quarter of that for long ones.
    pub(super) fn new(calls: usize) -> Self {
        let limits = [calls, calls / 4].map(|calls| calls.clamp(1, Semaphore::MAX_PERMITS));
        let [short, long] = limits.map(|calls| Arc::new(Semaphore::new(calls)));
        Self { short, long, limits, created: Instant::now(), full_since: AtomicU64::new(0) }
    }

    /// Acquires a permit for a call; an error if none is free.
    pub(super) fn try_acquire(&self, class: CallClass) -> Result<Permit, CapacityExceeded> {
        let room = match class {
            CallClass::Probe => return Ok(None),
            CallClass::Long | CallClass::Stream => &self.long,
            CallClass::Score | CallClass::Explain | CallClass::Control => &self.short,
        };
        Arc::clone(room).try_acquire_owned().map(Some).map_err(|_| CapacityExceeded)
    }

    /// The permits of short and of long calls.
    pub(super) fn usage(&self) -> [Used; 2] {
        let [short, long] = self.limits;
        let used = |room: &Semaphore, limit: usize| Used { used: limit - room.available_permits(), limit };
        [used(&self.short, short), used(&self.long, long)]
    }

    /// How long there has been no permit for a short call at every check. Called every second or so.
    pub(super) fn check(&self) -> Duration {
        let now = u64::try_from(self.created.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1;
        if self.short.available_permits() > 0 {
            self.full_since.store(0, Ordering::Relaxed);
            return Duration::ZERO;
        }
        let since = match self.full_since.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => now,
            Err(since) => since,
        };
        Duration::from_millis(now.saturating_sub(since))
    }
}

/// The error of a call for which there is no capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CapacityExceeded;

/// The limit of buffered request bytes.
#[derive(Debug)]
pub(super) struct ByteBudget {
    max_bytes: usize,
    used: AtomicUsize,
}

impl ByteBudget {
    /// Creates a budget of `limit` bytes.
    pub(super) const fn new(limit: usize) -> Self {
        Self { max_bytes: limit, used: AtomicUsize::new(0) }
    }

    /// The bytes that all calls hold.
    pub(super) fn usage(&self) -> Used {
        Used { used: self.used.load(Ordering::Relaxed), limit: self.max_bytes }
    }

    fn reserve(&self, bytes: usize) -> Result<(), CapacityExceeded> {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= self.max_bytes {
            return Ok(());
        }
        self.release(bytes);
        Err(CapacityExceeded)
    }

    fn release(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The bytes that one call holds. Released on drop.
#[derive(Debug)]
pub(super) struct BufferLease {
    budget: Arc<ByteBudget>,
    bytes: AtomicUsize,
}

impl BufferLease {
    /// Creates an empty lease from this budget.
    pub(super) const fn empty(budget: Arc<ByteBudget>) -> Self {
        Self { budget, bytes: AtomicUsize::new(0) }
    }

    /// Reserves more bytes, up to `max_bytes` in total: of a stream, at most one message is buffered at a time.
    pub(super) fn reserve(&self, bytes: usize, max_bytes: usize) -> Result<(), CapacityExceeded> {
        // One task reads the body, so that this is not a race.
        let reserved = self.bytes.load(Ordering::Relaxed);
        let more = bytes.min(max_bytes.saturating_sub(reserved));
        self.budget.reserve(more)?;
        self.bytes.store(reserved + more, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for BufferLease {
    fn drop(&mut self) {
        self.budget.release(*self.bytes.get_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_reserved_until_their_call_ends() {
        let budget = Arc::new(ByteBudget::new(100));
        let one = BufferLease::empty(Arc::clone(&budget));
        one.reserve(60, 1_000).unwrap();
        let other = BufferLease::empty(Arc::clone(&budget));
        assert_eq!(other.reserve(41, 1_000), Err(CapacityExceeded));
        other.reserve(40, 1_000).unwrap();
        drop(one);
        other.reserve(60, 1_000).unwrap();
        assert_eq!(other.reserve(1, 1_000), Err(CapacityExceeded));
        drop(other);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_stream_reserves_one_message() {
        let stream = BufferLease::empty(Arc::new(ByteBudget::new(100)));
        for _ in 0..1_000 {
            stream.reserve(30, 80).unwrap();
        }
        assert_eq!(stream.budget.used.load(Ordering::Relaxed), 80);
    }
}
