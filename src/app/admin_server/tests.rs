//! The probes and the metrics that an orchestrator and a monitoring system read, and the readers that are refused.

use sweetspot_store::clock::SystemClock;
use sweetspot_store::store::MemoryStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::access::Authorizer;
use crate::api::Readiness;
use crate::app::App;
use crate::config::Settings;

fn app() -> App {
    App::with_store(Arc::new(MemoryStore::new()), Arc::new(SystemClock), &Settings::default()).unwrap()
}

async fn source() -> Arc<MetricsSource> {
    let (app, settings) = (app(), Settings::default());
    let readiness = Readiness::new(Arc::clone(&app.state.registry)).await;
    Arc::new(MetricsSource::new(&app.state, (&readiness, &Metrics::default()), (None, &Authorizer::Open), &settings))
}

async fn state(read_timeout: Duration) -> AdminState {
    AdminState { source: source().await, read_timeout }
}

async fn fetch_from(state: AdminState, request: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = AdminServer { tasks: TaskTracker::new(), stop: CancellationToken::new() };
    server.spawn(accept(listener, state, server.tasks.clone(), server.stop.clone()));
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    server.shut_down().await;
    answer
}

async fn fetch(request: &str) -> String {
    fetch_from(state(READ_TIMEOUT).await, request).await
}

#[tokio::test]
async fn the_metrics_are_served_as_text() {
    let answer = fetch("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\nsweetspot_connections 0\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4\r\n"), "{answer}");
    assert!(answer.contains("\nsweetspot_live_models 0\n"), "{answer}");
}

#[tokio::test]
async fn a_server_without_a_model_is_live_but_not_ready_and_one_that_shuts_down_is_neither() {
    for (path, running, stopping) in [("/livez", "200", "503"), ("/readyz", "503", "503")] {
        let state = state(READ_TIMEOUT).await;
        for (status, is_stopping) in [(running, false), (stopping, true)] {
            if is_stopping {
                state.source.readiness().stop().await;
            }
            let answer = fetch_from(state.clone(), &format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    for (request, status) in
        [("GET /", "404"), ("GET /metrics/x", "404"), ("POST /metrics", "405"), ("POST /readyz", "405")]
    {
        let answer = fetch(&format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    }
}

#[tokio::test]
async fn a_reader_that_sends_no_complete_request_is_closed() {
    assert_eq!(fetch_from(state(Duration::from_millis(50)).await, "GET /metr").await, "");
}

#[tokio::test]
async fn a_remote_admin_address_needs_allow_remote() {
    let mut settings = Settings::default();
    settings.server.admin_listen = Some(([0, 0, 0, 0], 0).into());
    let error = AdminServer::serve(&settings, source().await).await.unwrap_err();
    assert!(matches!(error, AppError::Remote { .. }), "{error}");
}

#[tokio::test]
async fn an_address_in_use_is_reported() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = Settings::default();
    settings.server.admin_listen = taken.local_addr().ok();
    let error = AdminServer::serve(&settings, source().await).await.unwrap_err();
    assert!(error.to_string().contains("set server.admin_listen"), "{error}");
}
