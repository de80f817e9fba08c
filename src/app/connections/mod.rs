//! Accepts connections, bounds how many there are and how long each lives, and ends all of them.
//!
//! The gRPC library has a loop of its own, which has no cap, never closes a silent connection, and ends an old one without a
//! word to its client.

mod accepting;
mod bell;
mod driving;
mod frames;
mod limits;
mod opening;
mod tasks;
mod turns;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt as _};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tower::Service;

pub(super) use self::limits::Limits;
use self::tasks::Tasks;
use crate::layers::Calls;
use crate::telemetry::Metrics;

/// How long a connection that is closed may take to let go of its calls.
const LETTING_GO: Duration = Duration::from_secs(1);

/// The connections of one server. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    limits: Limits,
    metrics: Metrics,
    tasks: Tasks,
    /// Cancelled when no more calls are taken.
    stop: CancellationToken,
    /// Cancelled when nobody waits any more, not even for an answer on its way.
    close: CancellationToken,
}

/// What answers calls within the layers.
pub(super) trait Answers:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Answers for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

impl Connections {
    /// With these limits, counted in these figures.
    pub(super) fn new(limits: Limits, metrics: Metrics) -> Self {
        let (stop, close) = (CancellationToken::new(), CancellationToken::new());
        Self { limits, metrics, tasks: Tasks::default(), stop, close }
    }

    /// Serves what comes in, until there is nothing more to come.
    pub(super) async fn accept<C, S: Answers>(&self, incoming: impl Stream<Item = io::Result<C>>, calls: &Calls<S>)
    where
        C: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        accepting::accept(self, incoming, calls).await;
    }

    /// Tells every client to go elsewhere with further calls.
    pub(super) fn stop(&self) {
        self.tasks.last();
        self.stop.cancel();
    }

    /// Waits until every connection has ended, and every call with it.
    pub(super) async fn ended(&self) {
        self.tasks.ended().await;
    }

    /// Closes what is still open. Whoever does not let go then is stuck outside of any await, and is left behind.
    pub(super) async fn close(&self) {
        self.close.cancel();
        if timeout(LETTING_GO, self.ended()).await.is_err() {
            tracing::warn!("a call is still holding its closed connection");
        }
    }
}

/// Connections that the system keeps until they are accepted. With the usual 128, a burst of clients finds the door shut, and each
/// tries again only a second later.
const WAITING: u32 = 4096;

/// Listens on an address, from within a runtime.
///
/// # Errors
/// Where the address is taken or is none of this machine.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // An address is free again as soon as its last server has ended. Elsewhere the option means something worse.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// The connections of a listener. Answers are sent at once, not held back to fill a packet.
pub(super) fn of_listener(listener: TcpListener) -> impl Stream<Item = io::Result<TcpStream>> {
    TcpListenerStream::new(listener).map(|accepted| accepted.inspect(without_delay))
}

fn without_delay(socket: &TcpStream) {
    // A socket that refuses has been closed by its peer, which the first read will tell.
    let _closed = socket.set_nodelay(true);
}

#[cfg(test)]
mod tests;
