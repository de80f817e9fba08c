//! Blobs in an object store: several servers, damage, and faults.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use object_store::ObjectStore;
use object_store::memory::InMemory;
use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::clock::{Clock as _, SystemClock};
use sweetspot_store::garbage::{GarbageOptions, collect_garbage};
use sweetspot_store::store::{
    MemoryStore, ObjectBlobStore, ObjectUrl, Row, Store, StoreError, check_blobs_are_with_rows,
};

use crate::backends::set_row;

/// The variable with the address of a bucket in which tests may write. The environment has its credentials.
const S3_VARIABLE: &str = "SWEETSPOT_TEST_S3";

static FOLDERS: AtomicUsize = AtomicUsize::new(0);

/// A store with these rows, whose objects are in memory.
pub(crate) fn with_rows(rows: Arc<dyn Store>) -> ObjectBlobStore {
    with_objects(rows, &(Arc::new(InMemory::new()) as _))
}

fn with_objects(rows: Arc<dyn Store>, objects: &Arc<dyn ObjectStore>) -> ObjectBlobStore {
    ObjectBlobStore::with_client(rows, Arc::clone(objects), "folder".into(), "memory".to_owned()).unwrap()
}

pub(crate) fn in_memory() -> ObjectBlobStore {
    with_rows(Arc::new(MemoryStore::new()))
}

fn url(folder: &Path) -> ObjectUrl {
    format!("file://{}", folder.display()).parse().unwrap()
}

pub(crate) fn in_files(folder: &Path) -> ObjectBlobStore {
    files_of(Arc::new(MemoryStore::new()), folder)
}

pub(crate) fn files_of(rows: Arc<dyn Store>, folder: &Path) -> ObjectBlobStore {
    ObjectBlobStore::new(rows, &url(folder)).unwrap()
}

/// A store in a new folder of the bucket. `None` if there is no bucket.
pub(crate) fn in_s3() -> Option<ObjectBlobStore> {
    #[expect(clippy::disallowed_methods, reason = "the setting of a test")]
    let Ok(bucket) = std::env::var(S3_VARIABLE) else {
        // The output must show that a test had no effect.
        let _written = writeln!(std::io::stderr(), "skipped: {S3_VARIABLE} is not set (see scripts/objects-check.sh)");
        return None;
    };
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let url = format!("{bucket}/test-{}-{number}", std::process::id()).parse().unwrap();
    Some(ObjectBlobStore::new(Arc::new(MemoryStore::new()), &url).unwrap())
}

/// The files of objects, without the one that names the store.
fn object_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(object_files(&path));
        } else if !path.file_name().unwrap().to_str().unwrap().starts_with("store-") {
            found.push(path);
        }
    }
    found
}

fn hidden_rows(rows: &dyn Store) -> Vec<String> {
    let keys = rows.scan("objects/", None, usize::MAX).unwrap().into_iter().map(|row| row.key);
    keys.filter(|key| key.contains("/unused/") || key.contains("/removal/")).collect()
}

#[test]
fn rows_of_objects_are_hidden_and_the_others_are_listed_together() {
    let rows: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let store = with_rows(Arc::clone(&rows));
    let digest = store.put_blob(b"a").unwrap();
    store.commit(&set_row("a", b"1").merge(set_row("objects", b"2")).merge(set_row("z", b"3"))).unwrap();
    assert!(rows.get(&format!("objects/blob/{digest}")).unwrap().is_some());
    assert_eq!(store.get(&format!("objects/blob/{digest}")).unwrap(), None);
    let row = |key: &str, value: &[u8]| Row { key: key.to_owned(), value: value.to_vec() };
    let all = [row("a", b"1"), row("objects", b"2"), row("z", b"3")];
    assert_eq!(store.scan("", None, 99).unwrap(), all);
    assert_eq!(store.scan("", Some("a"), 1).unwrap(), all[1..2]);
    assert_eq!(store.scan("o", None, 99).unwrap(), all[1..2]);
    assert_eq!(store.scan("objects/", None, 99).unwrap(), []);
    let snapshot = store.maintenance().snapshot().unwrap().0;
    assert_eq!(snapshot.into_keys().collect::<Vec<_>>(), ["a", "objects", "z"]);
}

#[test]
fn a_put_survives_the_removals_of_other_servers() {
    let rows: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let servers: Vec<_> = (0..4).map(|_| with_objects(Arc::clone(&rows), &objects)).collect();
    let digest = Digest::new(b"contended");
    for _ in 0..50 {
        thread::scope(|scope| {
            for remover in &servers[1..] {
                scope.spawn(|| remover.remove_blob(&digest).unwrap());
            }
            scope.spawn(|| servers[0].put_blob(b"contended").unwrap());
        });
        // The last of the racing calls decides, and nothing is half done.
        let named = rows.get(&format!("objects/blob/{digest}")).unwrap().is_some();
        assert_eq!(servers[1].blob(&digest).is_ok(), named);
        assert_eq!(servers[2].put_blob(b"contended").unwrap(), digest);
        assert_eq!(servers[3].blob(&digest).unwrap(), b"contended");
        assert_eq!(hidden_rows(&*rows), [""; 0]);
    }
}

#[test]
fn a_hold_of_one_server_defers_the_removals_of_another() {
    let rows: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let [holder, remover] = [0, 1].map(|_| with_objects(Arc::clone(&rows), &objects));
    let [first, second] = ["a", "b"].map(|text| holder.put_blob(text.as_bytes()).unwrap());
    holder.maintenance().hold_blobs();
    remover.remove_blob(&first).unwrap();
    remover.remove_blob(&second).unwrap();
    assert!(holder.blob(&first).is_ok());
    // The blob is needed again: its removal ends.
    remover.put_blob(b"b").unwrap();
    holder.maintenance().release_blobs();
    assert!(matches!(remover.blob(&first), Err(StoreError::BlobMissing { .. })));
    assert!(remover.blob(&second).is_ok());
    assert_eq!(hidden_rows(&*rows), [""; 0]);
    // A process that ends during a hold holds nothing.
    holder.maintenance().hold_blobs();
    drop(holder);
    remover.remove_blob(&second).unwrap();
    assert!(remover.blob(&second).is_err());
}

#[test]
fn damaged_and_missing_objects_are_found_and_repaired_by_the_next_put() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let store = files_of(Arc::clone(&rows), folder.path());
    let digest = store.put_blob(b"bytes").unwrap();
    for damage in [Some(&b"bytez"[..]), Some(b"byte"), Some(b""), None] {
        let files = object_files(folder.path());
        assert_eq!(files.len(), 1, "{files:?}");
        match damage {
            Some(bytes) => fs::write(&files[0], bytes).unwrap(),
            None => fs::remove_file(&files[0]).unwrap(),
        }
        let error = store.blob(&digest).unwrap_err();
        if damage.is_some() {
            assert!(matches!(error, StoreError::BlobCorrupt { .. }), "{error}");
            let mut content = store.maintenance().open_blob(&digest).unwrap().content;
            let read = std::io::copy(&mut content, &mut std::io::sink()).unwrap_err();
            assert!(matches!(StoreError::from_read(read), StoreError::BlobCorrupt { .. }));
        } else {
            assert!(matches!(error, StoreError::BlobMissing { .. }), "{error}");
            assert!(matches!(store.maintenance().open_blob(&digest), Err(StoreError::BlobMissing { .. })));
        }
        store.put_blob(b"bytes").unwrap();
        assert_eq!(store.blob(&digest).unwrap(), b"bytes");
        assert_eq!(hidden_rows(&*rows), [""; 0]);
    }
    store.remove_blob(&digest).unwrap();
    assert!(object_files(folder.path()).is_empty());
}

#[test]
fn a_large_blob_is_written_and_read_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    // Three parts, of which the last is smaller.
    let bytes: Vec<u8> = (0..20_000_003_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for store in [Some(in_memory()), Some(in_files(folder.path())), in_s3()].into_iter().flatten() {
        let digest = store.put_blob(&bytes).unwrap();
        assert_eq!(store.put_blob(&bytes).unwrap(), digest);
        assert!(store.blob(&digest).unwrap() == bytes);
        let mut opened = store.maintenance().open_blob(&digest).unwrap();
        assert_eq!(opened.bytes, bytes.len() as u64);
        assert_eq!(std::io::copy(&mut opened.content, &mut std::io::sink()).unwrap(), bytes.len() as u64);
        store.remove_blob(&digest).unwrap();
        assert!(matches!(store.blob(&digest), Err(StoreError::BlobMissing { .. })));
    }
    assert!(object_files(folder.path()).is_empty());
}

#[test]
fn garbage_is_looked_for_among_objects_and_young_ones_stay() {
    let store = in_memory();
    let digest = store.put_blob(b"unnamed").unwrap();
    let options = GarbageOptions { min_age: Duration::ZERO, dry_run: false };
    let report = collect_garbage(&store, SystemClock.now(), options, &AtomicBool::new(false)).unwrap();
    assert_eq!((report.named.count, report.garbage.count, report.young.count), (0, 0, 1));
    assert_eq!(store.blob(&digest).unwrap(), b"unnamed");
}

#[test]
fn a_store_belongs_to_its_objects() {
    let [folder, other] = [0, 1].map(|_| tempfile::tempdir().unwrap());
    let rows: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let store = files_of(Arc::clone(&rows), folder.path());
    store.check_identity().unwrap();
    // Without any blob, objects may move.
    files_of(Arc::clone(&rows), other.path()).check_identity().unwrap();
    let digest = store.put_blob(b"bytes").unwrap();
    fs::remove_dir_all(other.path()).unwrap();
    fs::create_dir(other.path()).unwrap();
    let moved = files_of(Arc::clone(&rows), other.path());
    for error in
        [moved.check_identity().unwrap_err(), moved.blob(&digest).unwrap_err(), moved.check_writable().unwrap_err()]
    {
        assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "OBJECTS_ELSEWHERE"));
        assert!(error.to_string().contains(other.path().to_str().unwrap()), "{error}");
    }
    assert_eq!(check_blobs_are_with_rows(&*rows).unwrap_err().reason(), "OBJECTS_ELSEWHERE");
    assert_eq!(files_of(rows, folder.path()).blob(&digest).unwrap(), b"bytes");
}

#[test]
fn a_store_whose_files_are_with_its_rows_gets_no_objects() {
    let (with_row, with_blob) = (MemoryStore::new(), MemoryStore::new());
    with_row.commit(&set_row("a", b"1")).unwrap();
    with_blob.put_blob(b"a").unwrap();
    for rows in [with_row, with_blob] {
        let store = with_rows(Arc::new(rows));
        assert_eq!(store.check_identity().unwrap_err().reason(), "OBJECTS_ELSEWHERE");
        assert!(store.put_blob(b"b").is_err());
    }
}

#[test]
fn a_folder_that_does_not_exist_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = ObjectBlobStore::new(Arc::new(MemoryStore::new()), &url(&missing)).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "OBJECTS_URL"));
    assert!(error.to_string().contains("mount"), "{error}");
    assert!(!missing.exists());
}

#[tokio::test]
async fn calls_from_a_runtime_work_and_the_store_may_be_dropped_there() {
    let store = in_memory();
    let digest = store.put_blob(b"bytes").unwrap();
    assert_eq!(store.blob(&digest).unwrap(), b"bytes");
    drop(store);
}
