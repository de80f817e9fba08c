//! A proxy in front of a database that can stop to forward, as a network that is cut off does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A proxy; lives as long as the runtime.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    is_cut: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts a proxy in front of a port of this machine.
    pub(crate) async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_cut = Arc::new(AtomicBool::new(false));
        let cut = Arc::clone(&is_cut);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { continue };
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                tokio::spawn(forward(from_client, to_server, Arc::clone(&cut)));
                tokio::spawn(forward(from_server, to_client, Arc::clone(&cut)));
            }
        });
        Self { port, is_cut }
    }

    /// Drops all bytes from now on, without closing a connection.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::Relaxed);
    }

    /// Forwards again. Connections that lost bytes stay silent.
    pub(crate) fn mend(&self) {
        self.is_cut.store(false, Ordering::Relaxed);
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_cut: Arc<AtomicBool>) {
    let mut buffer = vec![0; 1 << 16];
    let mut has_lost = false;
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        has_lost = has_lost || is_cut.load(Ordering::Relaxed);
        if has_lost {
            continue;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    while has_lost && is_cut.load(Ordering::Relaxed) {
        // The end of a connection does not arrive either.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
