//! The accept loop. No client and no system error ends it.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_stream::{Stream, StreamExt as _};

use super::connection::serve_connection;
use super::{Accepted, CallService, Connections};
use crate::access::Peer;
use crate::app::unknown_clients::UnknownClients;
use crate::layers::LayeredService;

/// The first and the longest delay after a system error, such as too many open files. Each delay doubles the last.
const RETRY_DELAYS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Accepts connections until the stream ends, and serves each on its own task.
pub(super) async fn accept<C, S: CallService>(
    connections: &Connections,
    incoming: impl Stream<Item = io::Result<Accepted<C>>>,
    service: &LayeredService<S>,
) where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let room = Arc::new(Semaphore::new(connections.limits.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let (mut number, mut pause, unknown_clients) =
        (0_u64, RETRY_DELAYS.0, UnknownClients::with_share_of(connections.limits.max_connections));
    tokio::pin!(incoming);
    while let Some(accepted) = incoming.next().await {
        let Accepted { socket, peer } = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_peer_error(error.kind()) => continue,
            Err(error) => {
                tracing::warn!(%error, pause_ms = pause.as_millis(), "cannot accept a connection");
                sleep(pause).await;
                pause = (pause * 2).min(RETRY_DELAYS.1);
                continue;
            }
        };
        pause = RETRY_DELAYS.0;
        // Closed at once, so that the client tries another server instead of waiting until its deadline.
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            connections.metrics.record_refused_connection();
            continue;
        };
        let Some(guard) = unknown_clients.try_add(peer) else {
            connections.metrics.record_refused_connection();
            continue;
        };
        let counted = connections.metrics.open_connection();
        let driven = serve_connection(socket, (Peer::new(peer), guard), service.clone(), connections.clone(), number);
        connections.tasks.spawn(async move {
            driven.await;
            drop((place, counted));
        });
        number += 1;
    }
}

/// Whether one connection failed, as opposed to the listener.
fn is_peer_error(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused)
}
