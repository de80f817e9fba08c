//! A waker for the task of a connection that ignores wakeups which the connection causes itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use futures_util::task::AtomicWaker;

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
        self.is_muted.store(true, Ordering::SeqCst);
        work();
        self.is_muted.store(false, Ordering::SeqCst);
    }
}

impl Wake for MutedWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_muted.load(Ordering::SeqCst) {
            self.task.wake();
        }
    }
}
