//! Serves, and stops serving: new calls go elsewhere at once, calls under way get some time, then they are cut off.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::transport::Server;
use tonic::transport::server::{Connected, TcpIncoming};
use tower::layer::util::{Identity, Stack};
use tower::{Layer as _, Service};

use super::{AppError, World, http};
use crate::api::{self, Readiness};
use crate::config::{ServerSettings, Settings};
use crate::http::{Calls, Gateway};
use crate::layers::{Layers, layers};

const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Streams that a peer may open and reset before they are served. More on one connection is an attack.
const PENDING_RESETS: usize = 20;
/// Streams that a peer may make us reset. Unset, the library would let it do so without end.
const LOCAL_RESETS: usize = 1024;
/// What calls that were cut off have for their last answer.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl World {
    /// Serves until `shutdown` resolves, then drains: no new calls, calls under way get `server.drain_seconds`.
    ///
    /// # Errors
    /// Where the listener fails, or would be reachable from other machines without `server.allow_remote`.
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
    /// Where a listener fails, or would be reachable from other machines without `server.allow_remote`.
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
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        self.serve_connections(incoming, http, &settings.server, reflection, shutdown).await
    }

    /// Serves connections until told to stop, then drains.
    pub(super) async fn serve_connections<C, E>(
        self,
        connections: impl Stream<Item = Result<C, E>>,
        http: Option<TcpListener>,
        settings: &ServerSettings,
        reflection: bool,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), AppError>
    where
        C: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let readiness = Readiness::new(self.parts.registry.clone()).await;
        let routes = api::routes(&self.parts, &readiness, settings, reflection);
        let (stop, cut) = (CancellationToken::new(), CancellationToken::new());
        let layers = layers(settings.max_concurrent_calls, cut.clone());
        let http = serve_http(http, layers.layer(routes.clone()), settings, stop.clone());
        let grpc = builder(settings, layers)
            .add_routes(routes)
            .serve_with_incoming_shutdown(connections, stop.clone().cancelled_owned());
        let server = async {
            let grpc = async {
                let ended = grpc.await;
                // One does not go on without the other.
                stop.cancel();
                ended
            };
            tokio::join!(grpc, http).0
        };
        tokio::pin!(server);
        let ended = tokio::select! {
            ended = &mut server => Some(ended),
            () = shutdown => None,
        };
        readiness.stop().await;
        if let Some(ended) = ended {
            self.parts.jobs.drain().await;
            return ended.map_err(AppError::Serve);
        }
        stop.cancel();
        let drained = async { tokio::join!(self.parts.jobs.drain(), &mut server).1 };
        if let Ok(ended) = timeout(Duration::from_secs(settings.drain_seconds), drained).await {
            return ended.map_err(AppError::Serve);
        }
        cut.cancel();
        // Whoever does not even take the last answer is left behind.
        timeout(LAST_WORDS, server).await.unwrap_or(Ok(())).map_err(AppError::Serve)
    }
}

/// Whether a listener is reached from this machine alone.
fn allowed(listener: &TcpListener, settings: &ServerSettings) -> Result<bool, AppError> {
    let listen = listener.local_addr().map_err(AppError::Socket)?;
    let loopback = listen.ip().is_loopback();
    if loopback || settings.allow_remote { Ok(loopback) } else { Err(AppError::Remote { listen }) }
}

/// Serves the same services, with the same layers around them, over HTTP, where there is a listener for that.
async fn serve_http<S>(listener: Option<TcpListener>, services: S, settings: &ServerSettings, stop: CancellationToken)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    if let Some(listener) = listener {
        let gateway = Gateway::new(Calls::new(services), settings.max_request_bytes);
        http::serve(listener, gateway, settings.http_max_connections, stop).await;
    }
}

fn builder(settings: &ServerSettings, layers: Layers) -> Server<Stack<Layers, Identity>> {
    Server::builder()
        .max_concurrent_streams(settings.max_concurrent_streams)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS))
        .http2_max_local_error_reset_streams(Some(LOCAL_RESETS))
        .layer(layers)
}
