//! Limits that protect clients from each other.

use serde_json::json;
use sweetspot::config::{ByteSize, Settings};
use sweetspot_proto::v1;

use super::client::{HttpClient, post_request};
use super::server::{DualServer, FIRST_VERSION_PATH, SCORE_PATH};
use crate::support::store_barrier::BlobAccess;

const JSON: &str = "content-type: application/json\r\n";

fn body(accounts: usize) -> String {
    let rows: Vec<_> = (0..accounts).map(|index| json!({ "accountId": index.to_string() })).collect();
    json!({ "rows": { "rows": rows } }).to_string()
}

#[tokio::test]
async fn a_body_or_an_answer_that_is_too_large_is_refused() {
    let mut settings = Settings::default();
    settings.server.max_request_size = ByteSize(2048);
    settings.server.max_response_size = ByteSize(1024);
    let server = DualServer::trained_with(&settings).await;
    let padded = |bytes: usize| {
        let body = body(1);
        format!("{body}{}", " ".repeat(bytes - body.len()))
    };
    assert_eq!(server.client().await.post(SCORE_PATH, &padded(2048)).await.status, 200);
    let answer = server.client().await.post(SCORE_PATH, &padded(2049)).await;
    assert_eq!(
        (answer.status, answer.error()),
        (413, ("RESOURCE_EXHAUSTED".to_owned(), "MESSAGE_TOO_LARGE".to_owned()))
    );
    // Without a length, in chunks.
    let mut client = server.client().await;
    let body = format!("800\r\n{}\r\n800\r\n{}\r\n0\r\n\r\n", " ".repeat(2048), " ".repeat(2048));
    let head = format!("POST {SCORE_PATH} HTTP/1.1\r\nhost: localhost\r\n{JSON}transfer-encoding: chunked\r\n\r\n");
    client.send(format!("{head}{body}").as_bytes()).await;
    assert_eq!(client.read_response().await.unwrap().status, 413);
    let answer = server.client().await.post(SCORE_PATH, &self::body(20)).await;
    assert_eq!(
        (answer.status, answer.error()),
        (429, ("RESOURCE_EXHAUSTED".to_owned(), "RESPONSE_TOO_LARGE".to_owned()))
    );
    assert_eq!(answer.detail("QuotaFailure").unwrap()["violations"][0]["subject"], "server");
}

#[tokio::test]
async fn more_elements_than_fit_in_memory_are_refused() {
    let server = DualServer::trained().await;
    let body = format!(r#"{{"table":{{"columns":[{}]}}}}"#, vec!["{}"; 500_000].join(","));
    let answer = server.client().await.post(SCORE_PATH, &body).await;
    let reason = ("INVALID_ARGUMENT".to_owned(), "TOO_MANY_ELEMENTS".to_owned());
    assert_eq!((answer.status, answer.error()), (400, reason));
    assert_eq!(answer.fields(), ["table.columns"]);
}

#[tokio::test]
async fn headers_that_are_too_long_are_refused_before_the_body() {
    let server = DualServer::trained().await;
    let get = |bytes: usize| format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(bytes));
    let mut client = server.client().await;
    client.send(get(8_000).as_bytes()).await;
    assert_eq!(client.read_response().await.unwrap().status, 200);
    client.send(get(17_000).as_bytes()).await;
    assert_eq!(client.read_response().await.unwrap().status, 431);
    let mut client = server.client().await;
    client.send(b"what is this\r\n\r\n").await;
    assert_eq!(client.read_response().await.unwrap().status, 400);
    assert!(client.read_response().await.is_none());
}

/// Takes the maximum duration of a scoring call.
#[tokio::test]
async fn a_slow_request_body_exceeds_the_deadline() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    let whole = post_request(SCORE_PATH, JSON, &body(1));
    client.send(&whole.as_bytes()[..whole.len() - 1]).await;
    let answer = client.read_response().await.unwrap();
    let reason = ("DEADLINE_EXCEEDED".to_owned(), "DEADLINE_EXCEEDED".to_owned());
    assert_eq!((answer.status, answer.error()), (504, reason));
    assert!(client.read_response().await.is_none(), "the rest of the body is not read as a request");
}

#[tokio::test]
async fn http_and_grpc_share_the_maximum_of_concurrent_calls() {
    let mut settings = Settings::default();
    settings.server.max_concurrent_calls = 1;
    let (barrier, server) = DualServer::trained_with_barrier(&settings).await;
    barrier.set_access(BlobAccess::Blocked);
    let mut grpc = server.model();
    let held = tokio::spawn(async move { grpc.get_model_version(v1::GetModelVersionRequest::default()).await });
    barrier.wait_for_reader().await;
    let mut client = server.client().await;
    // The server rejects the call without reading its body.
    let answer = client.post(SCORE_PATH, &body(1)).await;
    assert_eq!((answer.status, answer.error()), (503, ("UNAVAILABLE".to_owned(), "OVERLOADED".to_owned())));
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(answer.detail("RetryInfo").unwrap()["retryDelay"], "1s");
    assert_eq!(server.client().await.get("/healthz").await.status, 200);
    barrier.set_access(BlobAccess::Open);
    held.await.unwrap().unwrap();
    assert_eq!(server.client().await.post(SCORE_PATH, &body(1)).await.status, 200);
    // The reverse: an HTTP call occupies the slot.
    barrier.set_access(BlobAccess::Blocked);
    let mut holding = server.client().await;
    holding.send(format!("GET {FIRST_VERSION_PATH} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await;
    barrier.wait_for_reader().await;
    let refused = server.model().list_model_versions(v1::ListModelVersionsRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unavailable);
    barrier.set_access(BlobAccess::Open);
    assert_eq!(holding.read_response().await.unwrap().status, 200);
}

#[tokio::test]
async fn connections_beyond_the_maximum_wait() {
    let mut settings = Settings::default();
    settings.server.http_max_connections = 1;
    let server = DualServer::trained_with(&settings).await;
    let mut first = server.client().await;
    assert_eq!(first.get("/healthz").await.status, 200);
    let mut second = server.client().await;
    second.send(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    for _ in 0..20 {
        assert_eq!(first.get("/healthz").await.status, 200);
    }
    let mut byte = [0];
    let early = second.0.get_ref().try_read(&mut byte);
    assert!(early.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    drop(first);
    assert_eq!(second.read_response().await.unwrap().status, 200);
}

#[tokio::test]
async fn one_address_has_a_share_of_the_connections_without_a_call() {
    let mut settings = Settings::default();
    settings.server.http_max_connections = 64;
    let server = DualServer::trained_with(&settings).await;
    let mut silent = Vec::new();
    for _ in 0..16 {
        silent.push(server.client().await);
    }
    assert!(server.client().await.read_response().await.is_none());
    assert_eq!(silent[3].get("/healthz").await.status, 200);
    assert_eq!(server.client().await.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_disconnected_client_frees_its_permit() {
    let mut settings = Settings::default();
    settings.server.max_concurrent_calls = 1;
    settings.server.http_max_connections = 1;
    let server = DualServer::trained_with(&settings).await;
    for _ in 0..5 {
        let mut client = HttpClient::connect(server.http).await;
        let whole = post_request(SCORE_PATH, JSON, &body(1));
        client.send(&whole.as_bytes()[..whole.len() - 1]).await;
    }
    assert_eq!(server.client().await.post(SCORE_PATH, &body(1)).await.status, 200);
}
