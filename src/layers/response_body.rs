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
use crate::api::status::{Refusal, refusal_status};

/// A monitored response body.
struct MonitoredResponseBody {
    body: Body,
    call: CallGuard,
    deadline: CallDeadline,
    shared: Arc<LayersState>,
    /// Resolves when the call must end. Created when the response first waits, which most never do.
    cutoff: Option<Pin<Box<dyn Future<Output = Refusal> + Send>>>,
    is_finished: bool,
}

/// Ends the call with its response. A refusal has ended already.
pub(super) fn monitor(
    response: Response<Body>,
    mut call: CallGuard,
    limit: CallDeadline,
    shared: Arc<LayersState>,
) -> Response<Body> {
    let told = grpc_code(response.headers());
    if told.is_some() || response.body().is_end_stream() {
        call.end(told.unwrap_or(Code::Ok));
        return response;
    }
    response.map(|body| {
        Body::new(MonitoredResponseBody { body, call, deadline: limit, shared, cutoff: None, is_finished: false })
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
        let polled = this.call.span.in_scope(|| Pin::new(&mut this.body).poll_frame(cx));
        let Poll::Ready(frame) = polled else { return this.poll_cutoff(cx) };
        match &frame {
            None => this.call.end(Code::Ok),
            Some(Err(status)) => this.call.end(status.code()),
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.call.end(grpc_code(trailers).unwrap_or(Code::Ok));
                } else if this.body.is_end_stream() {
                    // A body that reports its end is not polled again.
                    this.call.end(Code::Ok);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.is_finished || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl MonitoredResponseBody {
    /// Ends a response at its deadline, with a status as every response.
    fn poll_cutoff(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let (limit, shared) = (self.deadline, &self.shared);
        let over = self.cutoff.get_or_insert_with(|| {
            let shared = Arc::clone(shared);
            Box::pin(async move { limit.wait_for_end(&shared.abort).await })
        });
        over.as_mut().poll(cx).map(|refusal| {
            let status = refusal_status(refusal);
            self.call.end(status.code());
            self.is_finished = true;
            self.body = Body::empty();
            Some(Ok(Frame::trailers(status.into_http::<()>().into_parts().0.headers)))
        })
    }
}
