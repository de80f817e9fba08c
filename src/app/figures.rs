//! `GET /metrics`, in plain HTTP on a listener of its own.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use sweetspot_core::{VersionName, VersionRef};
use sweetspot_store::registry::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::codegen::http::{Method, Request, Response, StatusCode, header};

use super::AppError;
use crate::config::ServerSettings;
use crate::telemetry::Metrics;

/// Readers at a time. Two or three servers of a monitoring system are usual.
const READERS: usize = 16;
/// How long one reader may take, from the first byte to the last.
const READING: Duration = Duration::from_secs(10);
/// How often what was recorded is summed up.
const TIDYING: Duration = Duration::from_secs(5);
/// Wait after a failure of the machine, such as no free file.
const PAUSE: Duration = Duration::from_secs(1);

/// The tasks that keep and serve the figures.
#[derive(Debug)]
pub(super) struct Figures {
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Clone, Debug)]
struct Source {
    metrics: Metrics,
    registry: Arc<Registry>,
    reading: Duration,
}

impl Figures {
    /// Keeps the figures tidy, and serves them where `server.metrics_listen` says.
    ///
    /// # Errors
    /// Where the address is taken, or would be reachable from other machines without `server.allow_remote`.
    pub(super) async fn serve(
        settings: &ServerSettings,
        metrics: &Metrics,
        registry: &Arc<Registry>,
    ) -> Result<Self, AppError> {
        let figures = Self { tasks: TaskTracker::new(), stop: CancellationToken::new() };
        if let Some(listen) = settings.metrics_listen {
            if !listen.ip().to_canonical().is_loopback() && !settings.allow_remote {
                return Err(AppError::Remote { listen });
            }
            let listener = TcpListener::bind(listen).await.map_err(|source| AppError::Metrics { listen, source })?;
            let source = Source { metrics: metrics.clone(), registry: Arc::clone(registry), reading: READING };
            figures.spawn(accept(listener, source, figures.tasks.clone(), figures.stop.clone()));
        }
        figures.spawn(tidy(metrics.clone()));
        Ok(figures)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { stop.run_until_cancelled(task).await });
    }

    /// Stops, and waits until nothing of it runs.
    pub(super) async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn tidy(metrics: Metrics) {
    let mut ticks = interval(TIDYING);
    loop {
        ticks.tick().await;
        metrics.tidy();
    }
}

async fn accept(listener: TcpListener, source: Source, tasks: TaskTracker, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(READERS));
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection for metrics");
                sleep(PAUSE).await;
                continue;
            }
        };
        if let Ok(place) = Arc::clone(&room).try_acquire_owned() {
            let (reading, source, stop) = (source.reading, source.clone(), stop.clone());
            tasks.spawn(async move {
                stop.run_until_cancelled(timeout(reading, one(socket, source))).await;
                drop(place);
            });
        }
    }
}

/// Answers one reader, once.
async fn one(socket: TcpStream, source: Source) {
    let service = service_fn(|request| {
        let source = source.clone();
        async move { Ok::<_, Infallible>(answer(&request, source).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(source.reading).keep_alive(false);
    if let Err(error) = http.serve_connection(TokioIo::new(socket), service).await {
        tracing::debug!(%error, "connection for metrics failed");
    }
}

async fn answer(request: &Request<Incoming>, source: Source) -> Response<String> {
    let mut response = Response::new(String::new());
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => {
            // What is live is read from the store.
            if let Ok(text) = spawn_blocking(move || source.render()).await {
                *response.body_mut() = text;
            }
            let text = header::HeaderValue::from_static("text/plain; version=0.0.4");
            response.headers_mut().insert(header::CONTENT_TYPE, text);
        }
        (_, "/metrics") => *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED,
        _ => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

impl Source {
    fn render(&self) -> String {
        let mut text = self.metrics.render();
        text.push_str("# HELP sweetspot_model_info Live versions.\n# TYPE sweetspot_model_info gauge\n");
        for name in self.registry.live_versions() {
            let VersionName { model, number } = &name;
            // A version that cannot be read just now is live all the same.
            let digest =
                self.registry.version(&VersionRef::Number(name.clone())).map(|record| record.artifact.to_string());
            let digest = digest.unwrap_or_default();
            // Names hold small letters, digits and signs that need no escape.
            let labels = format!("name=\"{model}\",version=\"{number}\",digest=\"{digest}\"");
            let _never_fails = writeln!(text, "sweetspot_model_info{{{labels}}} 1");
        }
        text
    }
}

#[cfg(test)]
mod tests;
