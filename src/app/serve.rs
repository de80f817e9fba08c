//! Serves and shuts down: new calls are refused at once, running calls get some time and are then aborted.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sweetspot_store::store::Store;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{interval, sleep, timeout};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tower::{Layer as _, Service};

use super::admin_server::AdminServer;
use super::connections::{Accepted, ConnectionLimits, Connections, incoming_connections};
use super::metrics_source::MetricsSource;
use super::otlp_export::{OtlpExport, TraceExport};
use super::reload::start_reloads;
use super::tls::ServerTls;
use super::{App, AppError, KeyFetcher, access_control, ended_runs, http};
use crate::access::Authorizer;
use crate::api::{self, Readiness};
use crate::config::{ServerSettings, Settings};
use crate::http::{AcceptedHosts, AcceptedOrigins, BoxedGrpcService, Gateway};
use crate::layers::Layers;
use crate::telemetry::{Metrics, Tracer};

/// The interval at which free capacity is measured.
const CAPACITY_INTERVAL: Duration = Duration::from_secs(1);
/// The interval at which the store is checked.
const STORE_INTERVAL: Duration = Duration::from_secs(5);
/// The interval at which versions that other servers changed are looked for.
const VERSIONS_INTERVAL: Duration = Duration::from_millis(500);
/// The time without any free capacity after which the server reports that it is not ready.
const OVERLOAD_TOLERANCE: Duration = Duration::from_secs(5);
/// The time that aborted calls have to send their last response.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// What a server needs besides its listeners.
pub(super) struct ServerParts<'a> {
    pub(super) settings: &'a Settings,
    pub(super) authorizer: Authorizer,
    pub(super) metrics: &'a Metrics,
    /// `None` if no call is traced.
    pub(super) tracer: Option<&'a Tracer>,
    pub(super) readiness: &'a Readiness,
}

impl App {
    /// Checks that a server with these settings can encrypt its connections, know its callers, and send traces and
    /// metrics. Creates the key of the owner if it does not exist. Needs a runtime.
    ///
    /// # Errors
    /// Returns an error if a file of the settings cannot be used, or if no caller could have a credential.
    pub fn check_security(&self, settings: &Settings) -> Result<(), AppError> {
        ServerTls::open(&settings.tls)?;
        TraceExport::open(&settings.otlp, &Metrics::default())?;
        access_control::authorizer(&self.state, &settings.auth)?;
        KeyFetcher::open(&settings.auth)?;
        Ok(())
    }

    /// Serves until `shutdown` resolves, then drains: new calls are refused, running calls get `server.drain_timeout`.
    ///
    /// # Errors
    /// Returns an error if the listener fails or would be reachable from other machines without `server.allow_remote`,
    /// or if the probes and the metrics cannot be served.
    pub async fn serve(
        self,
        listener: TcpListener,
        settings: Settings,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), AppError> {
        self.serve_with_http(listener, None, settings, shutdown).await
    }

    /// Like [`Self::serve`], with HTTP and JSON on a listener of their own.
    ///
    /// # Errors
    /// Returns the errors of [`Self::serve`], for either listener.
    pub async fn serve_with_http(
        self,
        listener: TcpListener,
        http: Option<TcpListener>,
        mut settings: Settings,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), AppError> {
        let loopback = check_listener(&listener, &settings)?;
        if let Some(http) = &http {
            check_listener(http, &settings)?;
        }
        let tls = ServerTls::open(&settings.tls)?;
        let authorizer = access_control::authorizer(&self.state, &settings.auth)?;
        let fetcher = KeyFetcher::open(&settings.auth)?;
        settings.server.reflection.get_or_insert(loopback);
        let metrics = Metrics::default();
        let export = TraceExport::open(&settings.otlp, &metrics)?;
        let tracer = export.as_ref().map(|export| export.tracer.clone());
        let readiness = Readiness::new(Arc::clone(&self.state.registry)).await;
        ended_runs::observe(&self.state.jobs, &metrics, tracer.as_ref());
        let source = MetricsSource::new(&self.state, (&readiness, &metrics), (tls.as_ref(), &authorizer), &settings);
        let source = Arc::new(source);
        let admin = AdminServer::serve(&settings, Arc::clone(&source)).await?;
        let export = OtlpExport::start(export, &source);
        let reloads = CancellationToken::new();
        let reloading = start_reloads(tls.as_ref(), &authorizer, (fetcher, &metrics), &reloads);
        let http = http.map(|listener| (listener, tls.clone()));
        let (metrics, tracer) = (&metrics, tracer.as_ref());
        let parts = ServerParts { settings: &settings, authorizer, metrics, tracer, readiness: &readiness };
        self.serve_connections(incoming_connections(listener, tls), http, parts, shutdown).await;
        reloads.cancel();
        reloading.wait().await;
        export.shut_down().await;
        admin.shut_down().await;
        Ok(())
    }

    /// Serves connections until the shutdown or the end of the stream, then drains.
    pub(super) async fn serve_connections<C>(
        self,
        incoming: impl Stream<Item = io::Result<Accepted<C>>>,
        http: Option<(TcpListener, Option<ServerTls>)>,
        parts: ServerParts<'_>,
        shutdown: impl Future<Output = ()>,
    ) where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let ServerParts { settings, authorizer, metrics, tracer, readiness } = parts;
        check_store(&self.state.store, readiness).await;
        let server = &settings.server;
        let (stop, cut) = (CancellationToken::new(), CancellationToken::new());
        let services = api::services(&self.state, readiness, server, metrics);
        let layers = Layers::new(settings, authorizer, (metrics, tracer), cut.clone());
        let calls = layers.layer(services);
        let connections = Connections::new(ConnectionLimits::new(server), metrics.clone());
        let tasks = TaskTracker::new();
        tasks.spawn(watch_store(Arc::clone(&self.state.store), readiness.clone(), stop.clone()));
        if self.state.store.changes().is_some() {
            tasks.spawn(watch_versions(readiness.clone(), stop.clone()));
        }
        let http = http
            .map(|http| tasks.spawn(serve_http(http, calls.clone(), server.clone(), (metrics.clone(), stop.clone()))));
        tasks.close();
        // The listener is closed at the end of this block, so that later clients are refused at once instead of
        // waiting.
        tokio::select! {
            () = connections.accept(incoming, &calls) => (),
            () = watch_capacity(&layers, readiness, metrics) => (),
            () = shutdown => (),
        }
        readiness.stop().await;
        connections.stop();
        stop.cancel();
        let ended = async || tokio::join!(connections.wait(), tasks.wait());
        let drained = async { tokio::join!(self.state.jobs.drain(), ended()) };
        if timeout(server.drain_timeout, drained).await.is_ok() {
            return;
        }
        cut.cancel();
        if timeout(FLUSH_TIMEOUT, ended()).await.is_err() {
            // Clients that do not even read their last response are cut off.
            http.inspect(JoinHandle::abort);
            connections.close().await;
            tasks.wait().await;
        }
    }
}

/// Reports the server as not ready while no call could start for some time, and as ready again once one can. Never ends.
async fn watch_capacity(layers: &Layers, readiness: &Readiness, metrics: &Metrics) {
    let mut ticks = interval(CAPACITY_INTERVAL);
    loop {
        ticks.tick().await;
        metrics.set_call_usage(layers.usage());
        readiness.set_overloaded(layers.check_capacity() >= OVERLOAD_TOLERANCE).await;
    }
}

/// Reports whether the store can be changed until `stop` is canceled, and makes it writable again once its disk is.
async fn watch_store(store: Arc<dyn Store>, readiness: Readiness, stop: CancellationToken) {
    while stop.run_until_cancelled(sleep(STORE_INTERVAL)).await.is_some() {
        check_store(&store, &readiness).await;
    }
}

/// Reports the health again after another server has changed the versions, until `stop` is canceled.
async fn watch_versions(readiness: Readiness, stop: CancellationToken) {
    let mut reported = readiness.health();
    while stop.run_until_cancelled(sleep(VERSIONS_INTERVAL)).await.is_some() {
        let health = readiness.health();
        if reported != health {
            readiness.refresh().await;
            reported = health;
        }
    }
}

async fn check_store(store: &Arc<dyn Store>, readiness: &Readiness) {
    let store = Arc::clone(store);
    // A check that panics leaves the last report as it is.
    if let Ok(checked) = spawn_blocking(move || store.check_writable()).await {
        readiness.set_store_refusal(checked.err().as_ref()).await;
    }
}

/// Whether a listener is reachable from this machine only.
fn check_listener(listener: &TcpListener, settings: &Settings) -> Result<bool, AppError> {
    let listen = listener.local_addr().map_err(AppError::Socket)?;
    let loopback = listen.ip().is_loopback();
    if loopback || settings.permits_remote() { Ok(loopback) } else { Err(AppError::Remote { listen }) }
}

/// Serves the same services, with the same layers around them, over HTTP.
async fn serve_http<S>(
    (listener, tls): (TcpListener, Option<ServerTls>),
    services: S,
    settings: ServerSettings,
    end: (Metrics, CancellationToken),
) where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let is_loopback = listener.local_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback());
    let names = settings.http_hosts.as_ref().map(|names| names.0.as_slice());
    let hosts = AcceptedHosts::new(names, is_loopback);
    let origins =
        settings.http_web_origins.as_ref().map(|origins| AcceptedOrigins::new(&origins.0)).unwrap_or_default();
    let max_bytes = settings.max_request_size.as_usize();
    let gateway = Gateway::new(BoxedGrpcService::new(services), max_bytes, hosts, origins);
    http::serve(listener, tls, gateway, &settings, end).await;
}
