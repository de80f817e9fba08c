//! Tests that apply only to the store on disk.

use std::fs;
use std::path::{Path, PathBuf};

use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::store::{SledStore, Store as _, StoreError};

use crate::backends::set_row;

fn blob_file(folder: &Path, digest: &Digest) -> PathBuf {
    let name = digest.to_string();
    folder.join("blobs").join(&name[..2]).join(name)
}

#[test]
fn everything_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let mut digests = Vec::new();
    for round in 0..5_u8 {
        let store = SledStore::open(folder.path()).unwrap();
        for row in 0..50 {
            store.commit(&set_row(&format!("{round}/{row}"), &[round; 1000])).unwrap();
        }
        digests.push(store.put_blob(&[round; 10_000]).unwrap());
    }
    let store = SledStore::open(folder.path()).unwrap();
    assert_eq!(store.scan("", None, 999).unwrap().len(), 250);
    for (round, digest) in (0..).zip(&digests) {
        assert_eq!(store.get(&format!("{round}/49")).unwrap(), Some(vec![round; 1000]));
        assert_eq!(store.blob(digest).unwrap(), vec![round; 10_000]);
    }
}

#[test]
fn a_flipped_bit_in_a_blob_is_found_and_mended_by_putting_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    let digest = store.put_blob(b"a model").unwrap();
    let file = blob_file(folder.path(), &digest);
    for position in 0..b"a model".len() {
        let mut damaged = b"a model".to_vec();
        damaged[position] ^= 1;
        fs::write(&file, damaged).unwrap();
        let error = store.blob(&digest).unwrap_err();
        assert!(matches!(error, StoreError::BlobCorrupt { digest: named, .. } if named == digest));
        assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "BLOB_CORRUPT"));
    }
    assert_eq!(store.put_blob(b"a model").unwrap(), digest);
    assert_eq!(store.blob(&digest).unwrap(), b"a model");
}

#[test]
fn half_written_blobs_are_gone_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let digest = SledStore::open(folder.path()).unwrap().put_blob(b"whole").unwrap();
    let leftovers = folder.path().join("blobs/tmp");
    for name in ["0", "1", "99"] {
        fs::write(leftovers.join(name), b"hal").unwrap();
    }
    let store = SledStore::open(folder.path()).unwrap();
    assert!(!leftovers.exists());
    assert_eq!(store.blob(&digest).unwrap(), b"whole");
}

#[test]
fn one_folder_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    let error = SledStore::open(folder.path()).unwrap_err();
    assert!(matches!(&error, StoreError::InUse { path } if *path == folder.path().display().to_string()));
    assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "STORE_IN_USE"));
    store.commit(&set_row("a", b"still works")).unwrap();
    drop(store);
    assert_eq!(SledStore::open(folder.path()).unwrap().get("a").unwrap(), Some(b"still works".to_vec()));
}

#[test]
fn a_store_closed_is_open_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..30_u8 {
        let store = SledStore::open(folder.path()).unwrap();
        store.commit(&set_row("round", &[round])).unwrap();
        drop(store);
    }
}

#[test]
fn rows_that_something_else_holds_are_in_use() {
    let folder = tempfile::tempdir().unwrap();
    drop(SledStore::open(folder.path()).unwrap());
    let rows = fs::File::open(folder.path().join("rows/db")).unwrap();
    rows.lock().unwrap();
    assert!(matches!(SledStore::open(folder.path()), Err(StoreError::InUse { .. })));
    rows.unlock().unwrap();
    SledStore::open(folder.path()).unwrap();
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store");
    fs::write(&file, b"").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = SledStore::open(&path).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Internal, "STORE_FAILED"));
    }
}

/// Opens and reads a store with damaged rows. Errors are acceptable; an older state, wrong rows and panics are not.
fn survives(damage: impl FnOnce(&mut Vec<u8>)) {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    for row in 0..40_u8 {
        store.commit(&set_row(&format!("row/{row:02}"), &[row; 500])).unwrap();
    }
    let digest = store.put_blob(b"a model").unwrap();
    drop(store);
    let file = folder.path().join("rows/db");
    let mut bytes = fs::read(&file).unwrap();
    damage(&mut bytes);
    fs::write(&file, bytes).unwrap();
    let Ok(store) = SledStore::open(folder.path()) else { return };
    let rows = store.scan("", None, 99).unwrap();
    assert_eq!(rows.len(), 40);
    for row in rows {
        let number: u8 = row.key.strip_prefix("row/").unwrap().parse().unwrap();
        assert_eq!(row.value, [number; 500]);
    }
    let _may_fail = store.commit(&set_row("row/00", &[0; 500]));
    assert_eq!(store.blob(&digest).unwrap(), b"a model");
}

#[test]
fn damaged_rows_are_errors_never_panics_or_wrong_rows() {
    for step in 0..24_usize {
        survives(|bytes| {
            let place = bytes.len() * step / 24;
            bytes[place] ^= 1 << (step % 8);
        });
    }
    survives(|bytes| bytes.truncate(bytes.len() / 2));
    survives(|bytes| bytes.truncate(100));
    survives(|bytes| bytes[4096..8192].fill(0));
    survives(Vec::clear);
}
