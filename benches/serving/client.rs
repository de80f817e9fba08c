//! A gRPC client that neither encodes nor decodes: the bytes of a request are made once, those of an answer are counted.
//!
//! It speaks HTTP/2 frames directly, so that on a shared machine the server has the processor.

use std::future::poll_fn;
use std::time::Duration;

use h2::client::{self, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream};
use prost::bytes::{BufMut as _, Bytes, BytesMut};
use tokio::net::TcpStream;
use tonic::codegen::http::{HeaderMap, Method, Request, Version};

/// The status of calls that ended without one, such as reset streams.
pub(crate) const BROKEN: u32 = 99;
/// More than any answer here, so that no server waits for the client.
const WINDOW: u32 = 16 << 20;

/// What is called, and with what.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn new(path: &'static str, message: &impl prost::Message) -> Self {
        Self { path, body: frame(&message.encode_to_vec()) }
    }
}

/// A message as gRPC sends it.
pub(crate) fn frame(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(5 + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap());
    framed.put_slice(message);
    framed.freeze()
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: usize,
    pub(crate) status: u32,
}

/// One connection. Clones share it.
#[derive(Clone)]
pub(crate) struct Line {
    send: SendRequest<Bytes>,
    port: u16,
}

impl Line {
    /// Connects, if somebody listens.
    pub(crate) async fn open(port: u16) -> Option<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        socket.set_nodelay(true).ok()?;
        let mut builder = client::Builder::new();
        builder.initial_window_size(WINDOW).initial_connection_window_size(4 * WINDOW);
        let (send, connection) = builder.handshake(socket).await.ok()?;
        tokio::spawn(connection);
        Some(Self { send, port })
    }

    /// Connects, once somebody listens.
    pub(crate) async fn wait_for(port: u16) -> Self {
        loop {
            if let Some(line) = Self::open(port).await {
                return line;
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }

    /// The head of a request: made once, cloned for every call.
    pub(crate) fn head(&self, path: &str) -> Request<()> {
        let uri = format!("http://127.0.0.1:{}{path}", self.port);
        let head = Request::builder().method(Method::POST).version(Version::HTTP_2).uri(uri);
        head.header("content-type", "application/grpc").header("te", "trailers").body(()).unwrap()
    }

    /// One call, to its end.
    pub(crate) async fn call(&mut self, head: Request<()>, body: Bytes) -> Answer {
        let broken = Answer { bytes: 0, status: BROKEN };
        let Ok((answer, mut sending)) = self.begin(head).await else { return broken };
        if sending.send_data(body, true).is_err() {
            return broken;
        }
        finish(answer).await.unwrap_or(broken)
    }

    /// Opens a stream, once the server takes one more.
    pub(crate) async fn begin(
        &mut self,
        head: Request<()>,
    ) -> Result<(ResponseFuture, h2::SendStream<Bytes>), h2::Error> {
        poll_fn(|context| self.send.poll_ready(context)).await?;
        self.send.send_request(head, false)
    }

    /// One call of a method, from nothing.
    pub(crate) async fn once(&mut self, call: &Call) -> Answer {
        self.call(self.head(call.path), call.body.clone()).await
    }
}

/// Reads an answer to its end.
pub(crate) async fn finish(answer: ResponseFuture) -> Result<Answer, h2::Error> {
    let (head, mut body) = answer.await?.into_parts();
    if let Some(status) = status(&head.headers) {
        return Ok(Answer { bytes: 0, status });
    }
    let bytes = count(&mut body).await?;
    let trailers = body.trailers().await?;
    Ok(Answer { bytes, status: trailers.as_ref().and_then(status).unwrap_or(BROKEN) })
}

async fn count(body: &mut RecvStream) -> Result<usize, h2::Error> {
    let mut bytes = 0;
    while let Some(chunk) = body.data().await {
        match chunk {
            Ok(chunk) => {
                bytes += chunk.len();
                body.flow_control().release_capacity(chunk.len())?;
            }
            // A server that has answered need not read on.
            Err(error) if error.reason() == Some(Reason::NO_ERROR) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

fn status(headers: &HeaderMap) -> Option<u32> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}
