//! What a peer sends, on its way to the HTTP library: when it has begun to speak, and whether it means to wear us down.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::frames::Frames;

/// Whether a connection has brought its preface and the head of a first frame.
#[derive(Debug, Default)]
pub(super) struct Opened(AtomicBool);

impl Opened {
    /// Whether the first frame has come.
    pub(super) fn yet(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A socket whose incoming frames are looked at.
#[derive(Debug)]
pub(super) struct Opening<C> {
    socket: C,
    frames: Frames,
    opened: Arc<Opened>,
}

impl<C> Opening<C> {
    /// Around a socket from which nothing was read yet; tells `opened` when its first frame has come.
    pub(super) fn new(socket: C, opened: Arc<Opened>) -> Self {
        Self { socket, frames: Frames::default(), opened }
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for Opening<C> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let this = &mut *self;
        ready!(Pin::new(&mut this.socket).poll_read(cx, into))?;
        let new = into.filled().get(before..).unwrap_or_default();
        this.frames.pass(new, Instant::now).map_err(|flood| io::Error::new(io::ErrorKind::InvalidData, flood))?;
        if this.frames.begun() && !this.opened.yet() {
            this.opened.0.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Opening<C> {
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
