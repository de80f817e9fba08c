//! The objects of a store, and calls of them from threads that wait. Every call has a time limit.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload};
use tokio::runtime::{Handle, Runtime};
use tokio::time::timeout;

use super::error::ObjectError;
use crate::store::StoreError;

/// The size of the parts in which an object is read and written, in bytes. S3 accepts 10,000 parts of at least 5 MiB.
pub(super) const PART_BYTES: usize = 8 << 20;
/// The number of parts that are sent at a time.
const PARTS_AT_A_TIME: usize = 4;
/// The time of a call without content, repetitions included.
const SHORT_LIMIT: Duration = Duration::from_secs(30);
/// The time of a call with the content of a part, repetitions included.
const PART_LIMIT: Duration = Duration::from_secs(120);
/// The time after a failure in which calls fail at once, so that they do not fill the threads of a server.
const OUTAGE_PAUSE: Duration = Duration::from_secs(2);

/// A folder of an object store. Ends its connections when it is dropped.
pub(super) struct ObjectFolder {
    client: Arc<dyn ObjectStore>,
    path: Path,
    /// The address, for error messages.
    store: String,
    /// When a call last found that the object store does not answer, and why.
    last_failure: Mutex<Option<(Instant, String)>>,
    handle: Handle,
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
}

impl ObjectFolder {
    /// Starts the thread of the connections. The object store may be unreachable.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub(super) fn new(client: Arc<dyn ObjectStore>, path: Path, store: String) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("objects")
            .enable_all()
            .build()
            .map_err(|source| StoreError::Backend { action: "start the thread of objects", source: source.into() })?;
        let handle = runtime.handle().clone();
        Ok(Self { client, path, store, last_failure: Mutex::default(), handle, runtime: Some(runtime) })
    }

    /// The address, for error messages.
    pub(super) fn store(&self) -> &str {
        &self.store
    }

    /// Writes an object, in parts if it is large. After an error there may be one.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path_of(name);
        let put = if bytes.len() <= PART_BYTES {
            let payload = PutPayload::from(Bytes::copy_from_slice(bytes));
            self.call(PART_LIMIT, || async { self.client.put(&path, payload).await.map(drop) })
        } else {
            self.put_parts(&path, bytes)
        };
        put.map_err(|error| error.into_store_error(&self.store))
    }

    fn put_parts(&self, path: &Path, bytes: &[u8]) -> Result<(), ObjectError> {
        let mut upload = self.call(SHORT_LIMIT, || self.client.put_multipart(path))?;
        let batch_bytes = PART_BYTES * PARTS_AT_A_TIME;
        let sent = bytes.chunks(batch_bytes).try_for_each(|batch| {
            let parts: Vec<_> = batch.chunks(PART_BYTES).map(|part| put_part(&mut *upload, part)).collect();
            self.call(PART_LIMIT * 2, || async {
                stream::iter(parts).buffer_unordered(PARTS_AT_A_TIME).try_collect::<Vec<()>>().await.map(drop)
            })
        });
        let completed = sent.and_then(|()| self.call(PART_LIMIT, || async { upload.complete().await.map(drop) }));
        if completed.is_err() {
            // The first error is the one to report. What remains is removed by a rule of the bucket.
            let _aborted = self.call(SHORT_LIMIT, || upload.abort());
        }
        completed
    }

    /// Returns the size of an object in bytes.
    pub(super) fn size(&self, name: &str) -> Result<u64, ObjectError> {
        let path = self.path_of(name);
        self.call(SHORT_LIMIT, || async { self.client.head(&path).await.map(|found| found.size) })
    }

    /// Returns a part of an object.
    pub(super) fn part(&self, name: &str, range: Range<u64>) -> Result<Bytes, ObjectError> {
        let path = self.path_of(name);
        self.call(PART_LIMIT, || async { self.client.get_range(&path, range).await })
    }

    /// Removes objects. Has no effect on those that do not exist.
    pub(super) fn delete(&self, names: &[String]) -> Result<(), StoreError> {
        let paths = names.iter().map(|name| self.path_of(name));
        let deletions = paths.map(|path| async move {
            match self.client.delete(&path).await {
                Err(object_store::Error::NotFound { .. }) => Ok(()),
                deleted => deleted,
            }
        });
        let deleted = self.call(PART_LIMIT, || async {
            stream::iter(deletions).buffer_unordered(PARTS_AT_A_TIME).try_collect::<Vec<()>>().await.map(drop)
        });
        deleted.map_err(|error| error.into_store_error(&self.store))
    }

    fn path_of(&self, name: &str) -> Path {
        name.split('/').fold(self.path.clone(), Path::join)
    }

    /// Waits for a call.
    fn call<T: Send, F: Future<Output = object_store::Result<T>>>(
        &self,
        limit: Duration,
        work: impl FnOnce() -> F + Send,
    ) -> Result<T, ObjectError> {
        self.check_outage()?;
        let done = self.block_on(|| timeout(limit, work()))?;
        let result = match done {
            Ok(result) => result.map_err(|error| ObjectError::new(&self.store, &error)),
            Err(_) => Err(ObjectError::Store(StoreError::Unreachable {
                store: self.store.clone(),
                cause: format!("no answer within {} s", limit.as_secs()),
            })),
        };
        let failure = match &result {
            Err(ObjectError::Store(StoreError::Unreachable { cause, .. })) => Some((Instant::now(), cause.clone())),
            Ok(_) | Err(_) => None,
        };
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        result
    }

    /// Fails if a call has just found that the object store does not answer.
    fn check_outage(&self) -> Result<(), StoreError> {
        let last = self.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((time, cause)) if time.elapsed() < OUTAGE_PAUSE => {
                Err(StoreError::Unreachable { store: self.store.clone(), cause: cause.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Waits for a future, on a thread of its own: this one may belong to a runtime, which must not wait.
    fn block_on<T: Send, F: Future<Output = T>>(&self, work: impl FnOnce() -> F + Send) -> Result<T, StoreError> {
        if Handle::try_current().is_err() {
            return Ok(self.handle.block_on(async { work().await }));
        }
        let failed = |source: std::io::Error| StoreError::Backend {
            action: "start a thread for objects",
            source: source.into(),
        };
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("objects-call".to_owned());
            let waiting = thread.spawn_scoped(scope, || self.handle.block_on(async { work().await }));
            waiting.map_err(failed)?.join().map_err(|_| failed(std::io::Error::other("the thread panicked")))
        })
    }
}

/// Sends a part of an object.
fn put_part(upload: &mut dyn MultipartUpload, part: &[u8]) -> object_store::UploadPart {
    upload.put_part(PutPayload::from(Bytes::copy_from_slice(part)))
}

impl Drop for ObjectFolder {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A runtime may drop the last owner, and must not wait.
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for ObjectFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectFolder").field("store", &self.store).finish_non_exhaustive()
    }
}
