//! Shutdown: calls in progress complete, waiting calls are notified, and the store is released.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::SendStream;
use h2::client::ResponseFuture;
use prost::Message as _;
use sweetspot::app::AppError;
use sweetspot::config::{ServerSettings, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::training_run::State;
use sweetspot_store::store::{SledStore, Store as _, StoreError};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::http;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::scoring::request;
use crate::support::data::{self, account};
use crate::support::server::{TestServer, promote, publish, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{MODEL, assert_refused};

const OTHER_MODEL: &str = "workspaces/default/models/other";

/// A server with a live version and a store on disk, whose blob reads can be blocked.
async fn serve_from_disk(settings: &Settings) -> (StoreFolder, StoreBarrier, TestServer) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SledStore::open(folder.path()).unwrap());
    let disk = StoreFolder { folder };
    let barrier = StoreBarrier::new(store);
    let world = world(Arc::new(barrier.clone()), settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = TestServer::serve(world, settings).await;
    (disk, barrier, server)
}

/// A folder with a store.
struct StoreFolder {
    folder: TempDir,
}

impl StoreFolder {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until the aborted tasks have released the store.
    async fn wait_until_released(&self) {
        // The last owner of the store may still be dropping it on another thread.
        while matches!(SledStore::open(self.path()), Err(StoreError::InUse { .. })) {
            tokio::task::yield_now().await;
        }
    }
}

/// Starts the shutdown and returns once health watches report it.
async fn begin_shutdown(server: TestServer) -> JoinHandle<Result<(), AppError>> {
    let watch = HealthCheckRequest { service: "sweetspot.v1.ScoringService".to_owned() };
    let mut health = HealthClient::new(server.channel.clone()).watch(watch).await.unwrap().into_inner();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let stopped = server.begin_stop();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    stopped
}

#[tokio::test]
async fn a_shutdown_finishes_a_running_call_and_refuses_a_later_one() {
    let (folder, barrier, server) = serve_from_disk(&Settings::default()).await;
    barrier.set_access(BlobAccess::Blocked);
    let (mut client, mut later) = (server.model(), server.scoring());
    let get = v1::GetModelVersionRequest::default();
    let call = tokio::spawn(async move { client.get_model_version(get).await });
    barrier.wait_for_reader().await;
    let stopped = begin_shutdown(server).await;
    barrier.set_access(BlobAccess::Open);
    let version = call.await.unwrap().unwrap().into_inner().version.unwrap();
    assert_eq!(version.name, format!("{MODEL}/versions/1"));
    stopped.await.unwrap().unwrap();
    let status = later.score_accounts(request(vec![account(0)], v1::ScoreConfig::default())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    drop(barrier);
    folder.wait_until_released().await;
    SledStore::open(folder.path()).unwrap();
}

/// Calls that reach the server before its GOAWAY frame are completed, however much of them was sent by then. The client
/// library reports the GOAWAY itself as INTERNAL, which is not a status of the server.
#[tokio::test]
async fn calls_before_goaway_are_answered_and_calls_after_it_are_not_processed() {
    const CALLS: usize = 50;
    let (folder, barrier, server) = serve_from_disk(&Settings::default()).await;
    let (calls, connection) = h2::client::handshake(TcpStream::connect(server.address).await.unwrap()).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut calls = calls.ready().await.unwrap();
    let mut begun = Vec::new();
    for _ in 0..CALLS {
        begun.push(calls.send_request(post("/sweetspot.v1.ScoringService/ScoreAccounts"), false).unwrap());
        calls = calls.ready().await.unwrap();
    }
    // Once this call is answered, the server has received all earlier ones.
    let probe = calls.send_request(post("/grpc.health.v1.Health/Check"), false).unwrap();
    assert_eq!(response_code(probe, &[]).await, Code::Ok);
    let stopped = begin_shutdown(server).await;
    let message = request(vec![account(0)], v1::ScoreConfig::default()).encode_to_vec();
    for call in begun {
        assert_eq!(response_code(call, &message).await, Code::Ok);
    }
    connection.await.unwrap().unwrap();
    let late = calls.send_request(post("/sweetspot.v1.ScoringService/ScoreAccounts"), false).unwrap_err();
    assert!(late.is_go_away() && late.is_remote(), "{late}");
    assert_eq!(late.reason(), Some(h2::Reason::NO_ERROR));
    assert_eq!(Status::from_error(Box::new(late)).code(), Code::Internal);
    stopped.await.unwrap().unwrap();
    drop(barrier);
    folder.wait_until_released().await;
}

fn post(path: &str) -> http::Request<()> {
    let request = http::Request::post(format!("http://localhost{path}")).header("te", "trailers");
    request.header("content-type", "application/grpc").body(()).unwrap()
}

/// Sends the message of a call and returns the status code of the response.
async fn response_code((answer, mut body): (ResponseFuture, SendStream<Bytes>), message: &[u8]) -> Code {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    body.send_data([&[0], &length[..], message].concat().into(), true).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.headers().get("grpc-status"), None, "rejected before the call started");
    let mut answer = answer.into_body();
    while let Some(data) = answer.data().await {
        answer.flow_control().release_capacity(data.unwrap().len()).unwrap();
    }
    Code::from_bytes(answer.trailers().await.unwrap().unwrap().get("grpc-status").unwrap().as_bytes())
}

#[tokio::test]
async fn a_shutdown_answers_a_wait_for_a_run_with_its_result_or_a_retry() {
    let (folder, barrier, server) = serve_from_disk(&Settings::default()).await;
    server.import().await;
    barrier.set_access(BlobAccess::Blocked);
    let (running, queued) = (server.train(MODEL).await, server.train(OTHER_MODEL).await);
    barrier.wait_for_reader().await;
    let wait = |run: &v1::TrainingRun| {
        let (mut client, name) = (server.model(), run.name.clone());
        tokio::spawn(async move { client.wait_training_run(v1::WaitTrainingRunRequest { name, timeout: None }).await })
    };
    let waits = [wait(&running), wait(&queued)];
    // The waits are in progress once a later call on the same connection is answered.
    tokio::task::yield_now().await;
    server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap();
    let stopped = begin_shutdown(server).await;
    barrier.set_access(BlobAccess::Open);
    let [first, second] = waits;
    let ended = first.await.unwrap().unwrap().into_inner().run.unwrap();
    assert_eq!(ended.state(), State::Failed);
    assert_eq!(Code::from(ended.error.unwrap().code), Code::Unavailable);
    assert_refused(second.await.unwrap(), Code::Unavailable, "DRAINING");
    stopped.await.unwrap().unwrap();
    drop(barrier);
    folder.wait_until_released().await;
    let server = TestServer::serve_store(Arc::new(SledStore::open(folder.path()).unwrap()), &Settings::default()).await;
    assert_eq!(server.wait(&queued).await.state(), State::Succeeded);
    server.stop().await;
}

#[tokio::test]
async fn a_health_watch_reports_a_shutdown_and_does_not_delay_it() {
    // One hour: a shutdown that waits for the full drain exceeds the time limit of the test.
    let server = ServerSettings { drain_timeout: Duration::from_secs(3_600), ..ServerSettings::default() };
    let (folder, barrier, server) = serve_from_disk(&Settings { server, ..Settings::default() }).await;
    let mut watches = Vec::new();
    for service in ["", "sweetspot.v1.ScoringService"] {
        let watch = HealthCheckRequest { service: service.to_owned() };
        let mut watch = HealthClient::new(server.channel.clone()).watch(watch).await.unwrap().into_inner();
        assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
        watches.push(watch);
    }
    server.stop().await;
    for watch in &mut watches {
        assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
        assert_eq!(watch.message().await.unwrap(), None);
    }
    drop(barrier);
    folder.wait_until_released().await;
    SledStore::open(folder.path()).unwrap();
}

/// An import in progress: the first message has arrived, and more can be sent.
async fn half_import(
    server: &TestServer,
) -> (mpsc::Sender<v1::ImportAccountsRequest>, JoinHandle<Result<v1::ImportAccountsResponse, tonic::Status>>) {
    let (sender, receiver) = mpsc::channel(1);
    let mut client = server.dataset();
    let call =
        tokio::spawn(async move { Ok(client.import_accounts(ReceiverStream::new(receiver)).await?.into_inner()) });
    sender.send(data::import_request(400)).await.unwrap();
    sender.reserve().await.unwrap();
    // Earlier data on the same connection has been received.
    server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap();
    (sender, call)
}

/// Whether the dataset exists after a restart.
async fn is_imported(folder: &StoreFolder) -> bool {
    let store = Arc::new(SledStore::open(folder.path()).unwrap());
    let found = store.get("dataset/workspaces/default/datasets/default").unwrap().is_some();
    let server = TestServer::serve_store(store, &Settings::default()).await;
    let check = v1::TrainModelRequest { validate_only: true, ..Default::default() };
    assert_eq!(server.model().train_model(check).await.is_ok(), found);
    server.stop().await;
    found
}

#[tokio::test]
async fn a_shutdown_lets_a_running_import_finish() {
    let (folder, barrier, server) = serve_from_disk(&Settings::default()).await;
    let (sender, call) = half_import(&server).await;
    let stopped = begin_shutdown(server).await;
    sender.send(v1::ImportAccountsRequest::default()).await.unwrap();
    drop(sender);
    assert_eq!(call.await.unwrap().unwrap().accounts, 400);
    stopped.await.unwrap().unwrap();
    drop(barrier);
    folder.wait_until_released().await;
    assert!(is_imported(&folder).await);
}

#[tokio::test]
async fn a_shutdown_aborts_a_slow_import_and_stores_nothing() {
    let mut settings = Settings::default();
    settings.server.drain_timeout = Duration::ZERO;
    let (folder, barrier, server) = serve_from_disk(&settings).await;
    let (sender, call) = half_import(&server).await;
    let stopped = begin_shutdown(server).await;
    assert_refused(call.await.unwrap(), Code::Unavailable, "DRAINING");
    drop(sender);
    stopped.await.unwrap().unwrap();
    drop(barrier);
    folder.wait_until_released().await;
    assert!(!is_imported(&folder).await);
}
