//! Clients that mean to wear the server down: each loses its connection, and the others notice nothing.

use sweetspot_proto::v1;

use crate::scoring::request;
use crate::support::data::account;
use crate::support::raw::{CONTINUATION, DATA, END, END_HEADERS, HEADERS, RESET, Raw, SETTINGS, frame, headers};
use crate::support::server::Server;

const SCORE: &str = "/sweetspot.v1.ScoringService/ScoreAccounts";
const WAIT: &str = "/sweetspot.v1.ModelService/WaitTrainingRun";

/// Sends a flood, waits until it has cost its connection, and checks that another one works.
async fn ends(frames: Vec<Vec<u8>>) {
    assert!(frames.len() <= 2_100);
    let server = Server::trained().await;
    let mut raw = Raw::open(server.address).await;
    let (mut reading, mut writing) = raw.0.into_split();
    // Both at once: the server does not read from whoever does not read its answers.
    let flood = tokio::spawn(async move {
        let _cut_off = tokio::io::AsyncWriteExt::write_all(&mut writing, &frames.concat()).await;
        writing
    });
    tokio::io::copy(&mut reading, &mut tokio::io::sink()).await.ok();
    raw = Raw(reading.reunite(flood.await.unwrap()).unwrap());
    raw.ended().await;
    let score = server.scoring().score_accounts(request(vec![account(0)], v1::ScoreConfig::default())).await;
    assert_eq!(score.unwrap().into_inner().scores.len(), 1);
    server.stop().await;
}

fn stream(number: usize) -> u32 {
    u32::try_from(2 * number + 1).unwrap()
}

#[tokio::test]
async fn calls_that_are_given_up_at_once() {
    for path in [SCORE, WAIT] {
        let pair =
            |n| [frame(HEADERS, END_HEADERS, stream(n), &headers(path)), frame(RESET, 0, stream(n), &[0, 0, 0, 8])];
        ends((0..1_050).flat_map(pair).collect()).await;
    }
}

#[tokio::test]
async fn data_without_any() {
    let mut frames = vec![frame(HEADERS, END_HEADERS, 1, &headers(SCORE))];
    frames.extend((0..2_000).map(|_| frame(DATA, 0, 1, &[])));
    ends(frames).await;
}

#[tokio::test]
async fn headers_without_end() {
    let mut frames = vec![frame(HEADERS, 0, 1, &headers(SCORE))];
    frames.extend((0..2_000).map(|_| frame(CONTINUATION, 0, 1, &[])));
    ends(frames).await;
    let mut frames = vec![frame(HEADERS, 0, 1, &headers(SCORE))];
    let field = [&[0, 1, b'x', 100][..], &[b'y'; 100]].concat();
    frames.extend((0..2_000).map(|_| frame(CONTINUATION, 0, 1, &field)));
    ends(frames).await;
}

#[tokio::test]
async fn settings_over_and_over() {
    ends((0..2_000).map(|_| frame(SETTINGS, 0, 0, &[])).collect()).await;
}

/// Each makes the server reset a stream: data after the end.
#[tokio::test]
async fn calls_that_the_server_must_reset() {
    let one = |n| {
        let head = frame(HEADERS, END_HEADERS | END, stream(n), &headers(SCORE));
        [head, frame(8, 0, stream(n), &[0, 0, 0, 0])]
    };
    ends((0..1_050).flat_map(one).collect()).await;
}

#[tokio::test]
async fn what_is_no_http() {
    let server = Server::empty().await;
    for bytes in [&b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"[..], &[0x16, 3, 1, 2, 0, 1], &[0; 100]] {
        let mut raw = Raw::silent(server.address).await;
        raw.send(bytes).await;
        raw.send(&[0; 100]).await;
        raw.ended().await;
    }
    server.stop().await;
}
