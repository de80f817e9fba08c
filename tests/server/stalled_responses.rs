//! Clients that take no response: they grant no window, and their connection stays alive.

use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use prost::Message as _;
use sweetspot::config::{ServerSettings, Settings};
use sweetspot_proto::v1;
use tokio::net::TcpStream;
use tonic::Code;
use tonic::codegen::http;

use crate::scoring::request;
use crate::support::assert_refused;
use crate::support::data::account;
use crate::support::server::TestServer;

/// One hour: a test that waits for it exceeds the time limit of the test.
const HOUR: Duration = Duration::from_secs(3_600);
/// A quarter of these calls is the share of one connection.
const CALLS: usize = 64;

async fn serve(response_stall_timeout: Duration) -> TestServer {
    let server = ServerSettings { max_concurrent_calls: CALLS, response_stall_timeout, ..ServerSettings::default() };
    TestServer::trained_with(&Settings { server, ..Settings::default() }).await
}

/// Connects a client that grants no window to any response.
async fn connect(server: &TestServer) -> SendRequest<Bytes> {
    let socket = TcpStream::connect(server.address).await.unwrap();
    let mut client = h2::client::Builder::new();
    client.initial_window_size(0);
    let (calls, connection) = client.handshake(socket).await.unwrap();
    tokio::spawn(connection);
    calls.ready().await.unwrap()
}

/// Scores one account, and returns once the response has started.
async fn start_response(calls: &mut SendRequest<Bytes>, timeout: &str) -> h2::RecvStream {
    *calls = calls.clone().ready().await.unwrap();
    let head = http::Request::post("http://localhost/sweetspot.v1.ScoringService/ScoreAccounts")
        .header("te", "trailers")
        .header("content-type", "application/grpc")
        .header("grpc-timeout", timeout)
        .body(())
        .unwrap();
    let (response, mut body): (ResponseFuture, _) = calls.send_request(head, false).unwrap();
    let message = request(vec![account(0)], v1::ScoreConfig::default()).encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    body.send_data([&[0], &length[..], &message].concat().into(), true).unwrap();
    response.await.unwrap().into_body()
}

async fn wait_reset(mut body: h2::RecvStream) {
    let error = body.data().await.unwrap().unwrap_err();
    assert_eq!(error.reason(), Some(h2::Reason::CANCEL), "{error}");
}

#[tokio::test]
async fn responses_that_are_not_taken_are_dropped_and_their_permits_are_free_again() {
    let server = serve(Duration::from_secs(1)).await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(connect(&server).await);
    }
    let mut stalled = Vec::new();
    for client in &mut clients {
        for _ in 0..CALLS / 4 {
            stalled.push(start_response(client, "1H").await);
        }
    }
    let score = async || server.scoring().score_accounts(request(vec![account(0)], v1::ScoreConfig::default())).await;
    assert_refused(score().await, Code::Unavailable, "OVERLOADED");
    for body in stalled {
        wait_reset(body).await;
    }
    score().await.unwrap();
}

#[tokio::test]
async fn the_deadline_of_a_call_holds_until_its_last_byte() {
    let server = serve(HOUR).await;
    let body = start_response(&mut connect(&server).await, "300m").await;
    wait_reset(body).await;
}

#[tokio::test]
async fn a_connection_has_a_share_of_all_calls() {
    let server = serve(HOUR).await;
    let mut client = connect(&server).await;
    let _held = start_response(&mut client, "1H").await;
    // Further calls wait at the client, and other clients have the rest.
    assert_eq!(client.current_max_send_streams(), CALLS / 4);
    server.scoring().score_accounts(request(vec![account(0)], v1::ScoreConfig::default())).await.unwrap();
}
