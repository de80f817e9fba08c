//! The life of a connection: it must speak, there is room for so many, an old one is ended without harm.

use std::sync::Arc;
use std::time::Duration;

use sweetspot::config::{ServerSettings, Settings};
use sweetspot_proto::v1;
use sweetspot_store::store::MemoryStore;

use crate::scoring::request;
use crate::support::data::account;
use crate::support::gate::{Gate, Reading};
use crate::support::raw::{DATA, END, END_HEADERS, GOAWAY, HEADERS, Raw, frame, headers};
use crate::support::server::{Server, promote, publish, world};

fn with(server: ServerSettings) -> Settings {
    Settings { server, ..Settings::default() }
}

/// An hour: whoever waits for it fails by the time limit of the test.
const HOUR: u64 = 3_600;

#[tokio::test]
async fn who_says_nothing_is_closed() {
    let server = Server::over(
        Arc::new(MemoryStore::new()),
        &with(ServerSettings { handshake_seconds: 1, ..ServerSettings::default() }),
    )
    .await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for said in [&b""[..], b"P", preface, &[&preface[..], &[0; 8]].concat()] {
        let mut raw = Raw::silent(server.address).await;
        raw.send(said).await;
        raw.ended().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn who_says_nothing_does_not_hold_up_a_shutdown() {
    let settings = ServerSettings { handshake_seconds: HOUR, drain_seconds: HOUR, ..ServerSettings::default() };
    let server = Server::over(Arc::new(MemoryStore::new()), &with(settings)).await;
    let mut silent = Raw::silent(server.address).await;
    silent.send(b"PRI").await;
    // It has been accepted when one that came later is served.
    Raw::open(server.address).await.next().await.unwrap();
    server.stop().await;
    silent.ended().await;
}

#[tokio::test]
async fn who_takes_no_answer_does_not_hold_up_a_shutdown_for_long() {
    let settings = ServerSettings { drain_seconds: 0, ..ServerSettings::default() };
    let server = Server::over(Arc::new(MemoryStore::new()), &with(settings)).await;
    // A call without an end, from a client that answers no ping.
    let mut raw = Raw::open(server.address).await;
    raw.send(&frame(HEADERS, END_HEADERS, 1, &headers("/sweetspot.v1.DatasetService/ImportAccounts"))).await;
    raw.next().await.unwrap();
    server.stop().await;
    raw.ended().await;
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once() {
    let settings = ServerSettings { max_connections: 2, handshake_seconds: HOUR, ..ServerSettings::default() };
    let server = Server::trained_with(&with(settings)).await;
    let silent = Raw::silent(server.address).await;
    let mut further = Raw::silent(server.address).await;
    further.ended().await;
    let ask = || request(vec![account(0)], v1::ScoreConfig::default());
    server.scoring().score_accounts(ask()).await.unwrap();
    drop(silent);
    // Its place is free once the server has seen its end.
    while Raw::open(server.address).await.next().await.is_none() {}
}

#[tokio::test]
async fn an_old_connection_is_told_to_go_and_its_call_is_answered() {
    let gate = Gate::over(Arc::new(MemoryStore::new()));
    let settings = with(ServerSettings { max_connection_age_seconds: 1, ..ServerSettings::default() });
    let world = world(Arc::new(gate.clone()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = Server::serve(world, &settings).await;
    gate.set(Reading::Waits);
    let mut raw = Raw::open(server.address).await;
    raw.send(&frame(HEADERS, END_HEADERS, 1, &headers("/sweetspot.v1.ModelService/GetModelVersion"))).await;
    raw.send(&frame(DATA, END, 1, &[0; 5])).await;
    gate.reached().await;
    let goaway = raw.next_of(GOAWAY).await.unwrap();
    assert_eq!(goaway.payload[4..8], [0; 4], "no error");
    gate.set(Reading::Open);
    let answer = raw.next_of(DATA).await.unwrap();
    assert_eq!((answer.stream, answer.payload.len() > 100), (1, true));
    let trailers = raw.next_of(HEADERS).await.unwrap();
    assert_eq!((trailers.stream, trailers.flags & END), (1, END));
    assert_eq!(raw.next_of(DATA).await, None);
}

#[tokio::test]
async fn an_old_connection_whose_call_does_not_end_is_closed() {
    let settings =
        ServerSettings { max_connection_age_seconds: 1, connection_grace_seconds: 1, ..ServerSettings::default() };
    let server = Server::over(Arc::new(MemoryStore::new()), &with(settings)).await;
    let mut raw = Raw::open(server.address).await;
    raw.send(&frame(HEADERS, END_HEADERS, 1, &headers("/sweetspot.v1.DatasetService/ImportAccounts"))).await;
    let began = std::time::Instant::now();
    while raw.next_of(HEADERS).await.is_some() {}
    assert!(began.elapsed() > Duration::from_secs(1));
    server.stop().await;
}
