//! HTTP/2 frame floods: the connection is closed, and other clients are not affected.

use sweetspot_proto::v1;

use crate::scoring::request;
use crate::support::data::account;
use crate::support::raw_http2::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, RawConnection, SETTINGS, frame, headers,
};
use crate::support::server::TestServer;

const SCORE_PATH: &str = "/sweetspot.v1.ScoringService/ScoreAccounts";
const WAIT_PATH: &str = "/sweetspot.v1.ModelService/WaitTrainingRun";

/// Sends a flood, waits until the server closes the connection, and checks that other connections work.
async fn assert_flood_ends_connection(frames: Vec<Vec<u8>>) {
    assert!(frames.len() <= 2_100);
    let server = TestServer::trained().await;
    let mut raw = RawConnection::handshake(server.address).await;
    let (mut reading, mut writing) = raw.0.into_split();
    // Reads and writes concurrently: the server stops reading from a client that does not read its responses.
    let flood = tokio::spawn(async move {
        let _cut_off = tokio::io::AsyncWriteExt::write_all(&mut writing, &frames.concat()).await;
        writing
    });
    tokio::io::copy(&mut reading, &mut tokio::io::sink()).await.ok();
    raw = RawConnection(reading.reunite(flood.await.unwrap()).unwrap());
    raw.wait_closed().await;
    let score = server.scoring().score_accounts(request(vec![account(0)], v1::ScoreConfig::default())).await;
    assert_eq!(score.unwrap().into_inner().scores.len(), 1);
    server.stop().await;
}

fn stream_id(number: usize) -> u32 {
    u32::try_from(2 * number + 1).unwrap()
}

#[tokio::test]
async fn a_flood_of_cancelled_calls_ends_the_connection() {
    for path in [SCORE_PATH, WAIT_PATH] {
        let pair = |n| {
            [
                frame(HEADERS, END_HEADERS, stream_id(n), &headers(path)),
                frame(RST_STREAM, 0, stream_id(n), &[0, 0, 0, 8]),
            ]
        };
        assert_flood_ends_connection((0..1_050).flat_map(pair).collect()).await;
    }
}

#[tokio::test]
async fn a_flood_of_empty_data_frames_ends_the_connection() {
    let mut frames = vec![frame(HEADERS, END_HEADERS, 1, &headers(SCORE_PATH))];
    frames.extend((0..2_000).map(|_| frame(DATA, 0, 1, &[])));
    assert_flood_ends_connection(frames).await;
}

#[tokio::test]
async fn a_flood_of_continuation_frames_ends_the_connection() {
    let mut frames = vec![frame(HEADERS, 0, 1, &headers(SCORE_PATH))];
    frames.extend((0..2_000).map(|_| frame(CONTINUATION, 0, 1, &[])));
    assert_flood_ends_connection(frames).await;
    let mut frames = vec![frame(HEADERS, 0, 1, &headers(SCORE_PATH))];
    let field = [&[0, 1, b'x', 100][..], &[b'y'; 100]].concat();
    frames.extend((0..2_000).map(|_| frame(CONTINUATION, 0, 1, &field)));
    assert_flood_ends_connection(frames).await;
}

#[tokio::test]
async fn a_flood_of_settings_frames_ends_the_connection() {
    assert_flood_ends_connection((0..2_000).map(|_| frame(SETTINGS, 0, 0, &[])).collect()).await;
}

/// Each frame causes a stream reset: data after the end of the stream.
#[tokio::test]
async fn a_flood_of_calls_that_must_be_reset_ends_the_connection() {
    let one = |n| {
        let head = frame(HEADERS, END_HEADERS | END_STREAM, stream_id(n), &headers(SCORE_PATH));
        [head, frame(8, 0, stream_id(n), &[0, 0, 0, 0])]
    };
    assert_flood_ends_connection((0..1_050).flat_map(one).collect()).await;
}

#[tokio::test]
async fn bytes_that_are_not_http2_end_the_connection() {
    let server = TestServer::empty().await;
    for bytes in [&b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"[..], &[0x16, 3, 1, 2, 0, 1], &[0; 100]] {
        let mut raw = RawConnection::connect(server.address).await;
        raw.send(bytes).await;
        raw.send(&[0; 100]).await;
        raw.wait_closed().await;
    }
    server.stop().await;
}
