//! Connections: kept, named, drained.

use std::sync::Arc;

use sweetspot::app::AppError;
use sweetspot::config::Settings;
use sweetspot_store::store::MemoryStore;
use tokio::net::{TcpListener, TcpStream};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::client::Client;
use super::server::{Both, FIRST, SCORE};
use crate::support::gate::Reading;
use crate::support::server::world;

#[tokio::test]
async fn a_connection_is_kept_also_after_errors() {
    let server = Both::trained().await;
    let mut client = server.client().await;
    for (path, status) in [(FIRST, 200), ("/nowhere", 404), (SCORE, 405), (FIRST, 200)] {
        assert_eq!(client.get(path).await.status, status);
    }
    assert_eq!(client.post(SCORE, "{").await.status, 400);
    assert_eq!(client.get(FIRST).await.status, 200);
    client.send(format!("GET {FIRST} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await;
    assert_eq!(client.answer().await.unwrap().status, 200);
    assert!(client.answer().await.is_none());
}

#[tokio::test]
async fn a_request_keeps_its_id_or_gets_one() {
    let server = Both::trained().await;
    let mut client = server.client().await;
    for (path, id) in [(FIRST, "abc-1"), ("/nowhere", "abc-2"), (SCORE, "abc-3")] {
        client.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-request-id: {id}\r\n\r\n").as_bytes()).await;
        assert_eq!(client.answer().await.unwrap().headers["x-request-id"], id);
        assert_eq!(client.get(path).await.headers["x-request-id"].len(), 36);
    }
}

/// The server has begun to shut down when a watch of its health says so.
async fn begin(server: Both) -> tokio::task::JoinHandle<Result<(), AppError>> {
    let watch = HealthCheckRequest { service: String::new() };
    let mut health = HealthClient::new(server.channel.clone()).watch(watch).await.unwrap().into_inner();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let stopped = server.begin_stop();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    stopped
}

#[tokio::test]
async fn a_shutdown_ends_idle_connections_at_once_and_busy_ones_well() {
    let mut settings = Settings::default();
    settings.server.drain_seconds = 3600;
    let (gate, server) = Both::gated(&settings).await;
    let address = server.http;
    let (mut idle, mut busy) = (server.client().await, server.client().await);
    assert_eq!(idle.get("/healthz").await.status, 200);
    gate.set(Reading::Waits);
    busy.send(format!("GET {FIRST} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await;
    gate.reached().await;
    let stopped = begin(server).await;
    assert!(idle.answer().await.is_none());
    gate.set(Reading::Open);
    let answer = busy.answer().await.unwrap();
    assert_eq!((answer.status, answer.headers["connection"].as_str()), (200, "close"));
    assert!(busy.answer().await.is_none());
    stopped.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_that_outlasts_the_drain_is_cut_off_with_an_answer() {
    let mut settings = Settings::default();
    settings.server.drain_seconds = 0;
    let (gate, server) = Both::gated(&settings).await;
    gate.set(Reading::Waits);
    let mut busy = Client::to(server.http).await;
    busy.send(format!("GET {FIRST} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await;
    gate.reached().await;
    let stopped = server.begin_stop();
    let answer = busy.answer().await.unwrap();
    assert_eq!((answer.status, answer.error().1.as_str()), (503, "DRAINING"));
    stopped.await.unwrap().unwrap();
    gate.set(Reading::Open);
}

#[tokio::test]
async fn an_open_address_needs_a_word_of_consent() {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    let grpc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = world.serve_both(grpc, Some(http), settings, std::future::pending()).await.unwrap_err();
    assert!(matches!(error, AppError::Remote { .. }) && error.to_string().contains("server.allow_remote"), "{error}");
}
