//! A server within the process, reached through an in-memory pipe.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::codegen::http::Uri;
use tonic::transport::{Channel, Endpoint};

use super::connections::Accepted;
use super::serve::ServerParts;
use super::{App, AppError};
use crate::access::Authorizer;
use crate::api::Readiness;
use crate::config::Settings;
use crate::telemetry::Metrics;

/// The capacity of a pipe, in bytes.
const PIPE_BYTES: usize = 256 * 1024;
/// Longer than any command runs.
const MAX_CONNECTION_AGE: Duration = Duration::from_secs(365 * 24 * 3600);

/// A server within this process.
#[derive(Debug)]
pub struct EmbeddedServer {
    /// A channel to the server.
    pub channel: Channel,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl App {
    /// Serves the same services to this process only, over an in-memory pipe, so that an embedded command and a remote
    /// one run the same code. Call [`EmbeddedServer::close`] to end it.
    ///
    /// # Errors
    /// Returns an error if the pipe cannot be set up.
    pub async fn embed(self, settings: &Settings) -> Result<EmbeddedServer, AppError> {
        let (connect, connections) = mpsc::channel::<Result<Accepted<DuplexStream>, io::Error>>(1);
        let stop = CancellationToken::new();
        let shutdown = stop.clone().cancelled_owned();
        let mut settings = settings.clone();
        settings.server.reflection = Some(true);
        // There is no other server to connect to, and a call that begins while the connection closes would fail.
        settings.server.max_connection_age = MAX_CONNECTION_AGE;
        let server = tokio::spawn(async move {
            let metrics = Metrics::default();
            let readiness = Readiness::new(Arc::clone(&self.state.registry)).await;
            // A process that can open the folder of the store needs no credential.
            let authorizer = Authorizer::Open;
            let (metrics, readiness) = (&metrics, &readiness);
            let parts = ServerParts { settings: &settings, authorizer, metrics, tracer: None, readiness };
            self.serve_connections(ReceiverStream::new(connections), None, parts, shutdown).await;
        });
        let connector = tower::service_fn(move |_: Uri| {
            let connect = connect.clone();
            async move {
                let (client, server) = tokio::io::duplex(PIPE_BYTES);
                connect
                    .send(Ok(Accepted { socket: server, peer: None }))
                    .await
                    .map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
                Ok::<_, io::Error>(TokioIo::new(client))
            }
        });
        // The address is never resolved: the connector uses the pipe.
        let endpoint = Endpoint::from_static("http://embedded");
        match endpoint.connect_with_connector(connector).await {
            Ok(channel) => Ok(EmbeddedServer { channel, stop, server }),
            Err(error) => {
                stop.cancel();
                Err(AppError::Embed(error))
            }
        }
    }
}

impl EmbeddedServer {
    /// Drains and closes the server. Afterwards another process can open the store.
    pub async fn close(self) {
        let Self { channel, stop, server } = self;
        drop(channel);
        stop.cancel();
        if let Err(error) = server.await {
            tracing::error!(%error, "the embedded server panicked");
        }
    }
}
