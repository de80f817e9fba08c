//! The maintenance of a store over its service: statistics, unused files, backups.

use std::path::Path;
use std::sync::Arc;

use sweetspot::config::{ByteSize, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::store_service_client::StoreServiceClient;
use sweetspot_store::backup::{BackupSource, restore};
use sweetspot_store::store::{Commit, MemoryStore, SledStore, Store};
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused};

fn client(server: &TestServer) -> StoreServiceClient<Channel> {
    StoreServiceClient::new(server.channel.clone())
}

async fn stats(server: &TestServer) -> v1::StoreStats {
    client(server).get_store_stats(v1::GetStoreStatsRequest {}).await.unwrap().into_inner().stats.unwrap()
}

fn records(stats: &v1::StoreStats, kind: &str) -> u64 {
    stats.groups.iter().find(|group| group.kind == kind).unwrap().records
}

async fn collect(server: &TestServer, validate_only: bool, seconds: i64) -> Result<v1::CollectGarbageResponse, Status> {
    let min_age = Some(prost_types::Duration { seconds, nanos: 0 });
    let request = v1::CollectGarbageRequest { validate_only, min_age };
    Ok(client(server).collect_garbage(request).await?.into_inner())
}

/// Reads the parts of a backup until its end.
async fn read_backup(server: &TestServer) -> Result<Vec<u8>, Status> {
    let mut parts = client(server).backup_store(v1::BackupStoreRequest::default()).await?.into_inner();
    let mut tar = Vec::new();
    while let Some(part) = parts.message().await? {
        assert!(!part.content.is_empty() && part.content.len() <= 256 << 10);
        tar.extend(part.content);
    }
    Ok(tar)
}

fn restore_to(tar: &[u8], folder: &Path) {
    restore(BackupSource::Tar(Box::new(std::io::Cursor::new(tar.to_vec()))), folder).unwrap();
}

fn open(folder: &Path) -> Arc<dyn Store> {
    Arc::new(SledStore::open(folder).unwrap())
}

async fn versions(server: &TestServer) -> Vec<v1::ModelVersion> {
    let request = v1::ListModelVersionsRequest { parent: MODEL.to_owned(), ..Default::default() };
    server.model().list_model_versions(request).await.unwrap().into_inner().versions
}

/// A server on the store in a folder, with a trained version.
async fn trained(folder: &Path) -> TestServer {
    let server = TestServer::serve_store(open(folder), &Settings::default()).await;
    server.import().await;
    server.wait(&server.train(MODEL).await).await;
    server
}

#[tokio::test]
async fn statistics_count_what_a_store_contains() {
    let folder = tempfile::tempdir().unwrap();
    let server = trained(folder.path()).await;
    let found = stats(&server).await;
    for kind in ["models", "model versions", "datasets", "dataset versions", "training runs"] {
        assert_eq!(records(&found, kind), 1, "{kind}");
    }
    assert_eq!(found.files.unwrap().count, 3, "an artifact, its customers, and the spec of the run");
    assert_eq!(found.unnamed_files.unwrap(), v1::FileTotal::default());
    assert!(found.database_bytes > 0 && found.free_disk_bytes.unwrap() > 0);
    let in_memory = TestServer::empty().await;
    assert_eq!(stats(&in_memory).await.free_disk_bytes, None);
}

#[tokio::test]
async fn unused_files_are_reported_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    trained(folder.path()).await.stop().await;
    open(folder.path()).put_blob(b"garbage").unwrap();
    let server = TestServer::serve_store(open(folder.path()), &Settings::default()).await;
    let unused = v1::FileTotal { count: 1, bytes: 7 };
    assert_eq!(stats(&server).await.unnamed_files.unwrap(), unused);
    let found = collect(&server, false, 3600).await.unwrap();
    assert_eq!((found.removed.unwrap().count, found.young.unwrap()), (0, unused));
    let found = collect(&server, true, 0).await.unwrap();
    assert_eq!((found.removed.unwrap(), found.named.unwrap().count), (unused, 3));
    assert_eq!(collect(&server, false, 0).await.unwrap().removed.unwrap(), unused);
    assert_eq!(stats(&server).await.unnamed_files.unwrap().count, 0);
    assert_refused(collect(&server, false, -1).await, Code::InvalidArgument, "INVALID_MIN_AGE");
    let run = server.wait(&server.train(MODEL).await).await;
    assert_eq!(run.state(), v1::training_run::State::Succeeded, "everything that is needed is still there");
}

#[tokio::test]
async fn nothing_is_removed_while_a_record_cannot_be_read() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let server = TestServer::serve_store(Arc::clone(&store), &Settings::default()).await;
    store.commit(&Commit::default().create("profile/unreadable", b"damage".to_vec())).unwrap();
    assert_refused(collect(&server, false, 0).await, Code::DataLoss, "ROW_UNREADABLE");
    let found = stats(&server).await;
    assert!(found.unnamed_files.is_none() && found.unreadable_record.contains("profile/unreadable"), "{found:?}");
    read_backup(&server).await.unwrap();
}

#[tokio::test]
async fn a_backup_restores_the_moment_of_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let server = trained(&folder.path().join("original")).await;
    let before = versions(&server).await;
    let mut parts = client(&server).backup_store(v1::BackupStoreRequest::default()).await.unwrap().into_inner();
    let mut tar = parts.message().await.unwrap().unwrap().content;
    server.wait(&server.train(MODEL).await).await;
    assert_eq!(versions(&server).await.len(), 2, "changes go on");
    while let Some(part) = parts.message().await.unwrap() {
        tar.extend(part.content);
    }
    let target = folder.path().join("restored");
    restore_to(&tar, &target);
    let restored = TestServer::serve_store(open(&target), &Settings::default()).await;
    assert_eq!(versions(&restored).await, before);
}

#[tokio::test]
async fn a_backup_fits_small_responses() {
    let folder = tempfile::tempdir().unwrap();
    trained(&folder.path().join("original")).await.stop().await;
    let mut settings = Settings::default();
    settings.server.max_response_size = ByteSize(1024);
    let server = TestServer::serve_store(open(&folder.path().join("original")), &settings).await;
    let tar = read_backup(&server).await.unwrap();
    restore_to(&tar, &folder.path().join("restored"));
}

#[tokio::test]
async fn one_backup_runs_at_a_time() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    // A backup that no client receives without reading it.
    let large = store.put_blob(&vec![7; 16 << 20]).unwrap();
    store.commit(&Commit::default().create("unknown", large.to_string().into_bytes())).unwrap();
    let server = TestServer::serve_store(store, &Settings::default()).await;
    let first = client(&server).backup_store(v1::BackupStoreRequest::default()).await.unwrap().into_inner();
    assert_refused(read_backup(&server).await, Code::FailedPrecondition, "BACKUP_IN_PROGRESS");
    drop(first);
    // The server learns of the end of the first one by a frame of its connection.
    while let Err(status) = read_backup(&server).await {
        assert_refused(Err::<(), _>(status), Code::FailedPrecondition, "BACKUP_IN_PROGRESS");
        tokio::task::yield_now().await;
    }
}

/// Changes a byte of the customers of the version, and removes another file. Returns both digests.
async fn damage_files(server: &TestServer, blobs: &Path) -> [String; 2] {
    let customers = versions(server).await.remove(0).data_sha256;
    let path = blobs.join(&customers[..2]).join(&customers);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[7] ^= 1;
    std::fs::write(path, bytes).unwrap();
    let folders = std::fs::read_dir(blobs).unwrap().map(|folder| folder.unwrap().path());
    let mut files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|file| file.unwrap());
    let other = files.find(|file| file.file_name() != *customers).unwrap();
    std::fs::remove_file(other.path()).unwrap();
    [customers, other.file_name().into_string().unwrap()]
}

#[tokio::test]
async fn damaged_files_end_a_backup_with_their_names_and_uses() {
    let folder = tempfile::tempdir().unwrap();
    let server = trained(folder.path()).await;
    let digests = damage_files(&server, &folder.path().join("blobs")).await;
    let status = read_backup(&server).await.unwrap_err();
    let parts = ["dataset version workspaces/default/datasets/default/versions/1", "skip_damaged", "is missing"];
    for part in digests.iter().map(String::as_str).chain(parts) {
        assert!(status.message().contains(part), "{part}: {status:?}");
    }
    assert_refused(Err::<(), _>(status), Code::DataLoss, "BLOBS_DAMAGED");
}

#[tokio::test]
async fn a_backup_can_leave_out_damaged_files_and_names_them_within_any_response() {
    let folder = tempfile::tempdir().unwrap();
    let server = trained(&folder.path().join("original")).await;
    let mut digests = damage_files(&server, &folder.path().join("original/blobs")).await;
    digests.sort();
    server.stop().await;
    for (size, named) in [(Settings::default().server.max_response_size, 2), (ByteSize(1024), 1)] {
        let mut settings = Settings::default();
        settings.server.max_response_size = size;
        let server = TestServer::serve_store(open(&folder.path().join("original")), &settings).await;
        let request = v1::BackupStoreRequest { skip_damaged: true };
        let mut parts = client(&server).backup_store(request).await.unwrap().into_inner();
        let first = parts.message().await.unwrap().unwrap();
        let names: Vec<&str> = first.skipped_files.iter().map(|file| file.sha256.as_str()).collect();
        assert!(names.len() >= named && digests.iter().map(String::as_str).take(names.len()).eq(names), "{first:?}");
        assert_eq!(first.skipped_file_count, 2);
        assert!(first.skipped_files.iter().all(|file| !file.uses.is_empty() && file.cause.starts_with("is ")));
        let mut tar = first.content;
        while let Some(part) = parts.message().await.unwrap() {
            assert_eq!(part.skipped_file_count, 0);
            tar.extend(part.content);
        }
        server.stop().await;
        let target = folder.path().join(format!("restored-{named}"));
        restore_to(&tar, &target);
        let restored = TestServer::serve_store(open(&target), &Settings::default()).await;
        assert_eq!(versions(&restored).await.len(), 1);
    }
}
