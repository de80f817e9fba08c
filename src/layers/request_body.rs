//! Monitors the body of a request: how much of it is buffered, whether it stalls, whether it is broken off.

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

use super::LayersState;
use super::admission::BufferLease;
use super::method_properties::MethodProperties;
use crate::api::status::aborted_stream::AbortFlag;
use crate::api::status::{Refusal, refusal_status};

/// A monitored body.
#[derive(Debug)]
struct MeteredRequestBody<B> {
    body: B,
    lease: Arc<BufferLease>,
    shared: Arc<LayersState>,
    /// For streams only: other calls are limited by their deadline, and their handlers need the whole body.
    stream: Option<StreamWatch>,
}

#[derive(Debug)]
struct StreamWatch {
    aborted: AbortFlag,
    /// Created when no data is available, and dropped when data arrives.
    idle: Option<Pin<Box<Sleep>>>,
}

/// Monitors the body of a request.
pub(super) fn meter<B>(
    mut request: Request<B>,
    method: &MethodProperties,
    lease: Arc<BufferLease>,
    shared: Arc<LayersState>,
) -> Request<Body>
where
    B: HttpBody<Data = Bytes, Error: Into<StdError>> + Send + Unpin + 'static,
{
    let stream = method
        .is_client_streaming
        .then(|| StreamWatch { aborted: AbortFlag::insert_into(request.extensions_mut()), idle: None });
    request.map(|body| Body::new(MeteredRequestBody { body, lease, shared, stream }))
}

impl<B> HttpBody for MeteredRequestBody<B>
where
    B: HttpBody<Data = Bytes, Error: Into<StdError>> + Unpin,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) else {
            return this.poll_idle_timeout(cx).map(|status| Some(Err(status)));
        };
        if let Some(stream) = &mut this.stream {
            stream.idle = None;
        }
        Poll::Ready(frame.map(|frame| match frame {
            Ok(frame) => this.reserve_frame(&frame).map(|()| frame),
            Err(error) => {
                if let Some(stream) = &this.stream {
                    stream.aborted.raise();
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

impl<B> MeteredRequestBody<B> {
    fn poll_idle_timeout(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        let limit: Duration = self.shared.body_timeout;
        let Some(stream) = &mut self.stream else { return Poll::Pending };
        ready!(stream.idle.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(cx));
        Poll::Ready(refusal_status(Refusal::Idle(limit)))
    }

    fn reserve_frame(&self, frame: &Frame<Bytes>) -> Result<(), Status> {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.lease.reserve(bytes, self.shared.max_request_bytes).map_err(|_| {
            self.shared.shedder.record();
            refusal_status(Refusal::Overloaded)
        })
    }
}
