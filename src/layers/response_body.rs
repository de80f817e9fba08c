//! Monitors a response body: the call ends with its response, and the response ends with its call.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tonic::body::Body;
use tonic::codegen::http::Response;
use tonic::{Code, Status};

use super::LayersState;
use super::call::{CallGuard, grpc_code};
use super::deadline::CallDeadline;
use super::delivery::Delivery;
use crate::api::status::{Refusal, refusal_status};

/// The maximum size of a part that is given to the connection, in bytes. A slow client makes progress with each part, and
/// the library buffers no more than one for a client that reads nothing.
const MAX_PART_BYTES: usize = 64 << 10;

/// A monitored response body.
struct MonitoredResponseBody {
    body: Body,
    /// The rest of the last frame of the body.
    rest: Bytes,
    call: CallGuard,
    deadline: CallDeadline,
    shared: Arc<LayersState>,
    /// Resolves when the call must end. Created when the response first waits, which most never do.
    cutoff: Option<Pin<Box<dyn Future<Output = Refusal> + Send>>>,
    /// `None` if no connection watches the call.
    delivery: Option<Arc<Delivery>>,
    is_finished: bool,
}

/// Ends the call with its response. A refusal has ended already.
pub(super) fn monitor(
    response: Response<Body>,
    mut call: CallGuard,
    limit: CallDeadline,
    shared: Arc<LayersState>,
) -> Response<Body> {
    let code = grpc_code(response.headers());
    if code.is_some() || response.body().is_end_stream() {
        call.end(code.unwrap_or(Code::Ok));
        return response;
    }
    let delivery = Delivery::current();
    if let Some(delivery) = &delivery {
        delivery.set_deadline(limit.end());
        delivery.block();
    }
    response.map(|body| {
        Body::new(MonitoredResponseBody {
            body,
            rest: Bytes::new(),
            call,
            deadline: limit,
            shared,
            cutoff: None,
            delivery,
            is_finished: false,
        })
    })
}

impl HttpBody for MonitoredResponseBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        if this.is_finished {
            return Poll::Ready(None);
        }
        if !this.rest.is_empty() {
            this.delivery.iter().for_each(|delivery| delivery.block());
            return Poll::Ready(Some(Ok(this.next_part())));
        }
        let polled = this.call.run(|| Pin::new(&mut this.body).poll_frame(cx));
        let Poll::Ready(frame) = polled else {
            this.delivery.iter().for_each(|delivery| delivery.unblock());
            return this.poll_cutoff(cx);
        };
        this.delivery.iter().for_each(|delivery| delivery.block());
        match &frame {
            None => this.call.end(Code::Ok),
            Some(Err(status)) => this.call.end(status.code()),
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.call.end_with_trailers(trailers);
                }
            }
        }
        match frame {
            Some(Ok(frame)) if frame.is_data() => {
                this.rest = frame.into_data().unwrap_or_default();
                Poll::Ready(Some(Ok(this.next_part())))
            }
            other => Poll::Ready(other),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_finished || self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.rest.is_empty() { self.body.size_hint() } else { SizeHint::default() }
    }
}

impl MonitoredResponseBody {
    /// Takes the next part of the last frame.
    fn next_part(&mut self) -> Frame<Bytes> {
        let part = self.rest.split_to(self.rest.len().min(MAX_PART_BYTES));
        if self.rest.is_empty() && self.body.is_end_stream() {
            // A body that reports its end is not polled again.
            self.call.end(Code::Ok);
        }
        Frame::data(part)
    }

    /// Ends a response at its deadline, with a status as every response.
    fn poll_cutoff(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let (limit, shared) = (self.deadline, &self.shared);
        let cutoff = self.cutoff.get_or_insert_with(|| {
            let shared = Arc::clone(shared);
            Box::pin(async move { limit.wait_for_end(&shared.abort).await })
        });
        cutoff.as_mut().poll(cx).map(|refusal| {
            let status = refusal_status(refusal);
            self.call.end(status.code());
            self.is_finished = true;
            self.body = Body::empty();
            Some(Ok(Frame::trailers(status.into_http::<()>().into_parts().0.headers)))
        })
    }
}
