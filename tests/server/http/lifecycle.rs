//! HTTP connections: keep-alive, host names and draining.

use std::sync::Arc;
use std::time::Duration;

use sweetspot::app::AppError;
use sweetspot::config::Settings;
use sweetspot_store::store::MemoryStore;
use tokio::net::{TcpListener, TcpStream};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::client::HttpClient;
use super::server::{DualServer, FIRST_VERSION_PATH, SCORE_PATH};
use crate::support::server::world;
use crate::support::store_barrier::BlobAccess;

#[tokio::test]
async fn a_connection_stays_open_after_errors() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    for (path, status) in [(FIRST_VERSION_PATH, 200), ("/nowhere", 404), (SCORE_PATH, 405), (FIRST_VERSION_PATH, 200)] {
        assert_eq!(client.get(path).await.status, status);
    }
    assert_eq!(client.post(SCORE_PATH, "{").await.status, 400);
    assert_eq!(client.get(FIRST_VERSION_PATH).await.status, 200);
    client
        .send(format!("GET {FIRST_VERSION_PATH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes())
        .await;
    assert_eq!(client.read_response().await.unwrap().status, 200);
    assert!(client.read_response().await.is_none());
}

#[tokio::test]
async fn an_http_request_has_the_id_of_its_client_or_a_new_one() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    for (path, id) in [(FIRST_VERSION_PATH, "abc-1"), ("/nowhere", "abc-2"), (SCORE_PATH, "abc-3")] {
        client.send(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nx-request-id: {id}\r\n\r\n").as_bytes()).await;
        assert_eq!(client.read_response().await.unwrap().headers["x-request-id"], id);
        assert_eq!(client.get(path).await.headers["x-request-id"].len(), 36);
    }
}

/// Starts the shutdown, and returns once a health watch reports it.
async fn begin_shutdown(server: DualServer) -> tokio::task::JoinHandle<Result<(), AppError>> {
    let watch = HealthCheckRequest { service: String::new() };
    let mut health = HealthClient::new(server.channel.clone()).watch(watch).await.unwrap().into_inner();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let stopped = server.begin_stop();
    assert_eq!(health.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    stopped
}

#[tokio::test]
async fn a_shutdown_closes_idle_connections_and_finishes_busy_ones() {
    let mut settings = Settings::default();
    settings.server.drain_timeout = Duration::from_secs(3600);
    let (barrier, server) = DualServer::trained_with_barrier(&settings).await;
    let address = server.http;
    let (mut idle, mut busy) = (server.client().await, server.client().await);
    assert_eq!(idle.get("/healthz").await.status, 200);
    barrier.set_access(BlobAccess::Blocked);
    busy.send(format!("GET {FIRST_VERSION_PATH} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await;
    barrier.wait_for_reader().await;
    let stopped = begin_shutdown(server).await;
    assert!(idle.read_response().await.is_none());
    barrier.set_access(BlobAccess::Open);
    let answer = busy.read_response().await.unwrap();
    assert_eq!((answer.status, answer.headers["connection"].as_str()), (200, "close"));
    assert!(busy.read_response().await.is_none());
    stopped.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_that_outlasts_the_drain_is_answered_with_an_error() {
    let mut settings = Settings::default();
    settings.server.drain_timeout = Duration::ZERO;
    let (barrier, server) = DualServer::trained_with_barrier(&settings).await;
    barrier.set_access(BlobAccess::Blocked);
    let mut busy = HttpClient::connect(server.http).await;
    busy.send(format!("GET {FIRST_VERSION_PATH} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await;
    barrier.wait_for_reader().await;
    let stopped = server.begin_stop();
    let answer = busy.read_response().await.unwrap();
    assert_eq!((answer.status, answer.error().1.as_str()), (503, "DRAINING"));
    stopped.await.unwrap().unwrap();
    barrier.set_access(BlobAccess::Open);
}

#[tokio::test]
async fn a_public_http_address_requires_explicit_consent() {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    let grpc = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = world.serve_with_http(grpc, Some(http), settings, std::future::pending()).await.unwrap_err();
    assert!(matches!(error, AppError::Remote { .. }) && error.to_string().contains("server.allow_remote"), "{error}");
}
