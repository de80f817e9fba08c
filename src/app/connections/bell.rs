//! Wakes the task of a connection, but not for what the connection does itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use futures_util::task::AtomicWaker;

/// Between a connection and its task. While it is held nothing rings: whoever holds it looks at the connection afterwards, and a
/// task that wakes itself is moved to another core, which has to be woken for it.
#[derive(Debug, Default)]
pub(super) struct Bell {
    task: AtomicWaker,
    held: AtomicBool,
}

impl Bell {
    /// Wakes this task from now on.
    pub(super) fn of(&self, task: &Waker) {
        self.task.register(task);
    }

    /// Keeps silent during `work`. Whatever would have rung must be looked for afterwards.
    pub(super) fn hold(&self, work: impl FnOnce()) {
        self.held.store(true, Ordering::SeqCst);
        work();
        self.held.store(false, Ordering::SeqCst);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.held.load(Ordering::SeqCst) {
            self.task.wake();
        }
    }
}
