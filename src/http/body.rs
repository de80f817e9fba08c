//! The body of a gRPC call, converted from the body of an HTTP request when the call reads it.
//!
//! Reading and parsing of JSON are therefore subject to the limits and deadlines of calls: a slow body runs into the
//! deadline of its call, and the body of a rejected call is not read at all.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as HttpBody, Bytes, Frame};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::StdError;

use super::decode::{RequestContent, RequestDecoder};
use super::request_error::HttpRequestError;
use crate::api::decoding_limits::decode_message;

/// The length of the prefix of a gRPC message, in bytes: a compression flag and the message length.
pub(super) const PREFIX_BYTES: usize = 5;

/// Encodes a message as a gRPC frame.
fn grpc_frame(message: &[u8]) -> Result<Bytes, HttpRequestError> {
    let length =
        u32::try_from(message.len()).map_err(|_| HttpRequestError::TooLarge { max_bytes: u32::MAX as usize })?;
    let mut bytes = Vec::with_capacity(PREFIX_BYTES + message.len());
    bytes.push(0);
    bytes.extend(length.to_be_bytes());
    bytes.extend(message);
    Ok(bytes.into())
}

/// Creates the body of a call from a complete message.
///
/// # Errors
/// Returns an error if the message is longer than a frame can be.
pub(super) fn from_message(message: &[u8]) -> Result<Body, HttpRequestError> {
    Ok(Body::new(Full::new(grpc_frame(message)?)))
}

/// Creates the body of a call whose message is decoded from JSON of at most `max_bytes` bytes.
pub(super) fn from_json<B>(json: B, max_bytes: usize, reader: RequestDecoder, names: Vec<String>) -> Body
where
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<StdError>,
{
    let reading = async move {
        let body = Limited::new(json, max_bytes).collect().await.map_err(|error| body_error(&*error, max_bytes))?;
        let json = body.to_bytes();
        Ok(decode_message(json.len(), || grpc_frame(&reader(RequestContent::Body(&json), &names)?))?)
    };
    Body::new(DecodedBody { decoding: Some(Box::pin(reading)) })
}

fn body_error(error: &(dyn Error + 'static), max_bytes: usize) -> HttpRequestError {
    if error.is::<LengthLimitError>() { HttpRequestError::TooLarge { max_bytes } } else { HttpRequestError::Incomplete }
}

/// The pending decoding.
type DecodingFuture = Pin<Box<dyn Future<Output = Result<Bytes, Status>> + Send>>;

/// A body of one frame that is decoded when it is first polled.
struct DecodedBody {
    decoding: Option<DecodingFuture>,
}

impl HttpBody for DecodedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(reading) = &mut self.decoding else { return Poll::Ready(None) };
        let read = ready!(reading.as_mut().poll(cx));
        self.decoding = None;
        Poll::Ready(Some(read.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.decoding.is_none()
    }
}
