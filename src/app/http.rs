//! The HTTP listener: limits connections, and closes them gracefully at a shutdown.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::codegen::http::Request;
use tower::{ServiceBuilder, service_fn};

use super::tls::{ServerSocket, ServerTls};
use super::unknown_clients::{UnknownClientGuard, UnknownClients};
use super::write_timeout::WriteTimeout;
use crate::access::Peer;
use crate::config::ServerSettings;
use crate::http::Gateway;
use crate::telemetry::Metrics;

/// The maximum size of a request head, in bytes. A larger one is answered with 431.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// The buffer size of a connection, in bytes.
const MAX_BUFFER_BYTES: usize = 64 * 1024;
/// The delay before the next accept when the process has no free file descriptor.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// The timeouts of a connection.
#[derive(Clone, Copy, Debug)]
struct ConnectionTimes {
    /// The time to send a whole head, also between requests.
    head: Duration,
    /// The maximum age of a connection: a client that keeps one forever never finds other servers.
    age: Duration,
    /// The time that an old connection has to end: for a last response, including its delivery.
    grace: Duration,
    /// The time for the client to take the next part of a response.
    stall: Duration,
}

impl ConnectionTimes {
    const fn new(stall: Duration) -> Self {
        Self { head: Duration::from_secs(10), age: Duration::from_secs(300), grace: Duration::from_secs(60), stall }
    }
}

/// Serves connections until `stop` is canceled, and returns when the last one has ended. Connections beyond the maximum
/// number wait. Dropping the future closes all of them.
pub(super) async fn serve(
    listener: TcpListener,
    tls: Option<ServerTls>,
    gateway: Gateway,
    settings: &ServerSettings,
    (metrics, stop): (Metrics, CancellationToken),
) {
    let unknown_clients = UnknownClients::with_share_of(settings.http_max_connections);
    let room = Arc::new(Semaphore::new(settings.http_max_connections));
    let times = ConnectionTimes::new(settings.response_stall_timeout);
    let connections = TaskTracker::new();
    let dropped = CancellationToken::new();
    let _guard = dropped.clone().drop_guard();
    while let Some(Ok((stream, address, place))) = stop.run_until_cancelled(accept(&listener, &room)).await {
        let Some(guard) = unknown_clients.try_add(Some(address)) else {
            metrics.record_refused_connection();
            continue;
        };
        let (gateway, stop, dropped) = (gateway.clone(), stop.clone(), dropped.clone());
        let stream = ServerSocket::new(stream, tls.as_ref().map(ServerTls::http));
        connections.spawn(async move {
            let client = (Arc::new(Peer::new(Some(address))), guard);
            dropped.run_until_cancelled(serve_connection(stream, client, gateway, stop, times)).await;
            drop(place);
        });
    }
    // New clients are refused at once.
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// Accepts the next connection, with its permit.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Result<(TcpStream, IpAddr, OwnedSemaphorePermit), tokio::sync::AcquireError> {
    let place = Arc::clone(slots).acquire_owned().await?;
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                // Responses are small and complete: waiting for more data gains nothing.
                let _kept_waiting = stream.set_nodelay(true);
                return Ok((stream, address.ip(), place));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept an HTTP connection");
                sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

/// Serves one connection until its peer, its age or `stop` ends it.
async fn serve_connection<I>(
    io: I,
    (peer, guard): (Arc<Peer>, UnknownClientGuard),
    gateway: Gateway,
    stop: CancellationToken,
    times: ConnectionTimes,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(Arc::clone(&peer));
        let (gateway, peer, guard) = (&gateway, &peer, &guard);
        async move {
            let response = gateway.handle(request).await;
            if peer.is_known() {
                guard.release();
            }
            Ok::<_, Infallible>(response)
        }
    });
    let service = ServiceBuilder::new().option_layer(gateway.origins().cors_layer()).service(service);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(times.head)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_BUFFER_BYTES);
    let connection =
        http.serve_connection(TokioIo::new(WriteTimeout::new(io, times.stall)), TowerToHyperService::new(service));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = async { tokio::select! { () = stop.cancelled() => {}, () = sleep(times.age) => {} } } => {
            connection.as_mut().graceful_shutdown();
            timeout(times.grace, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "HTTP connection error");
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tonic::body::Body;
    use tonic::codegen::http::{Request, Response};
    use tower::service_fn as calls;

    use super::*;
    use crate::http::{AcceptedHosts, AcceptedOrigins, BoxedGrpcService};

    const LONG: Duration = Duration::from_secs(3600);
    const SHORT: Duration = Duration::from_millis(20);
    const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

    /// Serves a connection in memory whose calls answer with nothing, or never.
    fn serve_in_memory(times: ConnectionTimes, answers: bool) -> DuplexStream {
        let services = calls(move |_: Request<Body>| async move {
            if !answers {
                std::future::pending::<()>().await;
            }
            Ok::<_, Infallible>(Response::new(Body::empty()))
        });
        let (near, far) = duplex(1024);
        tokio::spawn(serve_connection(
            far,
            (Arc::default(), UnknownClients::new(1).try_add(None).unwrap()),
            Gateway::new(BoxedGrpcService::new(services), 1024, AcceptedHosts::Any, AcceptedOrigins::default()),
            CancellationToken::new(),
            times,
        ));
        near
    }

    /// Reads until the server closes; a read that never ends fails by the time limit of the test.
    async fn read_to_end(mut near: DuplexStream) -> String {
        let mut text = String::new();
        near.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn a_silent_connection_and_half_a_head_are_closed() {
        let times = ConnectionTimes { head: SHORT, age: LONG, grace: LONG, stall: LONG };
        assert_eq!(read_to_end(serve_in_memory(times, true)).await, "");
        let mut half = serve_in_memory(times, true);
        half.write_all(&REQUEST[..20]).await.unwrap();
        assert_eq!(read_to_end(half).await, "");
        // Between requests too.
        let mut idle = serve_in_memory(times, true);
        idle.write_all(REQUEST).await.unwrap();
        assert!(read_to_end(idle).await.starts_with("HTTP/1.1 503"));
    }

    #[tokio::test]
    async fn an_old_connection_is_closed_and_one_that_does_not_end_is_cut_off() {
        let mut old = serve_in_memory(ConnectionTimes { head: LONG, age: SHORT, grace: LONG, stall: LONG }, true);
        old.write_all(REQUEST).await.unwrap();
        assert!(read_to_end(old).await.starts_with("HTTP/1.1 503"));
        let mut stuck = serve_in_memory(ConnectionTimes { head: LONG, age: SHORT, grace: SHORT, stall: LONG }, false);
        stuck.write_all(REQUEST).await.unwrap();
        assert_eq!(read_to_end(stuck).await, "");
    }

    #[tokio::test]
    async fn a_connection_whose_responses_are_not_taken_is_closed() {
        let mut unread = serve_in_memory(ConnectionTimes { head: LONG, age: LONG, grace: LONG, stall: SHORT }, true);
        // The responses need more than the buffer of the connection. A closed connection takes no further request.
        while unread.write_all(REQUEST).await.is_ok() {}
        assert!(read_to_end(unread).await.starts_with("HTTP/1.1 503"));
    }
}
