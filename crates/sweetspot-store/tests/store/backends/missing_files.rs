//! A store whose files are deleted, before it is opened or while it is open.

use std::fs;
use std::path::Path;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::store::{SledStore, Store as _, StoreError};

use crate::backends::set_row;

/// Creates a store with a row, which was changed, and a blob.
fn create(folder: &Path) {
    let store = SledStore::open(folder).unwrap();
    store.commit(&set_row("a", b"0")).unwrap();
    store.commit(&set_row("a", b"1")).unwrap();
    store.put_blob(b"a model").unwrap();
}

#[test]
fn a_store_without_its_rows_is_refused_by_name() {
    let lose_rows: [fn(&Path); 3] = [
        |folder| fs::remove_dir_all(folder.join("rows")).unwrap(),
        |folder| fs::remove_file(folder.join("rows/db")).unwrap(),
        |folder| fs::write(folder.join("rows/db"), b"").unwrap(),
    ];
    for lose in lose_rows {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path());
        lose(folder.path());
        for _ in 0..2 {
            let error = SledStore::open(folder.path()).unwrap_err();
            assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "ROWS_MISSING"));
            assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
            assert!(error.to_string().contains("sweetspot store repair"), "{error}");
        }
        fs::remove_file(folder.path().join("journal")).unwrap();
        let error = SledStore::open(folder.path()).unwrap_err();
        assert_eq!(error.reason(), "ROWS_MISSING");
        assert!(error.to_string().contains("delete both") && !error.to_string().contains("repair"), "{error}");
        let _removed_already = fs::remove_dir_all(folder.path().join("rows"));
        fs::remove_dir_all(folder.path().join("blobs")).unwrap();
        assert_eq!(SledStore::open(folder.path()).unwrap().get("a").unwrap(), None);
    }
}

#[test]
fn a_new_store_whose_rows_were_never_written_gets_its_first_change_from_the_journal() {
    for changes in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let store = SledStore::open(folder.path()).unwrap();
        store.put_blob(b"a model").unwrap();
        if changes == 1 {
            store.commit(&set_row("a", b"1")).unwrap();
        }
        drop(store);
        fs::write(folder.path().join("rows/db"), b"").unwrap();
        let expected = (changes == 1).then(|| b"1".to_vec());
        assert_eq!(SledStore::open(folder.path()).unwrap().get("a").unwrap(), expected);
    }
}

#[test]
fn rows_without_blobs_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path());
    fs::remove_dir_all(folder.path().join("blobs")).unwrap();
    assert_eq!(SledStore::open(folder.path()).unwrap().get("a").unwrap(), Some(b"1".to_vec()));
}

#[test]
fn a_store_that_is_deleted_while_it_is_open_takes_no_changes() {
    let deletions: [fn(&Path); 5] = [
        |folder| fs::remove_dir_all(folder).unwrap(),
        |folder| fs::remove_file(folder.join("journal")).unwrap(),
        |folder| fs::remove_dir_all(folder.join("rows")).unwrap(),
        |folder| fs::rename(folder, folder.with_extension("moved")).unwrap(),
        |folder| {
            fs::remove_dir_all(folder).unwrap();
            create(folder);
        },
    ];
    for delete in deletions {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("store");
        create(&folder);
        let store = SledStore::open(&folder).unwrap();
        store.check_writable().unwrap();
        delete(&folder);
        for error in [
            store.commit(&set_row("b", b"1")).unwrap_err(),
            store.put_blob(b"another model").unwrap_err(),
            store.check_writable().unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "STORE_GONE"));
            assert!(matches!(&error, StoreError::Gone { path } if *path == folder.display().to_string()));
        }
        assert_eq!(store.get("a").unwrap(), Some(b"1".to_vec()), "reads go on");
    }
}
