//! The lifecycle of one connection: handshake, maximum age, graceful shutdown, close.

use std::pin::pin;
use std::sync::Arc;
use std::task::Context;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, sleep};
use tonic::codegen::http::Request;

use super::batched_socket::batch_writes;
use super::inline_executor::InlineExecutor;
use super::metered_io::{HandshakeFlag, MeteredIo};
use super::stall_limit::StallLimit;
use super::{CallService, Connections};
use crate::access::Peer;
use crate::app::unknown_clients::UnknownClientGuard;
use crate::layers::LayeredService;

/// The time after its first frame that a client has for a call with a credential. Clients connect again when they need to.
const MAX_UNKNOWN_TIME: Duration = Duration::from_secs(120);

/// Serves one connection until it ends.
pub(super) async fn serve_connection<C, S: CallService>(
    socket: C,
    (peer, guard): (Peer, UnknownClientGuard),
    calls: LayeredService<S>,
    all: Connections,
    number: u64,
) where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Connections { limits, metrics, tasks, stop, close } = all;
    let opened = Arc::new(HandshakeFlag::default());
    let service = service_fn(|request: Request<Incoming>| calls.handle(request, &peer));
    let (socket, sender) = batch_writes(socket);
    let socket = TokioIo::new(MeteredIo::new(socket, Arc::clone(&opened)));
    let executor = InlineExecutor::new(tasks, StallLimit::new(limits.response_stall, metrics));
    let after_poll = |cx: &mut Context<'_>| {
        sender.send(cx);
        if peer.is_known() {
            guard.release();
        }
    };
    let mut connection = pin!(limits.http_builder(executor.pending_calls()).serve_connection(socket, service));
    // Resolves to whether to shut down gracefully: a connection without a first frame has nothing to finish.
    let mut old = pin!(async {
        sleep(limits.handshake).await;
        if opened.is_done() {
            let age = limits.jittered_age(number).saturating_sub(limits.handshake);
            let unknown_time = MAX_UNKNOWN_TIME.min(age);
            sleep(unknown_time).await;
            if peer.is_known() {
                sleep(age.saturating_sub(unknown_time)).await;
            }
        }
        opened.is_done()
    });
    let finishes = tokio::select! {
        biased;
        ended = executor.drive(connection.as_mut(), after_poll) => return log_close(number, ended),
        finishes = &mut old => finishes,
        () = stop.cancelled() => opened.is_done(),
    };
    if !finishes {
        tracing::debug!(number, "closed a connection without a completed handshake");
        return;
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        biased;
        ended = executor.drive(connection.as_mut(), after_poll) => log_close(number, ended),
        () = sleep(limits.grace) => tracing::debug!(number, "closed a connection whose calls did not end in time"),
        () = close.cancelled() => {}
    }
}

/// Logs a connection error, at debug level: a broken connection concerns its client only.
fn log_close(number: u64, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        let cause = std::error::Error::source(&error).map(tracing::field::display);
        tracing::debug!(number, %error, cause, "connection error");
    }
}
