//! A store that can be made to block, panic or fail, so that tests control the progress of a training.

use std::sync::{Arc, Condvar, Mutex};

use sweetspot_core::Digest;
use sweetspot_store::store::{Commit, LeaseAccess, MaintenanceAccess, Row, Store, StoreError};

/// The behavior of reads or writes of blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlobAccess {
    /// They succeed.
    Open,
    /// They block until this changes.
    Blocked,
    /// They panic.
    Panicking,
}

#[derive(Debug)]
pub(crate) struct BarrierState {
    reads: BlobAccess,
    /// The behavior of writes of blobs.
    pub(crate) writes: BlobAccess,
    /// The number of blocked callers.
    waiting_count: usize,
    /// Whether all writes fail, as after a crash.
    is_failing: bool,
    /// Whether writes are made although an error is returned, as if the disk failed after it took them.
    pub(crate) is_undecided: bool,
}

/// A store whose reads and writes of blobs can be blocked.
#[derive(Clone, Debug)]
pub(crate) struct StoreBarrier {
    inner: Arc<dyn Store>,
    /// Notify the second part after a change of the first.
    pub(crate) state: Arc<(Mutex<BarrierState>, Condvar)>,
}

impl StoreBarrier {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Self {
        let (reads, writes) = (BlobAccess::Open, BlobAccess::Open);
        let state = BarrierState { reads, writes, waiting_count: 0, is_failing: false, is_undecided: false };
        Self { inner, state: Arc::new((Mutex::new(state), Condvar::new())) }
    }

    pub(crate) fn set_access(&self, reading: BlobAccess) {
        self.state.0.lock().unwrap().reads = reading;
        self.state.1.notify_all();
    }

    /// Waits until a caller is blocked.
    pub(crate) async fn wait_for_reader(&self) {
        let state = Arc::clone(&self.state);
        tokio::task::spawn_blocking(move || {
            let guard = state.0.lock().unwrap();
            drop(state.1.wait_while(guard, |state| state.waiting_count == 0).unwrap());
        })
        .await
        .unwrap();
    }

    /// Sets whether all further writes fail.
    pub(crate) fn set_failing(&self, is_failing: bool) {
        self.state.0.lock().unwrap().is_failing = is_failing;
    }

    fn wait_for_access(&self, access: impl Fn(&BarrierState) -> BlobAccess) {
        let (lock, changed) = &*self.state;
        let mut state = lock.lock().unwrap();
        state.waiting_count += 1;
        changed.notify_all();
        let mut state = changed.wait_while(state, |state| access(state) == BlobAccess::Blocked).unwrap();
        state.waiting_count -= 1;
        let current = access(&state);
        drop(state);
        assert!(current != BlobAccess::Panicking, "a test asked for this panic");
    }
}

impl Store for StoreBarrier {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.scan(prefix, after, limit)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        if self.state.0.lock().unwrap().is_failing {
            return Err(StoreError::Full { path: "a test's store".to_owned() });
        }
        self.inner.commit(commit)?;
        if self.state.0.lock().unwrap().is_undecided {
            return Err(StoreError::Backend { action: "sync the rows", source: "a test's error".into() });
        }
        Ok(())
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.wait_for_access(|state| state.writes);
        self.inner.put_blob(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.wait_for_access(|state| state.reads);
        self.inner.blob(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.inner.remove_blob(digest)
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self.inner.maintenance()
    }

    fn leases(&self) -> &dyn LeaseAccess {
        self.inner.leases()
    }
}
