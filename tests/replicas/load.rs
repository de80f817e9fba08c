//! Calls that score all the time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinHandle;
use tonic::Status;

use crate::data::score;
use crate::server::Clients;

/// What the calls of a load returned.
#[derive(Debug, Default)]
pub(crate) struct LoadResult {
    pub(crate) calls: usize,
    pub(crate) errors: Vec<Status>,
    /// The versions that answered.
    pub(crate) versions: BTreeSet<String>,
}

/// Calls of one server, one after the other, until it is stopped.
pub(crate) struct Load {
    is_stopped: Arc<AtomicBool>,
    task: JoinHandle<LoadResult>,
}

impl Load {
    pub(crate) fn start(to: &Clients) -> Self {
        let (to, is_stopped) = (to.clone(), Arc::new(AtomicBool::new(false)));
        let stop = Arc::clone(&is_stopped);
        let task = tokio::spawn(async move {
            let mut result = LoadResult::default();
            while !stop.load(Ordering::Relaxed) {
                result.calls += 1;
                match score(&to, "").await {
                    Ok((version, _)) => drop(result.versions.insert(version)),
                    Err(error) => result.errors.push(error),
                }
            }
            result
        });
        Self { is_stopped, task }
    }

    /// Ends the calls. None of them may have failed.
    pub(crate) async fn stop(self) -> LoadResult {
        self.is_stopped.store(true, Ordering::Relaxed);
        let result = self.task.await.unwrap();
        assert!(result.calls > 100 && result.errors.is_empty(), "{} calls: {:?}", result.calls, result.errors.first());
        result
    }
}
