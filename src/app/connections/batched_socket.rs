//! Collects what a connection writes, so that the responses of a batch of calls are sent together.
//!
//! The HTTP library flushes after each message above a few hundred bytes. Every flush costs a system call, and one or more
//! records with encryption. So a flush only marks the end of a message here, and the connection sends once it has nothing
//! more to write.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The maximum number of bytes that are collected: those of one TLS record.
const MAX_UNSENT_BYTES: usize = 16 * 1024;

/// A socket that collects small writes until [`BatchSender::send`] is called.
pub(super) struct BatchedSocket<C>(Arc<Mutex<Batch<C>>>);

/// Sends what a [`BatchedSocket`] has collected.
pub(super) struct BatchSender<C>(Arc<Mutex<Batch<C>>>);

struct Batch<C> {
    socket: C,
    unsent: Vec<u8>,
    /// The number of these bytes that the socket has accepted.
    accepted: usize,
    /// An error of [`BatchSender::send`], for the next read or write.
    error: Option<io::Error>,
}

impl<C> fmt::Debug for BatchedSocket<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchedSocket").field("unsent_bytes", &lock(&self.0).unsent.len()).finish_non_exhaustive()
    }
}

/// Only the task of the connection locks it, so that the lock is always free.
fn lock<C>(batch: &Mutex<Batch<C>>) -> MutexGuard<'_, Batch<C>> {
    batch.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wraps a socket to which nothing has been written.
pub(super) fn batch_writes<C>(socket: C) -> (BatchedSocket<C>, BatchSender<C>) {
    let batch = Arc::new(Mutex::new(Batch { socket, unsent: Vec::new(), accepted: 0, error: None }));
    (BatchedSocket(Arc::clone(&batch)), BatchSender(batch))
}

impl<C: AsyncWrite + Unpin> BatchSender<C> {
    /// Sends what is collected, as far as the socket takes it, and continues when called again after `cx` is woken. The
    /// next read or write reports an error.
    pub(super) fn send(&self, cx: &mut Context<'_>) {
        let mut batch = lock(&self.0);
        if batch.unsent.is_empty() {
            return;
        }
        if let Poll::Ready(Err(error)) = batch.poll_send(cx) {
            batch.unsent.clear();
            batch.error = Some(error);
            cx.waker().wake_by_ref();
        }
    }
}

impl<C: AsyncWrite + Unpin> Batch<C> {
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.unsent.get(self.accepted..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.socket).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.accepted += count;
        }
        self.unsent.clear();
        self.accepted = 0;
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn take_error(&mut self) -> io::Result<()> {
        self.error.take().map_or(Ok(()), Err)
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for BatchedSocket<C> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut batch = lock(&self.0);
        if let Some(error) = batch.error.take() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut batch.socket).poll_read(cx, into)
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for BatchedSocket<C> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut batch = lock(&self.0);
        batch.take_error()?;
        let bytes = parts.iter().map(|part| part.len()).sum::<usize>();
        if batch.unsent.len() + bytes > MAX_UNSENT_BYTES {
            ready!(batch.poll_send(cx))?;
        }
        if bytes > MAX_UNSENT_BYTES {
            return Pin::new(&mut batch.socket).poll_write_vectored(cx, parts);
        }
        for part in parts {
            batch.unsent.extend_from_slice(part);
        }
        Poll::Ready(Ok(bytes))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut batch = lock(&self.0);
        batch.take_error()?;
        if batch.unsent.is_empty() { Pin::new(&mut batch.socket).poll_flush(cx) } else { Poll::Ready(Ok(())) }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut batch = lock(&self.0);
        batch.take_error()?;
        if !batch.unsent.is_empty() {
            ready!(batch.poll_send(cx))?;
        }
        Pin::new(&mut batch.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// A socket that records each write, and takes as many bytes as it has room for.
    #[derive(Default)]
    struct RecordingSocket {
        writes: Vec<Vec<u8>>,
        room: usize,
        is_broken: bool,
    }

    impl AsyncWrite for RecordingSocket {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            if self.is_broken {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            let taken = bytes.len().min(self.room);
            if taken == 0 {
                return Poll::Pending;
            }
            self.room -= taken;
            self.writes.push(bytes[..taken].to_vec());
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncRead for RecordingSocket {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    fn batch_to(room: usize) -> (BatchedSocket<RecordingSocket>, BatchSender<RecordingSocket>) {
        batch_writes(RecordingSocket { room, ..RecordingSocket::default() })
    }

    fn now() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    fn write(socket: &mut BatchedSocket<RecordingSocket>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut *socket).poll_write(&mut now(), bytes);
        assert!(matches!(Pin::new(socket).poll_flush(&mut now()), Poll::Ready(Ok(()))));
        written
    }

    fn writes(sender: &BatchSender<RecordingSocket>) -> Vec<Vec<u8>> {
        lock(&sender.0).socket.writes.clone()
    }

    #[test]
    fn messages_are_sent_together() {
        let (mut socket, sender) = batch_to(usize::MAX);
        for message in [b"one ".as_slice(), b"two ", b"three"] {
            assert!(matches!(write(&mut socket, message), Poll::Ready(Ok(taken)) if taken == message.len()));
        }
        assert_eq!(writes(&sender), Vec::<Vec<u8>>::new());
        sender.send(&mut now());
        sender.send(&mut now());
        assert_eq!(writes(&sender), [b"one two three"]);
    }

    #[test]
    fn order_is_kept_for_messages_of_any_size() {
        let (mut socket, sender) = batch_to(usize::MAX);
        let messages: Vec<Vec<u8>> = [1, MAX_UNSENT_BYTES - 1, 1, MAX_UNSENT_BYTES + 1, 7, MAX_UNSENT_BYTES]
            .map(|size| vec![size as u8; size])
            .into();
        for message in &messages {
            assert!(matches!(write(&mut socket, message), Poll::Ready(Ok(taken)) if taken == message.len()));
        }
        sender.send(&mut now());
        assert_eq!(writes(&sender).concat(), messages.concat());
        assert_eq!(writes(&sender).len(), 5);
    }

    #[test]
    fn a_full_socket_continues_where_it_stopped() {
        let (mut socket, sender) = batch_to(5);
        assert!(write(&mut socket, b"one two three").is_ready());
        sender.send(&mut now());
        assert_eq!(writes(&sender), [b"one t"]);
        // What does not fit waits for the socket.
        assert!(write(&mut socket, &[0; MAX_UNSENT_BYTES]).is_pending());
        assert!(Pin::new(&mut socket).poll_shutdown(&mut now()).is_pending());
        lock(&sender.0).socket.room = usize::MAX;
        assert!(Pin::new(&mut socket).poll_shutdown(&mut now()).is_ready());
        assert_eq!(writes(&sender), [b"one t".as_slice(), b"wo three"]);
    }

    #[test]
    fn the_next_read_reports_an_error() {
        let (mut socket, sender) = batch_to(usize::MAX);
        assert!(write(&mut socket, b"one").is_ready());
        lock(&sender.0).socket.is_broken = true;
        sender.send(&mut now());
        let mut room = [0; 8];
        let read = Pin::new(&mut socket).poll_read(&mut now(), &mut ReadBuf::new(&mut room));
        assert!(matches!(read, Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe));
    }
}
