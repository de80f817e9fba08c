//! The tasks of connections and calls, every one of which can be waited for.

use std::future::Future;

use tokio_util::task::TaskTracker;

/// What runs for the clients of one server. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks(TaskTracker);

impl Tasks {
    /// Runs a task that is waited for at the end.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    /// No more connections will come.
    pub(super) fn last(&self) {
        self.0.close();
    }

    /// Waits for all of them. After [`Self::last`].
    pub(super) async fn ended(&self) {
        self.0.wait().await;
    }
}
