//! The metrics that a monitoring system reads, and the readers that are refused.

use sweetspot_store::clock::SystemClock;
use sweetspot_store::store::MemoryStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

fn source(reading: Duration) -> MetricsSource {
    let registry = Registry::open(Arc::new(MemoryStore::new()), Arc::new(SystemClock)).unwrap();
    MetricsSource { metrics: Metrics::default(), registry: Arc::new(registry), read_timeout: reading }
}

async fn fetch_with_timeout(reading: Duration, request: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let figures = MetricsServer { tasks: TaskTracker::new(), stop: CancellationToken::new() };
    figures.spawn(accept(listener, source(reading), figures.tasks.clone(), figures.stop.clone()));
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    figures.shut_down().await;
    answer
}

async fn fetch(request: &str) -> String {
    fetch_with_timeout(READ_TIMEOUT, request).await
}

#[tokio::test]
async fn the_metrics_are_served_as_text() {
    let answer = fetch("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\nsweetspot_connections 0\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4\r\n"), "{answer}");
    assert!(answer.contains("# TYPE sweetspot_model_info gauge\n"), "{answer}");
    assert!(answer.ends_with("# TYPE sweetspot_stand_in gauge\n"), "{answer}");
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    for (request, status) in [("GET /", "404"), ("GET /metrics/x", "404"), ("POST /metrics", "405")] {
        let answer = fetch(&format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    }
}

#[tokio::test]
async fn a_reader_that_sends_no_complete_request_is_closed() {
    assert_eq!(fetch_with_timeout(Duration::from_millis(50), "GET /metr").await, "");
}

#[tokio::test]
async fn a_remote_metrics_address_needs_allow_remote() {
    let settings = ServerSettings { metrics_listen: Some(([0, 0, 0, 0], 0).into()), ..ServerSettings::default() };
    let MetricsSource { metrics, registry, .. } = source(READ_TIMEOUT);
    let error = MetricsServer::serve(&settings, &metrics, &registry).await.unwrap_err();
    assert!(matches!(error, AppError::Remote { .. }), "{error}");
}

#[tokio::test]
async fn an_address_in_use_is_reported() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = ServerSettings { metrics_listen: taken.local_addr().ok(), ..ServerSettings::default() };
    let MetricsSource { metrics, registry, .. } = source(READ_TIMEOUT);
    let error = MetricsServer::serve(&settings, &metrics, &registry).await.unwrap_err();
    assert!(error.to_string().contains("set server.metrics_listen"), "{error}");
}
