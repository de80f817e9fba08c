//! Training runs: wait, cancel, queue and fail.

use std::sync::Arc;

use prost_types::Duration;
use sweetspot::config::{ByteSize, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::training_run::State;
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Status};

use crate::support::server::TestServer;
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{DATASET, MODEL, assert_refused};

const OTHER_MODEL: &str = "workspaces/default/models/other";

/// A server with the imported history, whose trainings wait for the barrier.
async fn serve_with_barrier(settings: &Settings) -> (TestServer, StoreBarrier) {
    let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
    let server = TestServer::serve_store(Arc::new(barrier.clone()), settings).await;
    server.import().await;
    barrier.set_access(BlobAccess::Blocked);
    (server, barrier)
}

async fn cancel(server: &TestServer, run: &v1::TrainingRun) -> v1::TrainingRun {
    let request = v1::CancelTrainingRunRequest { name: run.name.clone() };
    server.model().cancel_training_run(request).await.unwrap().into_inner().run.unwrap()
}

async fn get(server: &TestServer, name: &str) -> Result<v1::TrainingRun, Status> {
    let request = v1::GetTrainingRunRequest { name: name.to_owned() };
    Ok(server.model().get_training_run(request).await?.into_inner().run.unwrap())
}

async fn train(server: &TestServer, model: &str) -> Result<v1::TrainingRun, Status> {
    let request = v1::TrainModelRequest { model: model.to_owned(), ..Default::default() };
    Ok(server.model().train_model(request).await?.into_inner().run.unwrap())
}

#[tokio::test]
async fn one_run_at_a_time_for_a_model() {
    let (server, barrier) = serve_with_barrier(&Settings::default()).await;
    let run = server.train(MODEL).await;
    assert_eq!(run.state(), State::Queued);
    assert_refused(train(&server, MODEL).await, Code::Aborted, "ALREADY_TRAINING");
    barrier.wait_for_reader().await;
    // `GetTrainingRun` also reads the configuration, which the barrier holds back.
    let list = server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap().into_inner();
    let running = &list.runs[0];
    assert_eq!((running.state(), running.stage.as_str()), (State::Running, "reading the data"));
    assert_refused(train(&server, MODEL).await, Code::Aborted, "ALREADY_TRAINING");
    let other = server.train(OTHER_MODEL).await;
    barrier.set_access(BlobAccess::Open);
    assert_eq!(server.wait(&other).await.state(), State::Succeeded);
    let done = get(&server, &run.name).await.unwrap();
    assert_eq!((done.state(), done.progress), (State::Succeeded, 1.0));
    assert_eq!(done.model_version, format!("{MODEL}/versions/1"));
    assert!(done.end_time.is_some() && done.error.is_none());
}

#[tokio::test]
async fn the_queue_of_runs_has_a_maximum() {
    let mut settings = Settings::default();
    settings.training.queue = 1;
    let (server, barrier) = serve_with_barrier(&settings).await;
    server.train(MODEL).await;
    barrier.wait_for_reader().await;
    server.train(OTHER_MODEL).await;
    assert_refused(train(&server, "workspaces/default/models/third").await, Code::ResourceExhausted, "QUEUE_FULL");
    barrier.set_access(BlobAccess::Open);
}

#[tokio::test]
async fn a_training_that_needs_too_much_memory_is_refused_before_it_starts() {
    let mut settings = Settings::default();
    settings.training.max_memory = Some(ByteSize(40 << 20));
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    server.import().await;
    for validate_only in [true, false] {
        let request = v1::TrainModelRequest { validate_only, ..Default::default() };
        let status = server.model().train_model(request).await.unwrap_err();
        let message = status.message();
        assert!(message.starts_with(&format!("training on {DATASET} needs about ")), "{message}");
        assert!(
            message.contains(" MiB of memory, and the limit is 40 MiB: import fewer accounts or attributes"),
            "{message}"
        );
        assert!(message.ends_with("raise training.max_memory"), "{message}");
        assert_refused(Err::<(), _>(status), Code::ResourceExhausted, "TRAINING_TOO_LARGE");
    }
    let list = server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap().into_inner();
    assert!(list.runs.is_empty());
    settings.training.max_memory = Some(ByteSize(64 << 20));
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    server.import().await;
    let run = server.train(MODEL).await;
    assert_eq!(server.wait(&run).await.state(), State::Succeeded);
}

#[tokio::test]
async fn a_wait_returns_the_unfinished_run_at_its_timeout() {
    let (server, barrier) = serve_with_barrier(&Settings::default()).await;
    let run = server.train(MODEL).await;
    barrier.wait_for_reader().await;
    let wait = |timeout| v1::WaitTrainingRunRequest { name: run.name.clone(), timeout };
    let now = Some(Duration { seconds: 0, nanos: 0 });
    let response = server.model().wait_training_run(wait(now)).await.unwrap().into_inner();
    assert_eq!(response.run.unwrap().state(), State::Running);
    let before = Some(Duration { seconds: -1, nanos: 0 });
    assert_refused(server.model().wait_training_run(wait(before)).await, Code::InvalidArgument, "INVALID_TIMEOUT");
    barrier.set_access(BlobAccess::Open);
    assert_eq!(server.wait(&run).await.state(), State::Succeeded);
}

#[tokio::test]
async fn a_running_run_is_cancelled_and_a_finished_one_is_unchanged() {
    let (server, barrier) = serve_with_barrier(&Settings::default()).await;
    let run = server.train(MODEL).await;
    barrier.wait_for_reader().await;
    assert_eq!(cancel(&server, &run).await.state(), State::Running);
    barrier.set_access(BlobAccess::Open);
    let ended = server.wait(&run).await;
    assert_eq!((ended.state(), ended.error.is_none()), (State::Cancelled, true));
    assert_eq!(cancel(&server, &run).await, ended);
    let next = server.train(MODEL).await;
    let done = server.wait(&next).await;
    assert_eq!(cancel(&server, &next).await, done);
}

#[tokio::test]
async fn a_waiting_run_is_cancelled_at_once() {
    let (server, barrier) = serve_with_barrier(&Settings::default()).await;
    let first = server.train(MODEL).await;
    barrier.wait_for_reader().await;
    let second = server.train(OTHER_MODEL).await;
    assert_eq!(cancel(&server, &second).await.state(), State::Cancelled);
    let third = server.train(OTHER_MODEL).await;
    barrier.set_access(BlobAccess::Open);
    assert_eq!(server.wait(&third).await.state(), State::Succeeded);
    assert_eq!(server.wait(&first).await.state(), State::Succeeded);
    assert_eq!(server.wait(&second).await.state(), State::Cancelled);
}

#[tokio::test]
async fn a_panic_fails_only_its_run() {
    let (server, barrier) = serve_with_barrier(&Settings::default()).await;
    let run = server.train(MODEL).await;
    barrier.set_access(BlobAccess::Panicking);
    let failed = server.wait(&run).await;
    assert_eq!((failed.state(), Code::from(failed.error.unwrap().code)), (State::Failed, Code::Internal));
    barrier.set_access(BlobAccess::Open);
    let next = server.train(MODEL).await;
    assert_eq!(server.wait(&next).await.state(), State::Succeeded);
}

#[tokio::test]
async fn runs_are_listed_newest_first_in_pages() {
    let server = TestServer::empty().await;
    server.import().await;
    let mut names = Vec::new();
    for _ in 0..5 {
        let run = server.train(MODEL).await;
        server.wait(&run).await;
        names.insert(0, run.name);
    }
    let list = async |parent: &str, page_size, page_token: String| {
        let request =
            v1::ListTrainingRunsRequest { parent: parent.into(), page_size, page_token, ..Default::default() };
        server.model().list_training_runs(request).await.map(tonic::Response::into_inner)
    };
    let mut listed = Vec::new();
    let mut token = String::new();
    for expected in [2, 2, 1] {
        let page = list(MODEL, 2, token).await.unwrap();
        assert_eq!(page.runs.len(), expected);
        listed.extend(page.runs.into_iter().map(|run| run.name));
        token = page.next_page_token;
    }
    assert_eq!((listed, token.as_str()), (names, ""));
    let page = list(MODEL, 2, String::new()).await.unwrap();
    for (parent, size, token) in
        [(OTHER_MODEL, 2, page.next_page_token.as_str()), (MODEL, 2, "nonsense"), (MODEL, 2, "0123456789abcdef.x")]
    {
        assert_refused(list(parent, size, token.to_owned()).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
    }
    assert_refused(list(MODEL, -1, String::new()).await, Code::InvalidArgument, "INVALID_PAGE_SIZE");
    assert_refused(list("models", 0, String::new()).await, Code::InvalidArgument, "INVALID_NAME");
}

#[tokio::test]
async fn unknown_runs_are_not_found() {
    let server = TestServer::empty().await;
    let mut client = server.model();
    for (name, code, reason) in [
        (format!("{MODEL}/trainingRuns/none"), Code::NotFound, "TRAINING_RUN_NOT_FOUND"),
        (MODEL.to_owned(), Code::InvalidArgument, "INVALID_NAME"),
        (String::new(), Code::InvalidArgument, "INVALID_NAME"),
    ] {
        assert_refused(get(&server, &name).await, code, reason);
        let wait = v1::WaitTrainingRunRequest { name: name.clone(), timeout: None };
        assert_refused(client.wait_training_run(wait).await, code, reason);
        assert_refused(client.cancel_training_run(v1::CancelTrainingRunRequest { name }).await, code, reason);
    }
}
