//! Serves, and stops serving: new calls go elsewhere at once, calls under way get some time, then they are cut off.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tower::{Layer as _, Service};

use super::connections::{Connections, Limits, of_listener};
use super::figures::Figures;
use super::{AppError, World, http};
use crate::api::{self, Readiness};
use crate::config::{ServerSettings, Settings};
use crate::http::{Calls, Gateway};
use crate::layers::Layers;
use crate::telemetry::Metrics;

/// What calls that were cut off have for their last answer.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl World {
    /// Serves until `shutdown` resolves, then drains: no new calls, calls under way get `server.drain_seconds`.
    ///
    /// # Errors
    /// Where the listener fails, or would be reachable from other machines without `server.allow_remote`, or where the
    /// metrics cannot be served.
    pub async fn serve(
        self,
        listener: TcpListener,
        settings: Settings,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), AppError> {
        self.serve_both(listener, None, settings, shutdown).await
    }

    /// As [`Self::serve`], with HTTP and JSON on a listener of their own.
    ///
    /// # Errors
    /// As those of [`Self::serve`], of either listener.
    pub async fn serve_both(
        self,
        listener: TcpListener,
        http: Option<TcpListener>,
        settings: Settings,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), AppError> {
        let loopback = allowed(&listener, &settings.server)?;
        if let Some(http) = &http {
            allowed(http, &settings.server)?;
        }
        let reflection = settings.server.reflection.unwrap_or(loopback);
        let metrics = Metrics::default();
        let figures = Figures::serve(&settings.server, &metrics, &self.parts.registry).await?;
        self.serve_connections(of_listener(listener), http, &settings.server, &metrics, reflection, shutdown).await;
        figures.end().await;
        Ok(())
    }

    /// Serves connections until told to stop or until there are no more, then drains.
    pub(super) async fn serve_connections<C>(
        self,
        incoming: impl Stream<Item = io::Result<C>>,
        http: Option<TcpListener>,
        settings: &ServerSettings,
        metrics: &Metrics,
        reflection: bool,
        shutdown: impl Future<Output = ()>,
    ) where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let readiness = Readiness::new(self.parts.registry.clone()).await;
        let (stop, cut) = (CancellationToken::new(), CancellationToken::new());
        let services = api::services(&self.parts, &readiness, settings, reflection);
        let calls = Layers::new(settings, metrics, cut.clone()).layer(services);
        let connections = Connections::new(Limits::new(settings), metrics.clone());
        let webhooks = TaskTracker::new();
        let http =
            http.map(|listener| webhooks.spawn(serve_http(listener, calls.clone(), settings.clone(), stop.clone())));
        webhooks.close();
        // The listener is closed at the end of this: who connects later is refused at once, and does not wait for an answer.
        tokio::select! {
            () = connections.accept(incoming, &calls) => (),
            () = shutdown => (),
        }
        readiness.stop().await;
        connections.stop();
        stop.cancel();
        let ended = async || tokio::join!(connections.ended(), webhooks.wait());
        let drained = async { tokio::join!(self.parts.jobs.drain(), ended()) };
        if timeout(Duration::from_secs(settings.drain_seconds), drained).await.is_ok() {
            return;
        }
        cut.cancel();
        if timeout(LAST_WORDS, ended()).await.is_err() {
            // Whoever does not even take the last answer is left without.
            http.inspect(JoinHandle::abort);
            connections.close().await;
            webhooks.wait().await;
        }
    }
}

/// Whether a listener is reached from this machine alone.
fn allowed(listener: &TcpListener, settings: &ServerSettings) -> Result<bool, AppError> {
    let listen = listener.local_addr().map_err(AppError::Socket)?;
    let loopback = listen.ip().is_loopback();
    if loopback || settings.allow_remote { Ok(loopback) } else { Err(AppError::Remote { listen }) }
}

/// Serves the same services, with the same layers around them, over HTTP.
async fn serve_http<S>(listener: TcpListener, services: S, settings: ServerSettings, stop: CancellationToken)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let gateway = Gateway::new(Calls::new(services), settings.max_request_bytes);
    http::serve(listener, gateway, settings.http_max_connections, stop).await;
}
