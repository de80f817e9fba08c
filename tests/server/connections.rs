//! Connection management: handshake timeout, connection limit, and maximum age.

use std::sync::Arc;
use std::time::Duration;

use sweetspot::config::{ServerSettings, Settings};
use sweetspot_proto::v1;
use sweetspot_store::store::MemoryStore;

use crate::scoring::request;
use crate::support::data::account;
use crate::support::raw_http2::{DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RawConnection, frame, headers};
use crate::support::server::{TestServer, promote, publish, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};

fn settings_with_server(server: ServerSettings) -> Settings {
    Settings { server, ..Settings::default() }
}

/// One hour: a test that waits for it exceeds the time limit of the test.
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let server = TestServer::serve_store(
        Arc::new(MemoryStore::new()),
        &settings_with_server(ServerSettings { handshake_timeout: SECOND, ..ServerSettings::default() }),
    )
    .await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for said in [&b""[..], b"P", preface, &[&preface[..], &[0; 8]].concat()] {
        let mut raw = RawConnection::connect(server.address).await;
        raw.send(said).await;
        raw.wait_closed().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_silent_connection_does_not_delay_a_shutdown() {
    let settings = ServerSettings { handshake_timeout: HOUR, drain_timeout: HOUR, ..ServerSettings::default() };
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings_with_server(settings)).await;
    let mut silent = RawConnection::connect(server.address).await;
    silent.send(b"PRI").await;
    // The silent connection was accepted once a later one is served.
    RawConnection::handshake(server.address).await.next_frame().await.unwrap();
    server.stop().await;
    silent.wait_closed().await;
}

#[tokio::test]
async fn a_client_that_reads_no_response_does_not_delay_a_shutdown_beyond_the_drain() {
    let settings = ServerSettings { drain_timeout: Duration::ZERO, ..ServerSettings::default() };
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings_with_server(settings)).await;
    // A call that never ends, from a client that does not answer pings.
    let mut raw = RawConnection::handshake(server.address).await;
    raw.send(&frame(HEADERS, END_HEADERS, 1, &headers("/sweetspot.v1.DatasetService/ImportAccounts"))).await;
    raw.next_frame().await.unwrap();
    server.stop().await;
    raw.wait_closed().await;
}

#[tokio::test]
async fn a_connection_beyond_the_maximum_is_closed_at_once() {
    let settings = ServerSettings { max_connections: 2, handshake_timeout: HOUR, ..ServerSettings::default() };
    let server = TestServer::trained_with(&settings_with_server(settings)).await;
    let silent = RawConnection::connect(server.address).await;
    let mut further = RawConnection::connect(server.address).await;
    further.wait_closed().await;
    let ask = || request(vec![account(0)], v1::ScoreConfig::default());
    server.scoring().score_accounts(ask()).await.unwrap();
    drop(silent);
    // The slot becomes free once the server notices that the connection has ended.
    while RawConnection::handshake(server.address).await.next_frame().await.is_none() {}
}

#[tokio::test]
async fn a_connection_at_its_maximum_age_gets_goaway_and_its_call_is_answered() {
    let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
    let settings = settings_with_server(ServerSettings { max_connection_age: SECOND, ..ServerSettings::default() });
    let world = world(Arc::new(barrier.clone()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = TestServer::serve(world, &settings).await;
    barrier.set_access(BlobAccess::Blocked);
    let mut raw = RawConnection::handshake(server.address).await;
    raw.send(&frame(HEADERS, END_HEADERS, 1, &headers("/sweetspot.v1.ModelService/GetModelVersion"))).await;
    raw.send(&frame(DATA, END_STREAM, 1, &[0; 5])).await;
    barrier.wait_for_reader().await;
    let goaway = raw.next_frame_of_kind(GOAWAY).await.unwrap();
    assert_eq!(goaway.payload[4..8], [0; 4], "no error");
    barrier.set_access(BlobAccess::Open);
    let answer = raw.next_frame_of_kind(DATA).await.unwrap();
    assert_eq!((answer.stream, answer.payload.len() > 100), (1, true));
    let trailers = raw.next_frame_of_kind(HEADERS).await.unwrap();
    assert_eq!((trailers.stream, trailers.flags & END_STREAM), (1, END_STREAM));
    assert_eq!(raw.next_frame_of_kind(DATA).await, None);
}

#[tokio::test]
async fn a_connection_at_its_maximum_age_is_closed_after_the_grace_period() {
    let settings =
        ServerSettings { max_connection_age: SECOND, max_connection_age_grace: SECOND, ..ServerSettings::default() };
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings_with_server(settings)).await;
    let mut raw = RawConnection::handshake(server.address).await;
    raw.send(&frame(HEADERS, END_HEADERS, 1, &headers("/sweetspot.v1.DatasetService/ImportAccounts"))).await;
    let began = std::time::Instant::now();
    while raw.next_frame_of_kind(HEADERS).await.is_some() {}
    assert!(began.elapsed() > Duration::from_secs(1));
    server.stop().await;
}
