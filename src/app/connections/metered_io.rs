//! Meters the bytes that a peer sends: whether it has started to speak, and whether it floods the server.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::frame_budget::FrameBudget;

/// Whether a connection has received its preface and the header of a first frame.
#[derive(Debug, Default)]
pub(super) struct HandshakeFlag(AtomicBool);

impl HandshakeFlag {
    /// Whether the first frame has arrived.
    pub(super) fn is_done(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A socket whose incoming frames are inspected.
#[derive(Debug)]
pub(super) struct MeteredIo<C> {
    socket: C,
    budget: FrameBudget,
    handshake: Arc<HandshakeFlag>,
}

impl<C> MeteredIo<C> {
    /// Wraps a socket from which nothing has been read; sets `opened` once its first frame has arrived.
    pub(super) fn new(socket: C, opened: Arc<HandshakeFlag>) -> Self {
        Self { socket, budget: FrameBudget::default(), handshake: opened }
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for MeteredIo<C> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let this = &mut *self;
        ready!(Pin::new(&mut this.socket).poll_read(cx, into))?;
        let new = into.filled().get(before..).unwrap_or_default();
        this.budget.observe(new, Instant::now).map_err(|flood| io::Error::new(io::ErrorKind::InvalidData, flood))?;
        if this.budget.has_begun() && !this.handshake.is_done() {
            this.handshake.0.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for MeteredIo<C> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}
