//! A store that can be made to wait, to panic, or to fail, so that tests decide where a training is.

use std::sync::{Arc, Condvar, Mutex};

use sweetspot_core::Digest;
use sweetspot_store::store::{Commit, Row, Store, StoreError};

/// What happens when a blob is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It is read.
    Open,
    /// The reader waits until this changes.
    Waits,
    /// The reader panics.
    Panics,
}

#[derive(Debug)]
struct State {
    reading: Reading,
    /// Readers that wait.
    waiting: usize,
    /// Nothing is written any more, as after a crash.
    dead: bool,
}

/// The store.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    inner: Arc<dyn Store>,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Gate {
    pub(crate) fn over(inner: Arc<dyn Store>) -> Self {
        let state = State { reading: Reading::Open, waiting: 0, dead: false };
        Self { inner, state: Arc::new((Mutex::new(state), Condvar::new())) }
    }

    pub(crate) fn set(&self, reading: Reading) {
        self.state.0.lock().unwrap().reading = reading;
        self.state.1.notify_all();
    }

    /// Returns once somebody waits to read.
    pub(crate) async fn reached(&self) {
        let state = Arc::clone(&self.state);
        tokio::task::spawn_blocking(move || {
            let guard = state.0.lock().unwrap();
            drop(state.1.wait_while(guard, |state| state.waiting == 0).unwrap());
        })
        .await
        .unwrap();
    }

    /// From now on nothing is written.
    pub(crate) fn kill(&self) {
        self.state.0.lock().unwrap().dead = true;
    }

    fn pass(&self) {
        let (lock, changed) = &*self.state;
        let mut state = lock.lock().unwrap();
        state.waiting += 1;
        changed.notify_all();
        let mut state = changed.wait_while(state, |state| state.reading == Reading::Waits).unwrap();
        state.waiting -= 1;
        let reading = state.reading;
        drop(state);
        assert!(reading != Reading::Panics, "a test asked for this panic");
    }
}

impl Store for Gate {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.scan(prefix, after, limit)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        if self.state.0.lock().unwrap().dead {
            return Err(StoreError::Full { path: "a test's store".to_owned() });
        }
        self.inner.commit(commit)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.inner.put_blob(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.pass();
        self.inner.blob(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.inner.remove_blob(digest)
    }
}
