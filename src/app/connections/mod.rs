//! Accepts connections, limits their number and age, and closes them.
//!
//! The accept loop of the gRPC library has no limit, never closes an unused connection, and closes an old one without
//! notifying its client.

mod accept_loop;
mod batched_socket;
mod connection;
mod frame_budget;
mod inline_executor;
mod limits;
mod metered_io;
mod muted_waker;
#[cfg(any(test, fuzzing))]
pub(crate) mod reference_frame_parser;
mod stall_limit;
mod tasks;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt as _};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tower::Service;

pub(super) use self::limits::ConnectionLimits;
use self::tasks::ConnectionTasks;
use super::tls::{ServerSocket, ServerTls};
use crate::layers::LayeredService;
use crate::telemetry::Metrics;

/// What wakes and mutes share between threads. The models in `tests/interleavings` include the same files with the types
/// of loom.
mod sync {
    pub(super) use std::sync::atomic::AtomicBool;

    pub(super) use futures_util::task::AtomicWaker;
}

/// The time that closed connections have to drop their calls.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The connections of one server. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    limits: ConnectionLimits,
    metrics: Metrics,
    tasks: ConnectionTasks,
    /// Canceled when no more calls are accepted.
    stop: CancellationToken,
    /// Canceled when open connections must close, even with responses in flight.
    close: CancellationToken,
}

/// An accepted connection.
#[derive(Debug)]
pub(super) struct Accepted<C> {
    pub(super) socket: C,
    /// `None` within this process.
    pub(super) peer: Option<IpAddr>,
}

/// A service that handles calls, with its layers.
pub(super) trait CallService:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> CallService for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

impl Connections {
    /// Creates the connections with these limits, counted in these metrics.
    pub(super) fn new(limits: ConnectionLimits, metrics: Metrics) -> Self {
        let (stop, close) = (CancellationToken::new(), CancellationToken::new());
        Self { limits, metrics, tasks: ConnectionTasks::default(), stop, close }
    }

    /// Serves incoming connections until the stream ends.
    pub(super) async fn accept<C, S: CallService>(
        &self,
        incoming: impl Stream<Item = io::Result<Accepted<C>>>,
        calls: &LayeredService<S>,
    ) where
        C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        accept_loop::accept(self, incoming, calls).await;
    }

    /// Asks every client to send further calls elsewhere.
    pub(super) fn stop(&self) {
        self.tasks.close();
        self.stop.cancel();
    }

    /// Waits until every connection and every call has ended.
    pub(super) async fn wait(&self) {
        self.tasks.wait().await;
    }

    /// Closes what is still open. A call that does not end then is blocked outside of any await, and is abandoned.
    pub(super) async fn close(&self) {
        self.close.cancel();
        if timeout(CLOSE_TIMEOUT, self.wait()).await.is_err() {
            tracing::warn!("a call is still holding its closed connection");
        }
    }
}

/// The number of connections that the system queues until they are accepted. With the usual 128, connections of a burst
/// are dropped, and each client retries only a second later.
const LISTEN_BACKLOG: u32 = 4096;

/// Listens on an address. Must be called from within a runtime.
///
/// # Errors
/// Returns an error if the address is in use or does not belong to this machine.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Makes an address available as soon as its last server has ended. On other systems the option is unsafe.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(LISTEN_BACKLOG)
}

/// The connections of a listener, with `TCP_NODELAY` set: responses are sent at once.
pub(super) fn incoming_connections(
    listener: TcpListener,
    tls: Option<ServerTls>,
) -> impl Stream<Item = io::Result<Accepted<ServerSocket>>> {
    TcpListenerStream::new(listener).map(move |accepted| {
        let socket = accepted.inspect(set_nodelay)?;
        let peer = socket.peer_addr().ok().map(|address| address.ip());
        let socket = ServerSocket::new(socket, tls.as_ref().map(ServerTls::grpc));
        Ok(Accepted { socket, peer })
    })
}

fn set_nodelay(socket: &TcpStream) {
    // An error means that the peer has closed the socket, which the first read reports.
    let _closed = socket.set_nodelay(true);
}

#[cfg(test)]
mod tests;
