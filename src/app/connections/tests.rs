//! The accept loop with connections that fail, and the tasks that remain at the end.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tonic::service::Routes;
use tower::Layer as _;

use super::*;
use crate::access::Authorizer;
use crate::config::Settings;
use crate::layers::Layers;

fn connections_and_service() -> (Connections, LayeredService<Routes>) {
    let (settings, metrics) = (Settings::default(), Metrics::default());
    let calls =
        Layers::new(&settings, Authorizer::Open, (&metrics, None), CancellationToken::new()).layer(Routes::default());
    (Connections::new(ConnectionLimits::new(&settings.server), metrics), calls)
}

/// Sends an HTTP/2 preface, and reads the server's first frames.
async fn complete_handshake(client: &mut DuplexStream) -> u8 {
    client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut head = [0; 9];
    client.read_exact(&mut head).await.unwrap();
    head[3]
}

#[tokio::test]
async fn accepting_continues_after_an_accept_error() {
    const NO_FREE_FILE: i32 = 24;
    const SETTINGS: u8 = 4;
    let (connections, calls) = connections_and_service();
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let come = vec![
        Err(io::ErrorKind::ConnectionAborted.into()),
        Err(io::Error::from_raw_os_error(NO_FREE_FILE)),
        Err(io::Error::from_raw_os_error(NO_FREE_FILE)),
        Ok(Accepted { socket: server, peer: None }),
    ];
    let began = std::time::Instant::now();
    connections.accept(tokio_stream::iter(come), &calls).await;
    assert!(began.elapsed() >= Duration::from_millis(20 + 40), "it waits for the machine, longer each time");
    assert_eq!(complete_handshake(&mut client).await, SETTINGS);
    assert!(connections.metrics.render().contains("sweetspot_connections 1\n"));
    connections.stop();
    drop(client);
    connections.wait().await;
    assert!(connections.metrics.render().contains("sweetspot_connections 0\n"));
}

#[tokio::test]
async fn a_closed_connection_ends_although_its_client_is_silent() {
    let (connections, calls) = connections_and_service();
    let (mut client, server) = tokio::io::duplex(1 << 16);
    connections.accept(tokio_stream::iter([Ok(Accepted { socket: server, peer: None })]), &calls).await;
    complete_handshake(&mut client).await;
    connections.stop();
    connections.close().await;
    connections.wait().await;
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
}
