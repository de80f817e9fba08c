//! The tasks of connections and calls, all of which can be waited for.

use std::future::Future;

use tokio_util::task::TaskTracker;

/// The tasks of the clients of one server. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionTasks(TaskTracker);

impl ConnectionTasks {
    /// Spawns a task that [`Self::wait`] waits for.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    /// Marks the end: no more connections will be spawned.
    pub(super) fn close(&self) {
        self.0.close();
    }

    /// Waits for all tasks. Call [`Self::close`] first.
    pub(super) async fn wait(&self) {
        self.0.wait().await;
    }
}
