//! A gRPC client without encoding and decoding: a request is encoded once, and only the bytes of a response are
//! counted.
//!
//! It uses HTTP/2 frames directly, to leave the processor to the server on a shared machine.

use std::future::poll_fn;
use std::time::Duration;

use h2::client::{self, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream};
use prost::bytes::{BufMut as _, Bytes, BytesMut};
use tokio::net::TcpStream;
use tonic::codegen::http::{HeaderMap, Method, Request, Version};

use crate::encryption;

/// The status of calls that ended without a gRPC status, such as reset streams.
pub(crate) const BROKEN_STATUS: u32 = 99;
/// Larger than any response of the bench, so that no server waits for flow control.
const WINDOW_BYTES: u32 = 16 << 20;

/// The method and the encoded request of a call.
#[derive(Clone, Debug)]
pub(crate) struct EncodedCall {
    pub(crate) path: &'static str,
    pub(crate) body: Bytes,
}

impl EncodedCall {
    pub(crate) fn new(path: &'static str, message: &impl prost::Message) -> Self {
        Self { path, body: grpc_frame(&message.encode_to_vec()) }
    }
}

/// Frames a message for gRPC.
pub(crate) fn grpc_frame(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(5 + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap());
    framed.put_slice(message);
    framed.freeze()
}

/// The result of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallResult {
    pub(crate) bytes: usize,
    pub(crate) status: u32,
}

/// A connection. Clones share it.
#[derive(Clone)]
pub(crate) struct ClientConnection {
    send: SendRequest<Bytes>,
    port: u16,
}

impl ClientConnection {
    /// Connects. Returns `None` if no server listens on the port.
    pub(crate) async fn open(port: u16) -> Option<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        socket.set_nodelay(true).ok()?;
        let mut builder = client::Builder::new();
        builder.initial_window_size(WINDOW_BYTES).initial_connection_window_size(4 * WINDOW_BYTES);
        let send = match encryption::connector() {
            None => {
                let (send, connection) = builder.handshake(socket).await.ok()?;
                tokio::spawn(connection);
                send
            }
            Some(connector) => {
                let socket = connector.connect("localhost".try_into().ok()?, socket).await.ok()?;
                let (send, connection) = builder.handshake(socket).await.ok()?;
                tokio::spawn(connection);
                send
            }
        };
        Some(Self { send, port })
    }

    /// Connects as soon as a server listens on the port.
    pub(crate) async fn wait_for(port: u16) -> Self {
        loop {
            if let Some(line) = Self::open(port).await {
                return line;
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }

    /// Creates the head of a request, which is cloned for each call.
    pub(crate) fn request_head(&self, path: &str) -> Request<()> {
        let scheme = if encryption::connector().is_some() { "https" } else { "http" };
        let uri = format!("{scheme}://127.0.0.1:{}{path}", self.port);
        let head = Request::builder().method(Method::POST).version(Version::HTTP_2).uri(uri);
        head.header("content-type", "application/grpc").header("te", "trailers").body(()).unwrap()
    }

    /// Makes a call and waits for its end.
    pub(crate) async fn send_body(&mut self, head: Request<()>, body: Bytes) -> CallResult {
        let broken = CallResult { bytes: 0, status: BROKEN_STATUS };
        let Ok((answer, mut sending)) = self.start_request(head).await else { return broken };
        if sending.send_data(body, true).is_err() {
            return broken;
        }
        finish_response(answer).await.unwrap_or(broken)
    }

    /// Opens a stream as soon as the server accepts another one.
    pub(crate) async fn start_request(
        &mut self,
        head: Request<()>,
    ) -> Result<(ResponseFuture, h2::SendStream<Bytes>), h2::Error> {
        poll_fn(|context| self.send.poll_ready(context)).await?;
        self.send.send_request(head, false)
    }

    /// Makes a call of a method, including its head.
    pub(crate) async fn send(&mut self, call: &EncodedCall) -> CallResult {
        self.send_body(self.request_head(call.path), call.body.clone()).await
    }
}

/// Reads a response to its end.
pub(crate) async fn finish_response(answer: ResponseFuture) -> Result<CallResult, h2::Error> {
    let (head, mut body) = answer.await?.into_parts();
    if let Some(status) = grpc_status(&head.headers) {
        return Ok(CallResult { bytes: 0, status });
    }
    let bytes = count_bytes(&mut body).await?;
    let trailers = body.trailers().await?;
    Ok(CallResult { bytes, status: trailers.as_ref().and_then(grpc_status).unwrap_or(BROKEN_STATUS) })
}

async fn count_bytes(body: &mut RecvStream) -> Result<usize, h2::Error> {
    let mut bytes = 0;
    while let Some(chunk) = body.data().await {
        match chunk {
            Ok(chunk) => {
                bytes += chunk.len();
                body.flow_control().release_capacity(chunk.len())?;
            }
            // The server may stop reading after its response.
            Err(error) if error.reason() == Some(Reason::NO_ERROR) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

fn grpc_status(headers: &HeaderMap) -> Option<u32> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}
