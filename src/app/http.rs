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

/// Bytes that a head may have. A longer one is answered 431.
const HEAD_BYTES: usize = 16 * 1024;
/// Bytes that a connection buffers.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long accepting rests when the process has no room for another socket.
const REST: Duration = Duration::from_millis(100);

/// How long a connection may take for what.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// To send a whole head, also between requests.
    head: Duration,
    /// To be kept at all: a client that keeps one for ever finds other servers never.
    age: Duration,
    /// To end once it is old: for a last answer, and for taking it.
    grace: Duration,
}

const TIMES: Times =
    Times { head: Duration::from_secs(10), age: Duration::from_secs(300), grace: Duration::from_secs(60) };

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
            dropped.run_until_cancelled(connection(stream, gateway, stop, TIMES)).await;
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
                tracing::warn!(%error, "cannot accept an HTTP connection");
                sleep(REST).await;
            }
        }
    }
}

/// Answers what comes on one connection, until its peer, its age or `stop` ends it.
async fn connection<I>(io: I, gateway: Gateway, stop: CancellationToken, times: Times)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let gateway = gateway.clone();
        async move { Ok::<_, Infallible>(gateway.answer(request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(times.head)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(BUFFER_BYTES);
    let connection = http.serve_connection(TokioIo::new(io), service);
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
    use crate::http::Calls;

    const LONG: Duration = Duration::from_secs(3600);
    const SHORT: Duration = Duration::from_millis(20);
    const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

    /// A connection whose calls answer with nothing, or never.
    fn served(times: Times, answers: bool) -> DuplexStream {
        let services = calls(move |_: Request<Body>| async move {
            if !answers {
                std::future::pending::<()>().await;
            }
            Ok::<_, Infallible>(Response::new(Body::empty()))
        });
        let (near, far) = duplex(1024);
        tokio::spawn(connection(far, Gateway::new(Calls::new(services), 1024), CancellationToken::new(), times));
        near
    }

    /// Everything until the server closes; whoever waits for ever fails by the time limit of the test.
    async fn rest(mut near: DuplexStream) -> String {
        let mut text = String::new();
        near.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn a_silent_connection_and_half_a_head_are_closed() {
        let times = Times { head: SHORT, age: LONG, grace: LONG };
        assert_eq!(rest(served(times, true)).await, "");
        let mut half = served(times, true);
        half.write_all(&REQUEST[..20]).await.unwrap();
        assert_eq!(rest(half).await, "");
        // Between requests too.
        let mut idle = served(times, true);
        idle.write_all(REQUEST).await.unwrap();
        assert!(rest(idle).await.starts_with("HTTP/1.1 503"));
    }

    #[tokio::test]
    async fn an_old_connection_is_closed_and_one_that_does_not_end_is_cut_off() {
        let mut old = served(Times { head: LONG, age: SHORT, grace: LONG }, true);
        old.write_all(REQUEST).await.unwrap();
        assert!(rest(old).await.starts_with("HTTP/1.1 503"));
        let mut stuck = served(Times { head: LONG, age: SHORT, grace: SHORT }, false);
        stuck.write_all(REQUEST).await.unwrap();
        assert_eq!(rest(stuck).await, "");
    }
}
