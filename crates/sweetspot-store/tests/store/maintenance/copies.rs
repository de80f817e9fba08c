//! Copies between stores of every kind.

use std::path::Path;
use std::sync::Arc;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::copy::{CopiedStore, CopyError, check_complete, copy_store};
use sweetspot_store::integrity::check;
use sweetspot_store::store::{Commit, Examination, MemoryStore, SledStore, Store, StoreError};

use super::backups::assert_same;
use super::filled_store::StoreServices;

fn copy(from: &Arc<dyn Store>, to: &dyn Store) -> Result<CopiedStore, CopyError> {
    copy_store(Arc::clone(from), to, |_| ())
}

fn open(folder: &Path) -> Arc<dyn Store> {
    Arc::new(SledStore::open(folder).unwrap())
}

#[tokio::test]
async fn a_copy_has_every_row_and_every_named_blob_and_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let services = StoreServices::open(&folder.path().join("original"));
    services.fill().await;
    services.store.put_blob(b"never named").unwrap();
    let target = folder.path().join("copy");
    let (mut reports, to) = (Vec::new(), open(&target));
    let copied = copy_store(Arc::clone(&services.store), &*to, |copied| reports.push(copied)).unwrap();
    assert_eq!(reports.len() as u64, copied.blobs + 1);
    assert_eq!((reports.last(), copied.blobs > 5, copied.blob_bytes > 5_000), (Some(&copied), true, true));
    assert_same(&*services.store, &*to);
    check_complete(&*to).unwrap();
    let memory = MemoryStore::new();
    assert_eq!(copy(&to, &memory).unwrap(), copied);
    assert_same(&*to, &memory);
    drop(to);
    assert!(check(&Examination::new(&target).unwrap()).unwrap().faults.is_empty());
    let copy = StoreServices::open(&target);
    assert_eq!(copy.registry.live_versions(), services.registry.live_versions());
}

#[test]
fn a_copy_needs_an_empty_target() {
    let from: Arc<dyn Store> = Arc::new(MemoryStore::new());
    from.commit(&Commit::default().create("api-key/a", Vec::new())).unwrap();
    let (with_row, with_blob) = (MemoryStore::new(), MemoryStore::new());
    with_row.commit(&Commit::default().create("a", Vec::new())).unwrap();
    with_blob.put_blob(b"a").unwrap();
    for target in [with_row, with_blob] {
        let error = copy(&from, &target).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "STORE_NOT_EMPTY"));
        check_complete(&target).unwrap();
    }
}

#[tokio::test]
async fn an_interrupted_copy_is_refused_as_a_store_and_as_a_source() {
    let from: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let services = StoreServices::on(Arc::clone(&from));
    services.import(1, "import-1");
    services.train("train-1").await;
    for row in from.scan("", None, usize::MAX).unwrap() {
        // The dataset of the run is missing, which the copy needs.
        if row.key.starts_with("dataset-version/") {
            let text = String::from_utf8_lossy(&row.value).into_owned();
            for digest in sweetspot_store::store::find_digests(text.as_bytes()) {
                from.remove_blob(&digest).unwrap();
            }
        }
    }
    let target: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let error = copy(&from, &*target).unwrap_err();
    assert!(matches!(error, CopyError::Store(StoreError::BlobMissing { .. })), "{error}");
    assert!(matches!(check_complete(&*target), Err(StoreError::CopyIncomplete)));
    let again = copy(&target, &MemoryStore::new()).unwrap_err();
    assert!(matches!(again, CopyError::Store(StoreError::CopyIncomplete)), "{again}");
}

#[cfg(feature = "postgres")]
mod databases {
    use super::*;
    use crate::backends::postgres::open as open_database;
    use crate::backends::postgres_server::PostgresServer;

    #[tokio::test]
    async fn every_operation_works_in_a_database_and_is_copied_there_and_back() {
        let Some(server) = PostgresServer::shared() else { return };
        let original: Arc<dyn Store> = Arc::new(open_database(&server.new_schema()));
        let services = StoreServices::on(Arc::clone(&original));
        services.fill().await;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("copy");
        let on_disk = open(&target);
        let copied = copy(&original, &*on_disk).unwrap();
        assert_same(&*original, &*on_disk);
        let back = open_database(&server.new_schema());
        assert_eq!(copy(&on_disk, &back).unwrap(), copied);
        assert_same(&*on_disk, &back);
        drop(on_disk);
        assert!(check(&Examination::new(&target).unwrap()).unwrap().faults.is_empty());
        assert!(matches!(copy(&original, &back), Err(CopyError::NotEmpty)));
        services.close().await;
    }
}

#[cfg(feature = "object-store")]
mod object_stores {
    use super::super::backups::{backup, restore_tar};
    use super::*;
    use crate::backends::objects::{files_of, in_files, in_memory};

    #[tokio::test]
    async fn every_operation_works_with_objects_and_is_copied_there_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let services = StoreServices::on(Arc::new(in_memory()));
        services.fill().await;
        let target = folder.path().join("copy");
        let on_disk = open(&target);
        let copied = copy(&services.store, &*on_disk).unwrap();
        assert_same(&*services.store, &*on_disk);
        let objects = folder.path().join("objects");
        std::fs::create_dir(&objects).unwrap();
        let back = in_files(&objects);
        assert_eq!(copy(&on_disk, &back).unwrap(), copied);
        assert_same(&*on_disk, &back);
        assert!(matches!(copy(&on_disk, &back), Err(CopyError::NotEmpty)));
        drop(on_disk);
        let restored = folder.path().join("restored");
        restore_tar(&backup(&services.store), &restored).unwrap();
        for store in [&target, &restored] {
            assert!(check(&Examination::new(store).unwrap()).unwrap().faults.is_empty());
        }
        assert_same(&*services.store, &*open(&restored));
        services.close().await;
    }

    #[tokio::test]
    async fn a_restarted_server_has_the_live_versions_that_were_trained_with_objects() {
        let (folder, rows) = (tempfile::tempdir().unwrap(), Arc::new(MemoryStore::new()));
        let services = StoreServices::on(Arc::new(files_of(rows.clone(), folder.path())));
        services.fill().await;
        let live = services.registry.live_versions();
        assert!(!live.is_empty());
        services.close().await;
        let restarted = StoreServices::on(Arc::new(files_of(rows, folder.path())));
        assert_eq!(restarted.registry.live_versions(), live);
        restarted.close().await;
    }
}
