//! A socket of the server, encrypted or not.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

/// A socket. Its handshake is a part of the first read or write, so that the time limits of connections include it.
#[derive(Debug)]
pub(in crate::app) enum ServerSocket {
    /// Without encryption.
    Plain(TcpStream),
    /// Before the handshake is complete.
    Handshake(HandshakeInProgress),
    /// After the handshake.
    Encrypted(Box<TlsStream<TcpStream>>),
    /// After a handshake that failed.
    Closed,
}

/// A handshake.
pub(in crate::app) struct HandshakeInProgress(Box<Accept<TcpStream>>);

impl std::fmt::Debug for HandshakeInProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandshakeInProgress")
    }
}

impl ServerSocket {
    /// A socket that is encrypted if there is a configuration.
    pub(in crate::app) fn new(socket: TcpStream, config: Option<Arc<ServerConfig>>) -> Self {
        match config {
            None => Self::Plain(socket),
            Some(config) => Self::Handshake(HandshakeInProgress(Box::new(TlsAcceptor::from(config).accept(socket)))),
        }
    }

    /// Completes the handshake, if there is one.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Ready<'_>>> {
        if let Self::Handshake(HandshakeInProgress(handshake)) = self {
            let completed = ready!(Pin::new(&mut **handshake).poll(cx));
            // A handshake must not be polled after its end, and the HTTP library may write after a failed read.
            *self = Self::Closed;
            *self = Self::Encrypted(Box::new(completed?));
        }
        Poll::Ready(match self {
            Self::Plain(socket) => Ok(Ready::Plain(Pin::new(socket))),
            Self::Encrypted(socket) => Ok(Ready::Encrypted(Pin::new(&mut **socket))),
            Self::Handshake(_) | Self::Closed => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

/// A socket after its handshake.
enum Ready<'a> {
    Plain(Pin<&'a mut TcpStream>),
    Encrypted(Pin<&'a mut TlsStream<TcpStream>>),
}

macro_rules! poll_socket {
    ($self:ident, $cx:ident, $method:ident($($argument:expr),*)) => {
        match ready!($self.get_mut().poll_ready($cx))? {
            Ready::Plain(socket) => socket.$method($cx $(, $argument)*),
            Ready::Encrypted(socket) => socket.$method($cx $(, $argument)*),
        }
    };
}

impl AsyncRead for ServerSocket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        poll_socket!(self, cx, poll_read(buf))
    }
}

impl AsyncWrite for ServerSocket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        poll_socket!(self, cx, poll_write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_socket!(self, cx, poll_write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_socket!(self, cx, poll_flush())
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_socket!(self, cx, poll_shutdown())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_socket_can_be_used_after_a_failed_handshake_and_reports_errors() {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.write_all(b"not a client hello").await.unwrap();
        let mut socket = ServerSocket::new(listener.accept().await.unwrap().0, Some(Arc::new(config)));
        assert_eq!(socket.read(&mut [0; 8]).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(socket.write(b"x").await.unwrap_err().kind(), io::ErrorKind::NotConnected);
        assert_eq!(socket.read(&mut [0; 8]).await.unwrap_err().kind(), io::ErrorKind::NotConnected);
        let closed = poll_fn(|cx| Pin::new(&mut socket).poll_shutdown(cx)).await;
        assert_eq!(closed.unwrap_err().kind(), io::ErrorKind::NotConnected);
    }
}
