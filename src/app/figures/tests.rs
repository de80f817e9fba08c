//! What a monitoring system reads, and who is turned away.

use sweetspot_store::clock::SystemClock;
use sweetspot_store::store::MemoryStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

fn source(reading: Duration) -> Source {
    let registry = Registry::open(Arc::new(MemoryStore::new()), Arc::new(SystemClock)).unwrap();
    Source { metrics: Metrics::default(), registry: Arc::new(registry), reading }
}

async fn told_within(reading: Duration, request: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let figures = Figures { tasks: TaskTracker::new(), stop: CancellationToken::new() };
    figures.spawn(accept(listener, source(reading), figures.tasks.clone(), figures.stop.clone()));
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    figures.end().await;
    answer
}

async fn told(request: &str) -> String {
    told_within(READING, request).await
}

#[tokio::test]
async fn the_figures_are_text() {
    let answer = told("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\nsweetspot_connections 0\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4\r\n"), "{answer}");
    assert!(answer.ends_with("# TYPE sweetspot_model_info gauge\n"), "{answer}");
}

#[tokio::test]
async fn there_is_nothing_else() {
    for (request, status) in [("GET /", "404"), ("GET /metrics/x", "404"), ("POST /metrics", "405")] {
        let answer = told(&format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    }
}

#[tokio::test]
async fn a_reader_that_says_nothing_is_closed() {
    assert_eq!(told_within(Duration::from_millis(50), "GET /metr").await, "");
}

#[tokio::test]
async fn an_open_address_needs_a_word_of_consent() {
    let settings = ServerSettings { metrics_listen: Some(([0, 0, 0, 0], 0).into()), ..ServerSettings::default() };
    let Source { metrics, registry, .. } = source(READING);
    let error = Figures::serve(&settings, &metrics, &registry).await.unwrap_err();
    assert!(matches!(error, AppError::Remote { .. }), "{error}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = ServerSettings { metrics_listen: taken.local_addr().ok(), ..ServerSettings::default() };
    let Source { metrics, registry, .. } = source(READING);
    let error = Figures::serve(&settings, &metrics, &registry).await.unwrap_err();
    assert!(error.to_string().contains("set server.metrics_listen"), "{error}");
}
