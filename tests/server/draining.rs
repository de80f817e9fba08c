//! A shutdown: what is under way ends well, what waits is told, and the store is free afterwards.

use std::path::Path;
use std::sync::Arc;

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
use crate::support::gate::{Gate, Reading};
use crate::support::server::{Server, promote, publish, world};
use crate::support::{MODEL, refused};

const OTHER: &str = "workspaces/default/models/other";

/// A server over a store on disk, with a live version, whose reads of blobs can be held.
async fn on_disk(settings: &Settings) -> (Disk, Gate, Server) {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SledStore::open(folder.path()).unwrap());
    let disk = Disk { folder };
    let gate = Gate::over(store);
    let world = world(Arc::new(gate.clone()), settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = Server::serve(world, settings).await;
    (disk, gate, server)
}

/// A folder with a store in it.
struct Disk {
    folder: TempDir,
}

impl Disk {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until whoever was cut off has let go of the store.
    async fn released(&self) {
        // Whoever drops the store last may still be at it on another thread.
        while matches!(SledStore::open(self.path()), Err(StoreError::InUse { .. })) {
            tokio::task::yield_now().await;
        }
    }
}

/// Shuts down and returns once the server has said so to those who watch it.
async fn begin(server: Server) -> JoinHandle<Result<(), AppError>> {
    let watch = HealthCheckRequest { service: "sweetspot.v1.ScoringService".to_owned() };
    let mut health = HealthClient::new(server.channel.clone()).watch(watch).await.unwrap().into_inner();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let stopped = server.begin_stop();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    stopped
}

#[tokio::test]
async fn a_call_under_way_is_finished_and_a_later_one_refused() {
    let (folder, gate, server) = on_disk(&Settings::default()).await;
    gate.set(Reading::Waits);
    let (mut client, mut later) = (server.model(), server.scoring());
    let get = v1::GetModelVersionRequest::default();
    let call = tokio::spawn(async move { client.get_model_version(get).await });
    gate.reached().await;
    let stopped = begin(server).await;
    gate.set(Reading::Open);
    let version = call.await.unwrap().unwrap().into_inner().version.unwrap();
    assert_eq!(version.name, format!("{MODEL}/versions/1"));
    stopped.await.unwrap().unwrap();
    let status = later.score_accounts(request(vec![account(0)], v1::ScoreConfig::default())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    drop(gate);
    folder.released().await;
    SledStore::open(folder.path()).unwrap();
}

/// Calls that reach the server before its goodbye are answered, whatever of them was sent by then; and what a client's library makes
/// of the goodbye itself is INTERNAL, which is no answer of ours.
#[tokio::test]
async fn calls_begun_before_the_goodbye_are_answered_and_one_begun_after_it_never_reaches_us() {
    const CALLS: usize = 50;
    let (folder, gate, server) = on_disk(&Settings::default()).await;
    let (calls, connection) = h2::client::handshake(TcpStream::connect(server.address).await.unwrap()).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut calls = calls.ready().await.unwrap();
    let mut begun = Vec::new();
    for _ in 0..CALLS {
        begun.push(calls.send_request(post("/sweetspot.v1.ScoringService/ScoreAccounts"), false).unwrap());
        calls = calls.ready().await.unwrap();
    }
    // Answered, so that the server has seen all those before it.
    let probe = calls.send_request(post("/grpc.health.v1.Health/Check"), false).unwrap();
    assert_eq!(answered(probe, &[]).await, Code::Ok);
    let stopped = begin(server).await;
    let message = request(vec![account(0)], v1::ScoreConfig::default()).encode_to_vec();
    for call in begun {
        assert_eq!(answered(call, &message).await, Code::Ok);
    }
    connection.await.unwrap().unwrap();
    let late = calls.send_request(post("/sweetspot.v1.ScoringService/ScoreAccounts"), false).unwrap_err();
    assert!(late.is_go_away() && late.is_remote(), "{late}");
    assert_eq!(late.reason(), Some(h2::Reason::NO_ERROR));
    assert_eq!(Status::from_error(Box::new(late)).code(), Code::Internal);
    stopped.await.unwrap().unwrap();
    drop(gate);
    folder.released().await;
}

fn post(path: &str) -> http::Request<()> {
    let request = http::Request::post(format!("http://localhost{path}")).header("te", "trailers");
    request.header("content-type", "application/grpc").body(()).unwrap()
}

/// Sends the message of a call, and reads the code of its answer.
async fn answered((answer, mut body): (ResponseFuture, SendStream<Bytes>), message: &[u8]) -> Code {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    body.send_data([&[0], &length[..], message].concat().into(), true).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.headers().get("grpc-status"), None, "refused before it began");
    let mut answer = answer.into_body();
    while let Some(data) = answer.data().await {
        answer.flow_control().release_capacity(data.unwrap().len()).unwrap();
    }
    Code::from_bytes(answer.trailers().await.unwrap().unwrap().get("grpc-status").unwrap().as_bytes())
}

#[tokio::test]
async fn who_waits_for_a_run_is_told_what_became_of_it_or_to_come_back() {
    let (folder, gate, server) = on_disk(&Settings::default()).await;
    server.import().await;
    gate.set(Reading::Waits);
    let (running, queued) = (server.train(MODEL).await, server.train(OTHER).await);
    gate.reached().await;
    let wait = |run: &v1::TrainingRun| {
        let (mut client, name) = (server.model(), run.name.clone());
        tokio::spawn(async move { client.wait_training_run(v1::WaitTrainingRunRequest { name, timeout: None }).await })
    };
    let waits = [wait(&running), wait(&queued)];
    // The waits are under way when a later call on the same connection is answered.
    tokio::task::yield_now().await;
    server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap();
    let stopped = begin(server).await;
    gate.set(Reading::Open);
    let [first, second] = waits;
    let ended = first.await.unwrap().unwrap().into_inner().run.unwrap();
    assert_eq!(ended.state(), State::Failed);
    assert_eq!(Code::from(ended.error.unwrap().code), Code::Unavailable);
    refused(second.await.unwrap(), Code::Unavailable, "DRAINING");
    stopped.await.unwrap().unwrap();
    drop(gate);
    folder.released().await;
    let server = Server::over(Arc::new(SledStore::open(folder.path()).unwrap()), &Settings::default()).await;
    assert_eq!(server.wait(&queued).await.state(), State::Succeeded);
    server.stop().await;
}

#[tokio::test]
async fn who_watches_the_health_is_told_and_holds_nothing_up() {
    // Whoever waits for the time to be over fails by the time limit of the test.
    let server = ServerSettings { drain_seconds: 3_600, ..ServerSettings::default() };
    let (folder, gate, server) = on_disk(&Settings { server, ..Settings::default() }).await;
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
    drop(gate);
    folder.released().await;
    SledStore::open(folder.path()).unwrap();
}

/// An import under way: its first message has arrived, and more can be sent.
async fn half_import(
    server: &Server,
) -> (mpsc::Sender<v1::ImportAccountsRequest>, JoinHandle<Result<v1::ImportAccountsResponse, tonic::Status>>) {
    let (sender, receiver) = mpsc::channel(1);
    let mut client = server.dataset();
    let call =
        tokio::spawn(async move { Ok(client.import_accounts(ReceiverStream::new(receiver)).await?.into_inner()) });
    sender.send(data::import(400)).await.unwrap();
    sender.reserve().await.unwrap();
    // What came earlier on the same connection has been taken in.
    server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap();
    (sender, call)
}

/// What the next process finds.
async fn imported(folder: &Disk) -> bool {
    let store = Arc::new(SledStore::open(folder.path()).unwrap());
    let found = store.get("dataset/workspaces/default/datasets/default").unwrap().is_some();
    let server = Server::over(store, &Settings::default()).await;
    let check = v1::TrainModelRequest { validate_only: true, ..Default::default() };
    assert_eq!(server.model().train_model(check).await.is_ok(), found);
    server.stop().await;
    found
}

#[tokio::test]
async fn an_import_under_way_can_be_finished() {
    let (folder, gate, server) = on_disk(&Settings::default()).await;
    let (sender, call) = half_import(&server).await;
    let stopped = begin(server).await;
    sender.send(v1::ImportAccountsRequest::default()).await.unwrap();
    drop(sender);
    assert_eq!(call.await.unwrap().unwrap().accounts, 400);
    stopped.await.unwrap().unwrap();
    drop(gate);
    folder.released().await;
    assert!(imported(&folder).await);
}

#[tokio::test]
async fn an_import_that_takes_too_long_is_cut_off_and_keeps_nothing() {
    let mut settings = Settings::default();
    settings.server.drain_seconds = 0;
    let (folder, gate, server) = on_disk(&settings).await;
    let (sender, call) = half_import(&server).await;
    let stopped = begin(server).await;
    refused(call.await.unwrap(), Code::Unavailable, "DRAINING");
    drop(sender);
    stopped.await.unwrap().unwrap();
    drop(gate);
    folder.released().await;
    assert!(!imported(&folder).await);
}
