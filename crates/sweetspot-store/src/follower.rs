//! Follows the changes that other processes make to a store, and refreshes what this process has in memory.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sweetspot_core::reportable_error::ReportableError;

use crate::store::{ChangeFeed, ChangedKeys, Store, StoreError};

/// The time after which changes are read although none was announced.
const MAX_WAIT: Duration = Duration::from_millis(400);
/// The time after a failure until the next attempt.
const RETRY_INTERVAL: Duration = Duration::from_millis(200);

/// Refreshes something in memory after these keys have changed. Called again with all keys after an error.
pub type Refresh = Box<dyn Fn(&ChangedKeys) -> Result<(), Box<dyn ReportableError + Send + Sync>> + Send>;

/// A thread that follows; ends when it is dropped.
pub struct Follower {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Starts to follow a store. `None` if this process alone uses it. Everything is refreshed at the start, because it
    /// may have changed since it was read.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn start(store: Arc<dyn Store>, refreshes: Vec<Refresh>) -> Result<Option<Self>, StoreError> {
        if store.changes().is_none() {
            return Ok(None);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let is_stopped = Arc::clone(&stop);
        let work = move || {
            if let Some(feed) = store.changes() {
                follow(feed, &refreshes, &is_stopped);
            }
        };
        let thread = thread::Builder::new().name("follower".to_owned()).spawn(work);
        let thread = thread.map_err(|source| StoreError::Backend {
            action: "start the thread that follows",
            source: Box::new(source),
        })?;
        Ok(Some(Self { stop, thread: Some(thread) }))
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").finish_non_exhaustive()
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // The store can be closed once the thread has released it. A panic there has been reported.
        let _panic = self.thread.take().map(JoinHandle::join);
    }
}

fn follow(feed: &dyn ChangeFeed, refreshes: &[Refresh], is_stopped: &AtomicBool) {
    // The position up to which everything in memory is known to be current.
    let mut position: Option<u64> = None;
    while !is_stopped.load(Ordering::Acquire) {
        let read = match position {
            Some(position) => {
                feed.wait_after(position, MAX_WAIT);
                feed.changes_after(position)
            }
            None => feed.position().map(|position| (position, ChangedKeys::All)),
        };
        // An error of the store is that of a database that does not answer, which is logged elsewhere.
        position = read.ok().and_then(|(reached, keys)| refresh(refreshes, &keys).then_some(reached));
        if position.is_none() {
            thread::sleep(RETRY_INTERVAL);
        }
    }
}

/// Refreshes everything. Returns whether all of it succeeded.
fn refresh(refreshes: &[Refresh], keys: &ChangedKeys) -> bool {
    if matches!(keys, ChangedKeys::Some(keys) if keys.is_empty()) {
        return true;
    }
    let mut is_current = true;
    for refresh in refreshes {
        if let Err(error) = refresh(keys) {
            tracing::debug!(%error, "cannot follow a change: trying again");
            is_current = false;
        }
    }
    is_current
}
