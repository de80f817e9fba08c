//! A waker for the task of a connection that ignores wakeups which the connection causes itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Wake, Waker};

use super::sync::{AtomicBool, AtomicWaker};

/// Stands between a connection and its task. While muted, it wakes nothing: the caller polls the connection afterwards,
/// and a task that wakes itself is moved to another core, which has to be woken for it.
#[derive(Debug, Default)]
pub(super) struct MutedWaker {
    task: AtomicWaker,
    is_muted: AtomicBool,
}

impl MutedWaker {
    /// Wakes this task from now on.
    pub(super) fn register(&self, task: &Waker) {
        self.task.register(task);
    }

    /// Mutes wakeups during `work`. The caller must check afterwards for work that would have caused one.
    pub(super) fn mute_during(&self, work: impl FnOnce()) {
        self.is_muted.store(true, Ordering::Relaxed);
        work();
        // Reads what a muted wakeup wrote, so that what came before that wakeup is visible to the check.
        self.is_muted.swap(false, Ordering::AcqRel);
    }
}

impl Wake for MutedWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Writes what it reads, so that it comes either before the end of the mute, which then sees its event, or after it.
        // With a load, both threads could see the past, and no task would be woken.
        if !self.is_muted.fetch_or(false, Ordering::AcqRel) {
            self.task.wake();
        }
    }
}
