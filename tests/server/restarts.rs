//! Shutdowns, crashes, and the state after a restart.

use std::sync::Arc;
use std::time::Duration;

use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_proto::v1::training_run::State;
use sweetspot_store::store::{MemoryStore, SledStore};
use tonic::Code;

use crate::support::server::TestServer;
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{MODEL, assert_refused, error_reason};

const OTHER_MODEL: &str = "workspaces/default/models/other";

async fn get(server: &TestServer, run: &v1::TrainingRun) -> v1::TrainingRun {
    let request = v1::GetTrainingRunRequest { name: run.name.clone() };
    server.model().get_training_run(request).await.unwrap().into_inner().run.unwrap()
}

fn assert_interrupted(run: &v1::TrainingRun) {
    assert_eq!(run.state(), State::Failed);
    let error = run.error.as_ref().unwrap();
    let info = error_reason(error);
    assert_eq!((Code::from(error.code), info.as_str()), (Code::Unavailable, "INTERRUPTED"));
    assert!(run.end_time.is_some());
}

#[tokio::test]
async fn a_shutdown_interrupts_the_run_and_the_next_process_resumes_the_queue() {
    let store = Arc::new(MemoryStore::new());
    let barrier = StoreBarrier::new(store.clone());
    let server = TestServer::serve_store(Arc::new(barrier.clone()), &Settings::default()).await;
    server.import().await;
    barrier.set_access(BlobAccess::Blocked);
    let (running, waiting) = (server.train(MODEL).await, server.train(OTHER_MODEL).await);
    barrier.wait_for_reader().await;
    let channel = server.channel.clone();
    let stopped = server.begin_stop();
    barrier.set_access(BlobAccess::Open);
    drop(channel);
    stopped.await.unwrap().unwrap();

    let server = TestServer::serve_store(store, &Settings::default()).await;
    assert_interrupted(&get(&server, &running).await);
    assert_eq!(server.wait(&waiting).await.state(), State::Succeeded);
    let again = server.train(MODEL).await;
    assert_eq!(server.wait(&again).await.state(), State::Succeeded);
}

#[tokio::test]
async fn a_crash_leaves_a_run_that_the_next_process_finds_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let barrier = StoreBarrier::new(Arc::new(SledStore::open(folder.path()).unwrap()));
    let server = TestServer::serve_store(Arc::new(barrier.clone()), &Settings::default()).await;
    server.import().await;
    barrier.set_access(BlobAccess::Blocked);
    let run = server.train(MODEL).await;
    barrier.wait_for_reader().await;
    barrier.set_failing(true);
    barrier.set_access(BlobAccess::Open);
    server.stop().await;
    drop(barrier);

    let server = TestServer::serve_store(Arc::new(SledStore::open(folder.path()).unwrap()), &Settings::default()).await;
    assert_interrupted(&get(&server, &run).await);
    let again = server.train(MODEL).await;
    assert_eq!(server.wait(&again).await.state(), State::Succeeded);
    server.stop().await;
}

#[tokio::test]
async fn acknowledged_changes_survive_a_restart() {
    let store = Arc::new(MemoryStore::new());
    let server = TestServer::serve_store(store.clone(), &Settings::default()).await;
    server.import().await;
    let request_id = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4".to_owned();
    let request = v1::TrainModelRequest { request_id, ..Default::default() };
    let run = server.model().train_model(request.clone()).await.unwrap().into_inner().run.unwrap();
    let done = server.wait(&run).await;
    server.stop().await;

    let server = TestServer::serve_store(store, &Settings::default()).await;
    assert_eq!(server.model().train_model(request).await.unwrap().into_inner().run.unwrap(), done);
}

#[tokio::test]
async fn a_shutdown_waits_for_calls_and_then_aborts_them() {
    let mut settings = Settings::default();
    settings.server.drain_timeout = Duration::ZERO;
    let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
    let server = TestServer::serve_store(Arc::new(barrier.clone()), &settings).await;
    server.import().await;
    barrier.set_access(BlobAccess::Blocked);
    let run = server.train(MODEL).await;
    barrier.wait_for_reader().await;
    let mut client = server.model();
    let wait = v1::WaitTrainingRunRequest { name: run.name, timeout: None };
    let call = tokio::spawn(async move { client.wait_training_run(wait).await });
    // Calls on the same connection are handled in order, so the wait is in progress when this call returns.
    server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap();
    let stopped = server.begin_stop();
    assert_refused(call.await.unwrap(), Code::Unavailable, "DRAINING");
    stopped.await.unwrap().unwrap();
    barrier.set_access(BlobAccess::Open);
}
