//! Calls in gRPC-Web, in its form as text.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use prost::Message;
use sweetspot_proto::v1;

use super::client::HttpResponse;
use super::server::DualServer;
use crate::scoring::request;
use crate::support::data::account;

const SCORE: &str = "/sweetspot.v1.ScoringService/ScoreAccounts";
const TEXT: &str = "content-type: application/grpc-web-text+proto\r\naccept: application/grpc-web-text+proto\r\n";
/// The flag of a frame with trailers.
const TRAILERS: u8 = 0x80;

async fn call(server: &DualServer, path: &str, headers: &str, message: &impl Message) -> HttpResponse {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.encoded_len()).unwrap().to_be_bytes());
    message.encode(&mut frame).unwrap();
    let body = BASE64_STANDARD.encode(frame);
    let mut client = server.client().await;
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n{headers}\r\n");
    client.send(format!("{head}{body}").as_bytes()).await;
    client.read_response().await.unwrap()
}

/// The frames of a response, each with its flag. Each is encoded on its own.
fn frames(response: &HttpResponse) -> Vec<(u8, Vec<u8>)> {
    let encoded = response.text.split_inclusive('=').collect::<Vec<_>>();
    let mut bytes = Vec::new();
    let mut part = String::new();
    for (index, piece) in encoded.iter().enumerate() {
        part.push_str(piece);
        // Padding ends a part, and may have two characters.
        if encoded.get(index + 1).is_none_or(|next| *next != "=") {
            bytes.extend(BASE64_STANDARD.decode(std::mem::take(&mut part)).unwrap());
        }
    }
    let (mut frames, mut rest) = (Vec::new(), bytes.as_slice());
    while let [flag, a, b, c, d, tail @ ..] = rest {
        let (content, next) = tail.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        frames.push((*flag, content.to_vec()));
        rest = next;
    }
    frames
}

#[tokio::test]
async fn a_unary_call_gives_the_response_of_grpc() {
    let server = DualServer::trained().await;
    let message = request(vec![account(1), account(2)], v1::ScoreConfig::default());
    let response = call(&server, SCORE, TEXT, &message).await;
    assert_eq!((response.status, response.headers["content-type"].as_str()), (200, "application/grpc-web-text+proto"));
    let frames = frames(&response);
    let scores = v1::ScoreAccountsResponse::decode(frames[0].1.as_slice()).unwrap();
    assert_eq!(scores, server.scoring().score_accounts(message).await.unwrap().into_inner());
    assert_eq!(frames[1].0, TRAILERS);
    assert!(String::from_utf8_lossy(&frames[1].1).contains("grpc-status:0"));
}

#[tokio::test]
async fn an_error_has_its_code() {
    const INVALID_ARGUMENT: &str = "3";
    let server = DualServer::trained().await;
    let response = call(&server, SCORE, TEXT, &v1::ScoreAccountsRequest::default()).await;
    assert_eq!((response.status, response.headers["grpc-status"].as_str()), (200, INVALID_ARGUMENT));
    assert_eq!(response.headers["x-request-id"].len(), 36);
}

#[tokio::test]
async fn pages_of_other_origins_and_streams_are_refused() {
    let server = DualServer::trained().await;
    let message = v1::ScoreAccountsRequest::default();
    let refused = call(&server, SCORE, &format!("{TEXT}origin: https://evil.example\r\n"), &message).await;
    assert_eq!(refused.error().1, "ORIGIN_REFUSED");
    let stream = call(&server, "/sweetspot.v1.ScoringService/StreamScores", TEXT, &message).await;
    assert_eq!((stream.status, stream.error().1.as_str()), (404, "NOT_FOUND"));
}
