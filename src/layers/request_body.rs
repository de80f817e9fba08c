//! Watches the body of a request on its way in: how much of it is held, whether it goes on, whether it was broken off.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::codegen::http::Request;

use super::Shared;
use super::admission::Held;
use super::method::Method;
use crate::api::status::broken::Flag;
use crate::api::status::{Refusal, refuse};

/// A body that is watched.
#[derive(Debug)]
struct Watched<B> {
    body: B,
    held: Arc<Held>,
    shared: Arc<Shared>,
    /// Of streams alone: other calls are bounded by their deadline, and whoever reads them needs the whole of them.
    stream: Option<StreamWatch>,
}

#[derive(Debug)]
struct StreamWatch {
    broken: Flag,
    /// Made when nothing is there to be read, and dropped when something comes.
    idle: Option<Pin<Box<Sleep>>>,
}

/// Watches the body of a request.
pub(super) fn watched<B>(
    mut request: Request<B>,
    method: &Method,
    held: Arc<Held>,
    shared: Arc<Shared>,
) -> Request<Body>
where
    B: HttpBody<Data = Bytes, Error: Into<StdError>> + Send + Unpin + 'static,
{
    let stream = method.streams_in.then(|| StreamWatch { broken: Flag::within(request.extensions_mut()), idle: None });
    request.map(|body| Body::new(Watched { body, held, shared, stream }))
}

impl<B> HttpBody for Watched<B>
where
    B: HttpBody<Data = Bytes, Error: Into<StdError>> + Unpin,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) else {
            return this.waits(cx).map(|status| Some(Err(status)));
        };
        if let Some(stream) = &mut this.stream {
            stream.idle = None;
        }
        Poll::Ready(frame.map(|frame| match frame {
            Ok(frame) => this.holds(&frame).map(|()| frame),
            Err(error) => {
                if let Some(stream) = &this.stream {
                    stream.broken.raise();
                }
                Err(Status::from_error(error.into()))
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Watched<B> {
    fn waits(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        let limit: Duration = self.shared.body_timeout;
        let Some(stream) = &mut self.stream else { return Poll::Pending };
        ready!(stream.idle.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(cx));
        Poll::Ready(refuse(Refusal::Idle(limit)))
    }

    fn holds(&self, frame: &Frame<Bytes>) -> Result<(), Status> {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.held.hold(bytes, self.shared.most_in).map_err(|_| {
            self.shared.shedding.one();
            refuse(Refusal::Overloaded)
        })
    }
}
