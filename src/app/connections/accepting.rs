//! The loop that takes connections. Nothing that a client or the machine does ends it.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_stream::{Stream, StreamExt as _};

use super::driving::drive;
use super::{Answers, Connections};
use crate::layers::Calls;

/// Waits after a failure of the machine, such as no free file: from the first to the longest, doubled each time.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Takes connections until there are no more, and serves each on a task of its own.
pub(super) async fn accept<C, S: Answers>(
    connections: &Connections,
    incoming: impl Stream<Item = io::Result<C>>,
    calls: &Calls<S>,
) where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let room = Arc::new(Semaphore::new(connections.limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
    let (mut number, mut pause) = (0_u64, PAUSES.0);
    tokio::pin!(incoming);
    while let Some(accepted) = incoming.next().await {
        let socket = match accepted {
            Ok(socket) => socket,
            Err(error) if of_the_peer(error.kind()) => continue,
            Err(error) => {
                tracing::warn!(%error, pause_ms = pause.as_millis(), "cannot accept a connection");
                sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
                continue;
            }
        };
        pause = PAUSES.0;
        // Closed at once: its client then tries another server, where one that waited would wait for its deadline.
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            connections.metrics.connection_refused();
            continue;
        };
        let counted = connections.metrics.connection();
        let driven = drive(socket, calls.clone(), connections.clone(), number);
        connections.tasks.spawn(async move {
            driven.await;
            drop((place, counted));
        });
        number += 1;
    }
}

/// Whether a connection failed alone, and not the listener.
fn of_the_peer(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused)
}
