//! Collection of garbage.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_core::{Digest, ModelVersionRef};
use sweetspot_store::clock::{Clock as _, SystemClock};
use sweetspot_store::garbage::{
    GarbageCollector, GarbageError, GarbageOptions, GarbageReport, MIN_AGE, collect_garbage,
};
use sweetspot_store::inventory::{BlobNeed, BlobTotal, Inventory};
use sweetspot_store::store::{BlobHold, Commit, SledStore, Store, StoreError};

use super::filled_store::{StoreServices, dataset, model};

fn now() -> Timestamp {
    SystemClock.now()
}

fn collect(store: &dyn Store, min_age: Duration) -> Result<GarbageReport, GarbageError> {
    collect_garbage(store, now(), GarbageOptions { min_age, dry_run: false }, &AtomicBool::new(false))
}

fn blob_path(folder: &Path, digest: &Digest) -> std::path::PathBuf {
    folder.join(format!("blobs/{:02x}/{digest}", digest.first_byte()))
}

/// Makes the file of a blob look two hours old.
fn age(folder: &Path, digest: &Digest) {
    let file = File::options().write(true).open(blob_path(folder, digest)).unwrap();
    file.set_modified(SystemTime::from(now()) - Duration::from_secs(7200)).unwrap();
}

/// A store with an unnamed blob of an earlier process.
fn with_garbage(folder: &Path, content: &[u8]) -> (SledStore, Digest) {
    let digest = SledStore::open(folder).unwrap().put_blob(content).unwrap();
    (SledStore::open(folder).unwrap(), digest)
}

#[tokio::test]
async fn everything_that_is_needed_survives_a_collection() {
    let folder = tempfile::tempdir().unwrap();
    let services = StoreServices::open(folder.path());
    services.fill().await;
    services.store.put_blob(b"never named").unwrap();
    services.close().await;
    let services = StoreServices::open(folder.path());
    let before = Inventory::new(services.store.scan("", None, usize::MAX).unwrap());
    let report = collect(&*services.store, Duration::ZERO).unwrap();
    assert!(report.garbage.count >= 1, "{report:?}");
    assert_eq!(report.young, BlobTotal::default());
    for (digest, need) in before.blobs() {
        assert!(*need == BlobNeed::Optional || services.store.blob(digest).is_ok(), "{digest} is needed");
    }
    for number in [1, 2] {
        let version = format!("{}/versions/{number}", model()).parse::<ModelVersionRef>().unwrap();
        services.registry.artifact(&version).unwrap();
    }
    for record in services.datasets.versions(&dataset(), None, 99).unwrap() {
        services.datasets.load(&record).unwrap();
    }
    services.definitions.get(&model()).unwrap();
    services.definitions.version(&model(), 1).unwrap();
    services.add_finding("f-2");
    assert_eq!(collect(&*services.store, Duration::ZERO).unwrap().garbage, BlobTotal::default());
    services.close().await;
}

#[test]
fn old_files_are_removed_and_young_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (store, digest) = with_garbage(folder.path(), b"garbage");
    let report = collect(&store, MIN_AGE).unwrap();
    assert_eq!((report.garbage.count, report.young), (0, BlobTotal { count: 1, bytes: 7 }));
    age(folder.path(), &digest);
    let dry_run = GarbageOptions { min_age: MIN_AGE, dry_run: true };
    let report = collect_garbage(&store, now(), dry_run, &AtomicBool::new(false)).unwrap();
    assert_eq!((report.garbage, store.blob(&digest).unwrap().len()), (BlobTotal { count: 1, bytes: 7 }, 7));
    // A clock that is behind makes every file young.
    let early = collect_garbage(
        &store,
        Timestamp::UNIX_EPOCH,
        GarbageOptions { min_age: MIN_AGE, dry_run: false },
        &AtomicBool::new(false),
    );
    assert_eq!(early.unwrap().garbage.count, 0);
    assert_eq!(collect(&store, MIN_AGE).unwrap().garbage, BlobTotal { count: 1, bytes: 7 });
    assert!(matches!(store.blob(&digest), Err(StoreError::BlobMissing { .. })));
}

#[test]
fn a_blob_that_is_stored_again_is_safe_although_its_file_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let (store, digest) = with_garbage(folder.path(), b"stored again");
    age(folder.path(), &digest);
    // Put finds an intact copy and leaves the file as it is.
    store.put_blob(b"stored again").unwrap();
    for min_age in [MIN_AGE, Duration::ZERO] {
        let report = collect(&store, min_age).unwrap();
        assert_eq!((report.garbage.count, report.young.count), (0, 1), "the row that names it is not written yet");
    }
    store.blob(&digest).unwrap();
}

#[test]
fn nothing_is_removed_while_a_row_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (store, digest) = with_garbage(folder.path(), b"garbage");
    for key in ["version/workspaces/w/models/m/00000000000000000001", "unknown/kind"] {
        let write = |value| Commit { lease: None, expectations: Vec::new(), writes: vec![(key.to_owned(), value)] };
        store.commit(&write(Some(b"damage".to_vec()))).unwrap();
        let error = collect(&store, Duration::ZERO).unwrap_err();
        assert_eq!(error.reason(), "ROW_UNREADABLE");
        assert!(error.to_string().contains(key) && error.to_string().contains("no file was removed"), "{error}");
        store.blob(&digest).unwrap();
        store.commit(&write(None)).unwrap();
    }
    assert_eq!(collect(&store, Duration::ZERO).unwrap().garbage.count, 1);
}

#[test]
fn removals_wait_for_a_hold() {
    let folder = tempfile::tempdir().unwrap();
    let (store, digest) = with_garbage(folder.path(), b"garbage");
    let store: Arc<dyn Store> = Arc::new(store);
    let hold = BlobHold::new(Arc::clone(&store));
    assert_eq!(collect(&*store, Duration::ZERO).unwrap().garbage.count, 1);
    let other = store.put_blob(b"other").unwrap();
    store.remove_blob(&other).unwrap();
    for digest in [&digest, &other] {
        store.blob(digest).unwrap();
    }
    drop(hold);
    for digest in [&digest, &other] {
        assert!(matches!(store.blob(digest), Err(StoreError::BlobMissing { .. })));
    }
}

#[test]
fn other_files_in_the_folder_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (store, digest) = with_garbage(folder.path(), b"garbage");
    let beside = blob_path(folder.path(), &digest).with_file_name("notes.txt");
    fs::write(&beside, "notes").unwrap();
    collect(&store, Duration::ZERO).unwrap();
    assert!(beside.exists());
}

#[test]
fn the_background_collector_removes_garbage_and_releases_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (store, digest) = with_garbage(folder.path(), b"garbage");
    age(folder.path(), &digest);
    let store: Arc<dyn Store> = Arc::new(store);
    let collector = GarbageCollector::start(Arc::clone(&store), Arc::new(SystemClock)).unwrap();
    while store.blob(&digest).is_ok() {
        std::thread::yield_now();
    }
    drop(collector);
    assert_eq!(Arc::strong_count(&store), 1);
}
