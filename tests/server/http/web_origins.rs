//! Requests of web pages (CORS).

use sweetspot::config::{Settings, WebOrigins};

use super::client::HttpResponse;
use super::server::{DualServer, FIRST_VERSION_PATH};

const PAGE: &str = "https://crm.example";

async fn server() -> DualServer {
    let mut settings = Settings::default();
    settings.server.http_web_origins = Some(WebOrigins(vec![PAGE.to_owned()]));
    DualServer::trained_with(&settings).await
}

async fn send(server: &DualServer, verb: &str, headers: &str) -> HttpResponse {
    let mut client = server.client().await;
    client.send(format!("{verb} {FIRST_VERSION_PATH} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").as_bytes()).await;
    client.read_response().await.unwrap()
}

#[tokio::test]
async fn pages_of_accepted_origins_may_read_responses() {
    let server = server().await;
    let response = send(&server, "GET", &format!("origin: {PAGE}\r\n")).await;
    assert_eq!((response.status, response.headers["access-control-allow-origin"].as_str()), (200, PAGE));
    assert!(response.headers["vary"].contains("origin"));
    let exposed = &response.headers["access-control-expose-headers"];
    assert!(exposed.starts_with("x-request-id,grpc-status") && exposed.contains("retry-after"), "{exposed}");
    let refused = send(&server, "GET", "origin: https://evil.example\r\n").await;
    assert_eq!(refused.error().1, "ORIGIN_REFUSED");
    assert!(!refused.headers.contains_key("access-control-allow-origin"));
    assert_eq!(send(&server, "GET", "").await.status, 200);
}

#[tokio::test]
async fn a_preflight_request_names_what_pages_may_send() {
    let server = server().await;
    let asks = "access-control-request-method: PATCH\r\naccess-control-request-headers: authorization\r\n";
    let response = send(&server, "OPTIONS", &format!("origin: {PAGE}\r\n{asks}")).await;
    assert_eq!((response.status, response.text.as_str()), (200, ""));
    assert_eq!(response.headers["access-control-allow-origin"], PAGE);
    assert_eq!(response.headers["access-control-allow-methods"], "GET,POST,PATCH,DELETE");
    assert!(response.headers["access-control-allow-headers"].starts_with("authorization,content-type,x-request-id"));
    assert_eq!(response.headers["access-control-max-age"], "600");
    let other = send(&server, "OPTIONS", &format!("origin: https://evil.example\r\n{asks}")).await;
    assert!(!other.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn without_origins_there_is_no_answer_to_a_preflight_request() {
    let server = DualServer::trained().await;
    let refused = send(&server, "OPTIONS", &format!("origin: {PAGE}\r\n")).await;
    assert_eq!(refused.error().1, "ORIGIN_REFUSED");
    assert!(!refused.headers.contains_key("access-control-allow-methods"));
}
