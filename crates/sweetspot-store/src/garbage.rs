//! Removes blobs that no row names, such as those that an interrupted process has stored.
//!
//! Blobs are marked first: all rows of one moment are read, and if one of them cannot be read, nothing is removed. Then
//! the others are removed, folder by folder. A blob that is stored in the meantime is safe: the store does not remove
//! what this process has stored within the last hour ([`crate::store::MaintenanceAccess::remove_old_blobs`]). The age of
//! files is an additional precaution.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

use crate::clock::Clock;
use crate::inventory::{BlobTotal, Inventory, UnreadableRow};
use crate::store::{BlobFile, HeldLease, Store, StoreError};

/// The default minimum age of a file that is removed: one hour.
pub const MIN_AGE: Duration = Duration::from_secs(60 * 60);
/// The time between two collections in the background.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// The lease of the server that collects garbage.
const LEASE: &str = "garbage";

/// What a collection found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GarbageReport {
    /// The blobs that rows name.
    pub named: BlobTotal,
    /// The blobs that no row names and that were removed, or would be.
    pub garbage: BlobTotal,
    /// The blobs that no row names and that are too young to be removed.
    pub young: BlobTotal,
}

/// Why no garbage could be collected.
#[derive(Debug, Error)]
pub enum GarbageError {
    /// A row cannot be read.
    #[error(transparent)]
    Row(#[from] UnreadableRow),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReportableError for GarbageError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Row(fault) => fault.kind(),
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Row(fault) => fault.reason(),
            Self::Store(source) => source.reason(),
        }
    }
}

/// Options of a collection.
#[derive(Clone, Copy, Debug)]
pub struct GarbageOptions {
    /// The minimum age of a file that is removed. What this process has stored within the last hour stays in any case.
    pub min_age: Duration,
    /// Whether to remove nothing and only report.
    pub dry_run: bool,
}

/// Removes blobs that no row names. Stops early once `stop` is set.
///
/// # Errors
/// [`GarbageError::Row`] if a row cannot be read, in which case nothing is removed; or if the store fails.
pub fn collect_garbage(
    store: &dyn Store,
    now: Timestamp,
    options: GarbageOptions,
    stop: &AtomicBool,
) -> Result<GarbageReport, GarbageError> {
    let inventory = Inventory::new(store.scan("", None, usize::MAX)?).into_complete()?;
    let mut report = GarbageReport::default();
    for first_byte in u8::MIN..=u8::MAX {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let mut unnamed = Vec::new();
        for blob in store.maintenance().list_blobs(first_byte)? {
            if inventory.blobs().contains_key(&blob.digest) {
                report.named.add(blob.bytes);
            } else if is_young(&blob, now, options.min_age) {
                report.young.add(blob.bytes);
            } else {
                unnamed.push(blob);
            }
        }
        remove(store, &unnamed, options.dry_run, &mut report)?;
    }
    Ok(report)
}

/// Removes the blobs of a folder that are old enough.
fn remove(
    store: &dyn Store,
    unnamed: &[BlobFile],
    dry_run: bool,
    report: &mut GarbageReport,
) -> Result<(), StoreError> {
    if unnamed.is_empty() {
        return Ok(());
    }
    let digests: Vec<_> = unnamed.iter().map(|blob| blob.digest).collect();
    let removed = if dry_run { digests } else { store.maintenance().remove_old_blobs(&digests)? };
    for blob in unnamed {
        let total = if removed.contains(&blob.digest) { &mut report.garbage } else { &mut report.young };
        total.add(blob.bytes);
    }
    Ok(())
}

/// Whether a file is younger than `min_age`, if there is a minimum. A time in the future counts as young, and so does an
/// unknown one.
fn is_young(blob: &BlobFile, now: Timestamp, min_age: Duration) -> bool {
    if min_age.is_zero() {
        return false;
    }
    let Some(modified) = blob.modified else { return true };
    now.duration_since(modified) < jiff::SignedDuration::try_from(min_age).unwrap_or(jiff::SignedDuration::MAX)
}

/// Collects garbage in the background: at the start, and then every hour. Ends when it is dropped.
#[derive(Debug)]
pub struct GarbageCollector {
    stop: Arc<AtomicBool>,
    /// Dropped to end the thread.
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl GarbageCollector {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let (stop, (wake, ended)) = (Arc::new(AtomicBool::new(false)), sync_channel::<()>(0));
        let is_stopped = Arc::clone(&stop);
        let work = move || {
            let options = GarbageOptions { min_age: MIN_AGE, dry_run: false };
            loop {
                match HeldLease::acquire(&store, LEASE) {
                    Ok(Some(_alone)) => log(&collect_garbage(&*store, clock.now(), options, &is_stopped)),
                    // Another server does it.
                    Ok(None) => {}
                    Err(error) => log(&Err(error.into())),
                }
                if ended.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = thread::Builder::new()
            .name("garbage".to_owned())
            .spawn(work)
            .map_err(|source| StoreError::Backend { action: "start the garbage thread", source: Box::new(source) })?;
        Ok(Self { stop, wake: Some(wake), thread: Some(thread) })
    }
}

impl Drop for GarbageCollector {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.wake.take());
        // The store can be opened again once the thread has released it. A panic there has been reported.
        let _panic = self.thread.take().map(JoinHandle::join);
    }
}

fn log(result: &Result<GarbageReport, GarbageError>) {
    match result {
        Ok(GarbageReport { garbage, .. }) if garbage.count > 0 => {
            tracing::info!(files = garbage.count, bytes = garbage.bytes, "removed files that no record names");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "cannot look for files that no record names"),
    }
}
