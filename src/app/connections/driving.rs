//! The life of one connection: it must speak, it grows old, it is asked to end, it is closed.

use std::pin::pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;
use tonic::codegen::http::Request;

use super::opening::{Opened, Opening};
use super::turns::Turns;
use super::{Answers, Connections};
use crate::layers::Calls;

/// Serves one connection to its end.
pub(super) async fn drive<C, S: Answers>(socket: C, calls: Calls<S>, all: Connections, number: u64)
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Connections { limits, tasks, stop, close, .. } = all;
    let opened = Arc::new(Opened::default());
    let service = service_fn(|request: Request<Incoming>| calls.handle(request));
    let socket = TokioIo::new(Opening::new(socket, Arc::clone(&opened)));
    let turns = Turns::new(tasks);
    let mut connection = pin!(limits.http(turns.come()).serve_connection(socket, service));
    // Whether it may finish what it has begun; a connection without a first frame has begun nothing.
    let mut old = pin!(async {
        sleep(limits.handshake).await;
        if opened.yet() {
            sleep(limits.age(number).saturating_sub(limits.handshake)).await;
        }
        opened.yet()
    });
    let finishes = tokio::select! {
        biased;
        ended = turns.serve(connection.as_mut()) => return told(number, ended),
        finishes = &mut old => finishes,
        () = stop.cancelled() => opened.yet(),
    };
    if !finishes {
        tracing::debug!(number, "closed a connection without a completed handshake");
        return;
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        biased;
        ended = turns.serve(connection.as_mut()) => told(number, ended),
        () = sleep(limits.grace) => tracing::debug!(number, "closed a connection whose calls did not end in time"),
        () = close.cancelled() => {}
    }
}

/// A broken connection is its client's affair, and no news.
fn told(number: u64, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        let cause = std::error::Error::source(&error).map(tracing::field::display);
        tracing::debug!(number, %error, cause, "connection error");
    }
}
