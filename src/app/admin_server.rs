//! The probes and the metrics, in plain HTTP on a listener of their own: `GET /livez`, `/readyz` and `/metrics`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::codegen::http::{HeaderValue, Method, Request, Response, StatusCode, header};

use super::AppError;
use super::metrics_source::MetricsSource;
use super::unknown_clients::UnknownClients;
use crate::config::Settings;
use crate::telemetry::{Metrics, dropped_log_lines};

/// The maximum number of readers at a time. A prober and two or three servers of a monitoring system are usual.
const MAX_READERS: usize = 16;
/// The maximum number of readers from one address.
const MAX_READERS_PER_ADDRESS: usize = 8;
/// The time that one reader has, from the first byte to the last.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The interval at which recorded values are aggregated.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// The delay after a system error, such as too many open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_secs(1);

/// The content type of every response.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4");

/// The tasks that maintain the metrics, and serve them and the probes.
#[derive(Debug)]
pub(super) struct AdminServer {
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Clone, Debug)]
struct AdminState {
    source: Arc<MetricsSource>,
    read_timeout: Duration,
}

impl AdminServer {
    /// Maintains the metrics, and serves them and the probes at `server.admin_listen` if it is set.
    ///
    /// # Errors
    /// Returns an error if the address is in use, or would be reachable from other machines without
    /// `server.allow_remote`.
    pub(super) async fn serve(settings: &Settings, source: Arc<MetricsSource>) -> Result<Self, AppError> {
        let metrics = source.metrics().clone();
        let server = Self { tasks: TaskTracker::new(), stop: CancellationToken::new() };
        if let Some(listen) = settings.server.admin_listen {
            if !listen.ip().to_canonical().is_loopback() && !settings.permits_remote() {
                return Err(AppError::Remote { listen });
            }
            let listener = TcpListener::bind(listen).await.map_err(|source| AppError::Admin { listen, source })?;
            let state = AdminState { source, read_timeout: READ_TIMEOUT };
            server.spawn(accept(listener, state, server.tasks.clone(), server.stop.clone()));
        }
        server.spawn(run_upkeep(metrics));
        Ok(server)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { stop.run_until_cancelled(task).await });
    }

    /// Stops all tasks and waits for them.
    pub(super) async fn shut_down(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn run_upkeep(metrics: Metrics) {
    let (mut ticks, mut known_drops) = (interval(UPKEEP_INTERVAL), 0);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
        let dropped = dropped_log_lines();
        if dropped > known_drops {
            metrics.record_dropped_log_lines(dropped);
            tracing::warn!(lines = dropped - known_drops, "log lines were dropped: stderr is not read fast enough");
            known_drops = dropped;
        }
    }
}

async fn accept(listener: TcpListener, state: AdminState, tasks: TaskTracker, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(MAX_READERS));
    let readers = UnknownClients::new(MAX_READERS_PER_ADDRESS);
    loop {
        let (socket, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection for probes and metrics");
                sleep(ACCEPT_RETRY_DELAY).await;
                continue;
            }
        };
        let guard = readers.try_add(Some(address.ip()));
        if let (Some(guard), Ok(place)) = (guard, Arc::clone(&room).try_acquire_owned()) {
            let (limit, state, stop) = (state.read_timeout, state.clone(), stop.clone());
            tasks.spawn(async move {
                stop.run_until_cancelled(timeout(limit, serve_reader(socket, state))).await;
                drop((place, guard));
            });
        }
    }
}

/// Answers one request of one reader.
async fn serve_reader(socket: TcpStream, state: AdminState) {
    let service = service_fn(|request| {
        let state = state.clone();
        async move { Ok::<_, Infallible>(respond(&request, state).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(state.read_timeout).keep_alive(false);
    if let Err(error) = http.serve_connection(TokioIo::new(socket), service).await {
        tracing::debug!(%error, "connection for probes and metrics failed");
    }
}

async fn respond(request: &Request<Incoming>, state: AdminState) -> Response<String> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/livez") => probe(state.source.readiness().is_live()),
        (&Method::GET, "/readyz") => probe(state.source.readiness().is_ready()),
        // Reads the store and the process.
        (&Method::GET, "/metrics") => match spawn_blocking(move || state.source.render()).await {
            Ok(text) => (StatusCode::OK, text),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        },
        (_, "/livez" | "/readyz" | "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let mut response = Response::new(text);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, TEXT);
    response
}

fn probe(passes: bool) -> (StatusCode, String) {
    if passes { (StatusCode::OK, "ok\n".to_owned()) } else { (StatusCode::SERVICE_UNAVAILABLE, "no\n".to_owned()) }
}

#[cfg(test)]
mod tests;
