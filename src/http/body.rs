//! The body of a call, made of the body of a request when the call asks for it.
//!
//! So what admits calls and ends them also bounds the reading and parsing of JSON: a body that comes slowly runs into the
//! deadline of its call, and one that would be too many is not read at all.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as HttpBody, Bytes, Frame};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::StdError;

use super::malformed::Malformed;
use super::read::Reader;

/// Bytes before a message: whether it is compressed, and its length.
pub(super) const PREFIX_BYTES: usize = 5;

/// A message as a gRPC body holds it.
fn frame(message: &[u8]) -> Result<Bytes, Malformed> {
    let length = u32::try_from(message.len()).map_err(|_| Malformed::TooLarge { most: u32::MAX as usize })?;
    let mut bytes = Vec::with_capacity(PREFIX_BYTES + message.len());
    bytes.push(0);
    bytes.extend(length.to_be_bytes());
    bytes.extend(message);
    Ok(bytes.into())
}

/// The body of a call whose message is there already.
///
/// # Errors
/// Where the message is longer than any frame.
pub(super) fn ready(message: &[u8]) -> Result<Body, Malformed> {
    Ok(Body::new(Full::new(frame(message)?)))
}

/// The body of a call whose message is read from JSON of at most `most` bytes.
pub(super) fn read<B>(json: B, most: usize, reader: Reader, version: String) -> Body
where
    B: HttpBody + Send + 'static,
    B::Data: Send,
    B::Error: Into<StdError>,
{
    let reading = async move {
        let body = Limited::new(json, most).collect().await.map_err(|error| broken(&*error, most))?;
        Ok(frame(&reader(&body.to_bytes(), &version)?)?)
    };
    Body::new(Read { reading: Some(Box::pin(reading)) })
}

fn broken(error: &(dyn Error + 'static), most: usize) -> Malformed {
    if error.is::<LengthLimitError>() { Malformed::TooLarge { most } } else { Malformed::Broken }
}

/// What is under way.
type Reading = Pin<Box<dyn Future<Output = Result<Bytes, Status>> + Send>>;

/// A body of one frame that is still to come.
struct Read {
    reading: Option<Reading>,
}

impl HttpBody for Read {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let read = ready!(reading.as_mut().poll(cx));
        self.reading = None;
        Poll::Ready(Some(read.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.reading.is_none()
    }
}
