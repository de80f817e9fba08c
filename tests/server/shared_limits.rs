//! Limits that all calls share: concurrency, bytes and time.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use sweetspot::config::{ByteSize, ServerSettings, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use sweetspot_store::store::MemoryStore;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::scoring::request;
use crate::support::assert_refused;
use crate::support::data::{self, account};
use crate::support::server::{TestServer, promote, publish, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};

fn settings_with_server(server: ServerSettings) -> Settings {
    Settings { server, ..Settings::default() }
}

fn score_request(accounts: usize) -> v1::ScoreAccountsRequest {
    request((0..accounts).map(account).collect(), v1::ScoreConfig::default())
}

#[tokio::test]
async fn a_call_beyond_the_maximum_is_refused_and_a_health_check_is_answered() {
    let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
    let settings = settings_with_server(ServerSettings { max_concurrent_calls: 1, ..ServerSettings::default() });
    let world = world(Arc::new(barrier.clone()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = TestServer::serve(world, &settings).await;
    barrier.set_access(BlobAccess::Blocked);
    let mut client = server.model();
    let call = tokio::spawn(async move { client.get_model_version(v1::GetModelVersionRequest::default()).await });
    barrier.wait_for_reader().await;
    // `assert_refused` checks that the details contain a retry delay.
    assert_refused(server.scoring().score_accounts(score_request(1)).await, Code::Unavailable, "OVERLOADED");
    HealthClient::new(server.channel.clone()).check(HealthCheckRequest::default()).await.unwrap();
    barrier.set_access(BlobAccess::Open);
    call.await.unwrap().unwrap();
    server.scoring().score_accounts(score_request(1)).await.unwrap();
}

#[tokio::test]
async fn a_request_beyond_the_buffered_bytes_is_refused_with_a_retry() {
    let settings =
        settings_with_server(ServerSettings { max_buffered_size: ByteSize(2_000), ..ServerSettings::default() });
    let server = TestServer::trained_with(&settings).await;
    assert_refused(server.scoring().score_accounts(score_request(100)).await, Code::Unavailable, "OVERLOADED");
    for _ in 0..20 {
        server.scoring().score_accounts(score_request(3)).await.unwrap();
    }
}

/// A stream forwards its messages: only one is in memory at a time.
#[tokio::test]
async fn a_stream_may_be_longer_than_the_buffered_bytes() {
    let message = data::import_request(400);
    let size = ByteSize(2 * prost::Message::encoded_len(&message) as u64);
    let settings = settings_with_server(ServerSettings {
        max_request_size: size,
        max_buffered_size: size,
        ..ServerSettings::default()
    });
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    let messages = tokio_stream::iter((0..6).map(move |part| with_unique_ids(message.clone(), part)));
    let imported = server.dataset().import_accounts(messages).await.unwrap().into_inner();
    assert_eq!(imported.accounts, 6 * 400);
}

/// The same accounts with other ids. Only the first part has outcomes.
fn with_unique_ids(mut message: v1::ImportAccountsRequest, part: u32) -> v1::ImportAccountsRequest {
    message.outcomes.retain(|_| part == 0);
    if part > 0 {
        message
            .accounts
            .iter_mut()
            .flat_map(|table| &mut table.account_ids)
            .for_each(|id| *id = format!("{part}-{id}"));
    }
    message
}

#[tokio::test]
async fn a_small_message_that_decompresses_to_a_large_one_is_refused() {
    let server = TestServer::trained().await;
    let large = v1::Account { account_id: "a".repeat(64 << 20), ..account(0) };
    let bomb = request(vec![large], v1::ScoreConfig::default());
    for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
        let mut client = ScoringServiceClient::new(server.channel.clone()).send_compressed(encoding);
        assert_refused(client.score_accounts(bomb.clone()).await, Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
    }
}

/// Sends only the header of a message; the server ends the call at its deadline.
#[tokio::test]
async fn an_incomplete_message_is_ended_by_the_deadline() {
    let server = TestServer::trained().await;
    let (sender, receiver) = mpsc::channel::<Result<Frame<Bytes>, Infallible>>(1);
    let path = "/sweetspot.v1.ScoringService/ScoreAccounts";
    let call = tonic::codegen::http::Request::post(format!("http://{}{path}", server.address))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", "50m")
        .body(StreamBody::new(ReceiverStream::new(receiver)))
        .unwrap();
    let http =
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).http2_only(true).build_http();
    sender.send(Ok(Frame::data(Bytes::from_static(&[0, 0, 0, 1, 0, 7])))).await.unwrap();
    let answer = http.request(call).await.unwrap();
    assert_eq!(answer.headers()["grpc-status"], "4");
    drop(sender);
}

#[tokio::test]
async fn an_idle_import_stream_is_ended() {
    let settings =
        settings_with_server(ServerSettings { body_timeout: Duration::from_secs(1), ..ServerSettings::default() });
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    let (sender, receiver) = mpsc::channel(1);
    sender.send(data::import_request(400)).await.unwrap();
    let began = std::time::Instant::now();
    let result = server.dataset().import_accounts(ReceiverStream::new(receiver)).await;
    assert_refused(result, Code::DeadlineExceeded, "STREAM_IDLE");
    assert!(began.elapsed() >= Duration::from_secs(1));
    drop(sender);
}
