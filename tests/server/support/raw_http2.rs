//! A client that sends raw HTTP/2 frames.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Frame types.
pub(crate) const DATA: u8 = 0;
/// See [`DATA`].
pub(crate) const HEADERS: u8 = 1;
/// See [`DATA`].
pub(crate) const RST_STREAM: u8 = 3;
/// See [`DATA`].
pub(crate) const SETTINGS: u8 = 4;
/// See [`DATA`].
pub(crate) const PING: u8 = 6;
/// See [`DATA`].
pub(crate) const GOAWAY: u8 = 7;
/// See [`DATA`].
pub(crate) const CONTINUATION: u8 = 9;

/// The flag for the end of a stream; on a ping, the flag for an acknowledgment.
pub(crate) const END_STREAM: u8 = 1;
/// The flag for the end of the headers.
pub(crate) const END_HEADERS: u8 = 4;

/// A received frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// Encodes a frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Encodes the headers of a call as literals.
pub(crate) fn headers(path: &str) -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name, value] {
            bytes.push(u8::try_from(text.len()).unwrap());
            bytes.extend(text.bytes());
        }
    }
    bytes
}

/// A TCP connection to the server.
pub(crate) struct RawConnection(pub(crate) TcpStream);

impl RawConnection {
    /// Connects without sending anything.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Connects, and sends the preface and the settings.
    pub(crate) async fn handshake(address: SocketAddr) -> Self {
        let mut raw = Self::connect(address).await;
        raw.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        raw.send(&frame(SETTINGS, 0, 0, &[])).await;
        raw
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // The server may close the connection during a flood.
        let _cut_off = self.0.write_all(bytes).await;
    }

    /// The next frame; `None` if the connection has ended.
    pub(crate) async fn next_frame(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let [high, middle, low, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        self.0.read_exact(&mut payload).await.ok()?;
        Some(Frame { kind, flags, stream: u32::from_be_bytes(stream), payload })
    }

    /// The next frame of a type. Answers pings in the meantime.
    pub(crate) async fn next_frame_of_kind(&mut self, kind: u8) -> Option<Frame> {
        loop {
            let next = self.next_frame().await?;
            if next.kind == kind {
                return Some(next);
            }
            if next.kind == PING && next.flags & END_STREAM == 0 {
                self.send(&frame(PING, END_STREAM, 0, &next.payload)).await;
            }
        }
    }

    /// Waits for the end of the connection.
    pub(crate) async fn wait_closed(&mut self) {
        while self.next_frame().await.is_some() {}
    }
}
