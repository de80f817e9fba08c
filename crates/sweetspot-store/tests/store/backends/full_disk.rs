//! A store on a disk that is full, nearly full, or read-only.

use std::path::PathBuf;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::store::{Commit, SledStore, Store as _, StoreError};
use tempfile::TempDir;

use crate::backends::set_row;
use crate::backends::small_disk::SmallDisk;

const MIB: usize = 1 << 20;

fn removal(key: &str) -> Commit {
    Commit { lease: None, expectations: Vec::new(), writes: vec![(key.to_owned(), None)] }
}

fn fault(error: &StoreError) -> (ErrorKind, &'static str) {
    (error.kind(), error.reason())
}

const DISK_FULL: (ErrorKind, &str) = (ErrorKind::ResourceExhausted, "DISK_FULL");

#[test]
fn below_the_minimum_a_store_takes_no_new_data_and_everything_else_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    store.commit(&set_row("a", b"1").merge(set_row("b", b"1"))).unwrap();
    let digest = store.put_blob(b"a model").unwrap();
    drop(store);
    let store = SledStore::open_with_min_free(folder.path(), u64::MAX).unwrap();
    for error in [
        store.commit(&set_row("c", b"1")).unwrap_err(),
        store.commit(&set_row("c", b"1").merge(set_row("d", b"1")).merge(removal("a"))).unwrap_err(),
        store.put_blob(b"another model").unwrap_err(),
        store.check_writable().unwrap_err(),
    ] {
        assert_eq!(fault(&error), DISK_FULL);
        assert!(matches!(error, StoreError::LowSpace { free_bytes: 1.., required_bytes: u64::MAX, .. }));
    }
    assert_eq!(store.scan("", None, 9).unwrap().len(), 2, "a refused commit is not applied");
    assert_eq!(store.blob(&digest).unwrap(), b"a model");
    assert_eq!(store.put_blob(b"a model").unwrap(), digest, "it is stored already");
    store.commit(&set_row("a", b"2")).unwrap();
    store.commit(&removal("a").merge(set_row("request", b"1"))).unwrap();
    store.commit(&removal("b")).unwrap();
    store.remove_blob(&digest).unwrap();
    assert_eq!(store.scan("", None, 9).unwrap().len(), 1);
}

/// A folder for a small disk, and the folder of the store on it.
fn folders() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    (folder, store)
}

/// Writes rows until the disk is full. Returns the number of rows that were acknowledged.
fn write_until_full(store: &SledStore) -> usize {
    for row in 0..100_000 {
        if let Err(error) = store.commit(&set_row(&format!("row/{row:06}"), &[7; 2000])) {
            assert_eq!(fault(&error), DISK_FULL, "{error}");
            return row;
        }
    }
    panic!("the disk is never full")
}

#[test]
fn a_write_that_finds_the_disk_full_can_be_repeated_once_there_is_space() {
    for free in [0, 4096, 20_000, 100_000, 600_000] {
        let (folder, path) = folders();
        let Some(disk) = SmallDisk::mount(folder.path(), "4m") else { return };
        let store = SledStore::open(&path).unwrap();
        let digest = store.put_blob(b"a model").unwrap();
        disk.fill(free);
        let rows = write_until_full(&store);
        assert_eq!(store.scan("row/", None, 99_999).unwrap().len(), rows, "{free} bytes were free");
        assert_eq!(store.put_blob(&vec![7; 2 * MIB]).map_err(|error| fault(&error)), Err(DISK_FULL));
        assert_eq!(store.commit(&set_row("row/more", &[7; 2000])).map_err(|error| fault(&error)), Err(DISK_FULL));
        assert_eq!(store.blob(&digest).unwrap(), b"a model");
        disk.free();
        store.commit(&set_row("row/more", &[8; 2000])).unwrap();
        store.put_blob(b"another model").unwrap();
        drop(store);
        let store = SledStore::open(&path).unwrap();
        assert_eq!(store.scan("row/", None, 99_999).unwrap().len(), rows + 1, "{free} bytes were free");
        assert_eq!(store.get("row/more").unwrap(), Some(vec![8; 2000]));
        drop(store);
    }
}

#[test]
fn a_store_on_a_full_or_read_only_disk_is_read_until_it_can_be_written() {
    for read_only in [false, true] {
        let (folder, path) = folders();
        let Some(disk) = SmallDisk::mount(folder.path(), "4m") else { return };
        let store = SledStore::open(&path).unwrap();
        store.commit(&set_row("a", b"1")).unwrap();
        let digest = store.put_blob(b"a model").unwrap();
        drop(store);
        disk.fill(0);
        disk.set_read_only(read_only);
        let store = SledStore::open(&path).unwrap();
        assert_eq!((store.get("a").unwrap(), store.scan("", None, 9).unwrap().len()), (Some(b"1".to_vec()), 1));
        assert_eq!(store.blob(&digest).unwrap(), b"a model");
        let expected = if read_only { (ErrorKind::Unavailable, "STORE_READ_ONLY") } else { DISK_FULL };
        assert_eq!(fault(&store.commit(&set_row("a", b"2")).unwrap_err()), expected);
        assert_eq!(fault(&store.put_blob(b"another model").unwrap_err()), expected);
        assert_eq!(fault(&store.check_writable().unwrap_err()), expected);
        assert!(matches!(SledStore::open(&path), Err(StoreError::InUse { .. })));
        disk.set_read_only(false);
        disk.free();
        store.commit(&set_row("a", b"2")).unwrap();
        store.check_writable().unwrap();
        assert_eq!(store.get("a").unwrap(), Some(b"2".to_vec()));
        drop(store);
        assert_eq!(SledStore::open(&path).unwrap().get("a").unwrap(), Some(b"2".to_vec()));
    }
}

#[test]
fn a_new_store_is_not_created_on_a_full_disk() {
    let (folder, path) = folders();
    let Some(disk) = SmallDisk::mount(folder.path(), "1m") else { return };
    disk.fill(0);
    assert_eq!(fault(&SledStore::open(&path).unwrap_err()), DISK_FULL);
    disk.free();
    SledStore::open(&path).unwrap();
}
