//! Checks of a store that every operation has filled.

use std::fs;
use std::path::{Path, PathBuf};

use sweetspot_core::Digest;
use sweetspot_store::integrity::{StoreReport, check};
use sweetspot_store::store::{Commit, Examination, SledStore, Store as _};

use super::filled_store::StoreServices;

async fn filled_store() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let services = StoreServices::open(folder.path());
    services.fill().await;
    services.close().await;
    folder
}

fn report(folder: &Path) -> StoreReport {
    check(&Examination::new(folder).unwrap()).unwrap()
}

fn blob_path(folder: &Path, digest: &Digest) -> PathBuf {
    let name = digest.to_string();
    folder.join("blobs").join(&name[..2]).join(name)
}

#[tokio::test]
async fn nothing_is_wrong_with_a_store_after_every_operation() {
    let folder = filled_store().await;
    let StoreReport { kinds, faults } = report(folder.path());
    assert!(faults.is_empty(), "{faults:?}");
    assert!(kinds.iter().all(|kind| kind.damaged == 0), "{kinds:?}");
    for expected in ["files of models", "files of customers", "files of definitions", "files of training specs"] {
        assert!(kinds.iter().any(|kind| kind.kind == expected && kind.count > 0), "{expected}: {kinds:?}");
    }
}

#[tokio::test]
async fn every_damaged_or_missing_blob_is_reported_with_what_needs_it() {
    let folder = filled_store().await;
    let files = Examination::new(folder.path()).unwrap().blob_files().unwrap();
    assert!(files.len() > 5);
    for file in files {
        let path = blob_path(folder.path(), &file.digest);
        let intact = fs::read(&path).unwrap();
        let before = report(folder.path()).kinds;
        let is_needed = !before.iter().any(|kind| kind.kind == "files that no record needs" && kind.count > 0);
        fs::write(&path, [&intact[..], b"x"].concat()).unwrap();
        let faults = report(folder.path()).faults;
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].what.contains(&file.digest.to_string()) && !faults[0].remedy.is_empty(), "{faults:?}");
        fs::remove_file(&path).unwrap();
        let faults = report(folder.path()).faults;
        assert!(faults.len() == 1 || !is_needed && faults.is_empty(), "{faults:?}");
        assert!(faults.iter().all(|fault| !fault.affects.is_empty()), "{faults:?}");
        fs::write(&path, intact).unwrap();
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_reported() {
    let folder = filled_store().await;
    let store = SledStore::open(folder.path()).unwrap();
    let keys: Vec<String> = store.scan("", None, usize::MAX).unwrap().into_iter().map(|row| row.key).collect();
    let version = keys.iter().find(|key| key.starts_with("version/")).unwrap().clone();
    let damaged = [(version, Some(b"{".to_vec())), ("unknown/row".to_owned(), Some(b"1".to_vec()))];
    store.commit(&Commit { lease: None, expectations: Vec::new(), writes: damaged.to_vec() }).unwrap();
    drop(store);
    let faults = report(folder.path()).faults;
    let about = |part: &str| faults.iter().any(|fault| fault.affects.iter().any(|affected| affected.contains(part)));
    assert!(about("model version workspaces/w/models/m/versions/") && about("unknown/row"), "{faults:?}");
}

#[test]
fn a_new_store_whose_rows_were_never_written_is_not_damaged() {
    for change_count in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let store = SledStore::open(folder.path()).unwrap();
        for number in 0..change_count {
            let writes = vec![(format!("unknown/{number}"), Some(b"1".to_vec()))];
            store.commit(&Commit { lease: None, expectations: Vec::new(), writes }).unwrap();
        }
        drop(store);
        fs::remove_file(folder.path().join("rows/db")).unwrap();
        let is_damaged = report(folder.path()).faults.iter().any(|fault| fault.what.starts_with("rows: "));
        assert_eq!(is_damaged, SledStore::open(folder.path()).is_err(), "after {change_count} changes");
        assert_eq!(is_damaged, change_count > 1, "after {change_count} changes");
    }
}
