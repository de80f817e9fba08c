//! The HTTP listener: bounds connections, and ends them well at a shutdown.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::Gateway;

/// How long a connection may be silent, and how long a head may take.
const HEAD: Duration = Duration::from_secs(10);
/// Bytes that a head may have. A longer one is answered 431.
const HEAD_BYTES: usize = 16 * 1024;
/// Bytes that a connection buffers.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long a connection takes requests, so that a client that keeps one finds other servers in time.
const AGE: Duration = Duration::from_secs(300);
/// How long an old connection has for its last answer, also where the client does not take it.
const GRACE: Duration = Duration::from_secs(60);
/// How long accepting rests when the process has no room for another socket.
const REST: Duration = Duration::from_millis(100);

/// Serves connections until told to stop, and returns when the last one has ended. `most`: connections at a time; further
/// ones wait. Dropped, it leaves nothing behind.
pub(super) async fn serve(listener: TcpListener, gateway: Gateway, most: usize, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(most));
    let connections = TaskTracker::new();
    let dropped = CancellationToken::new();
    let _guard = dropped.clone().drop_guard();
    while let Some(Ok((stream, place))) = stop.run_until_cancelled(accept(&listener, &room)).await {
        let (gateway, stop, dropped) = (gateway.clone(), stop.clone(), dropped.clone());
        connections.spawn(async move {
            dropped.run_until_cancelled(connection(stream, gateway, stop)).await;
            drop(place);
        });
    }
    // Whoever still knocks is told at once that nobody is here.
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// The next connection, with its place.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Result<(TcpStream, OwnedSemaphorePermit), tokio::sync::AcquireError> {
    let place = Arc::clone(room).acquire_owned().await?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small and whole: nothing is gained by waiting for more.
                let _kept_waiting = stream.set_nodelay(true);
                return Ok((stream, place));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                sleep(REST).await;
            }
        }
    }
}

/// Answers what comes on one connection, until its peer, its age or `stop` ends it.
async fn connection<I>(io: I, gateway: Gateway, stop: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let gateway = gateway.clone();
        async move { Ok::<_, Infallible>(gateway.answer(request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_header_size(HEAD_BYTES).max_buf_size(BUFFER_BYTES);
    let connection = http.serve_connection(TokioIo::new(io), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = async { tokio::select! { () = stop.cancelled() => {}, () = sleep(AGE) => {} } } => {
            connection.as_mut().graceful_shutdown();
            timeout(GRACE, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}
