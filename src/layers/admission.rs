//! Bounds what is under way over all connections, calls and bytes, and turns further calls away at once instead of letting
//! them queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::method::Class;

/// Room for calls.
#[derive(Debug)]
pub(super) struct Admission {
    short: Arc<Semaphore>,
    /// Calls that wait by their nature have places of their own: they must not keep scores out.
    long: Arc<Semaphore>,
}

/// The place of an admitted call; a probe needs none.
pub(super) type Place = Option<OwnedSemaphorePermit>;

impl Admission {
    /// Room for `calls` short calls, and a quarter of that for long ones.
    pub(super) fn new(calls: usize) -> Self {
        let room = |calls: usize| Arc::new(Semaphore::new(calls.clamp(1, Semaphore::MAX_PERMITS)));
        Self { short: room(calls), long: room(calls / 4) }
    }

    /// A place for a call; an error where there is none.
    pub(super) fn place(&self, class: Class) -> Result<Place, Full> {
        let room = match class {
            Class::Probe => return Ok(None),
            Class::Long | Class::Stream => &self.long,
            Class::Score | Class::Explain | Class::Control => &self.short,
        };
        Arc::clone(room).try_acquire_owned().map(Some).map_err(|_| Full)
    }
}

/// There is no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Room for bytes of requests.
#[derive(Debug)]
pub(super) struct Budget {
    most: usize,
    used: AtomicUsize,
}

impl Budget {
    /// Room for so many bytes.
    pub(super) const fn new(most: usize) -> Self {
        Self { most, used: AtomicUsize::new(0) }
    }

    fn take(&self, bytes: usize) -> Result<(), Full> {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= self.most {
            return Ok(());
        }
        self.give_back(bytes);
        Err(Full)
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The bytes that one call holds. Given back when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    budget: Arc<Budget>,
    bytes: AtomicUsize,
}

impl Held {
    /// Nothing yet, of this budget.
    pub(super) const fn none(budget: Arc<Budget>) -> Self {
        Self { budget, bytes: AtomicUsize::new(0) }
    }

    /// Holds more bytes, up to `most` in all: of a stream no more than one message is buffered at a time.
    pub(super) fn hold(&self, bytes: usize, most: usize) -> Result<(), Full> {
        // One task reads the body, so that nothing comes between.
        let held = self.bytes.load(Ordering::Relaxed);
        let more = bytes.min(most.saturating_sub(held));
        self.budget.take(more)?;
        self.bytes.store(held + more, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.give_back(*self.bytes.get_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_held_until_their_call_ends() {
        let budget = Arc::new(Budget::new(100));
        let one = Held::none(Arc::clone(&budget));
        one.hold(60, 1_000).unwrap();
        let other = Held::none(Arc::clone(&budget));
        assert_eq!(other.hold(41, 1_000), Err(Full));
        other.hold(40, 1_000).unwrap();
        drop(one);
        other.hold(60, 1_000).unwrap();
        assert_eq!(other.hold(1, 1_000), Err(Full));
        drop(other);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_stream_holds_one_message() {
        let stream = Held::none(Arc::new(Budget::new(100)));
        for _ in 0..1_000 {
            stream.hold(30, 80).unwrap();
        }
        assert_eq!(stream.budget.used.load(Ordering::Relaxed), 80);
    }
}
