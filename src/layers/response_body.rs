//! Watches an answer on its way out: its call ends with it, and it ends with its call.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tonic::body::Body;
use tonic::codegen::http::Response;
use tonic::{Code, Status};

use super::Shared;
use super::call::{Call, code};
use super::deadline::Limit;
use crate::api::status::{Refusal, refuse};

/// An answer that is watched.
struct Watched {
    body: Body,
    call: Call,
    limit: Limit,
    shared: Arc<Shared>,
    /// When the call has to end. Made when the answer first waits: most never do.
    over: Option<Pin<Box<dyn Future<Output = Refusal> + Send>>>,
    finished: bool,
}

/// Ends the call with its answer. A refusal has ended already.
pub(super) fn watched(response: Response<Body>, mut call: Call, limit: Limit, shared: Arc<Shared>) -> Response<Body> {
    let told = code(response.headers());
    if told.is_some() || response.body().is_end_stream() {
        call.end(told.unwrap_or(Code::Ok));
        return response;
    }
    response.map(|body| Body::new(Watched { body, call, limit, shared, over: None, finished: false }))
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        if this.finished {
            return Poll::Ready(None);
        }
        let polled = this.call.span.in_scope(|| Pin::new(&mut this.body).poll_frame(cx));
        let Poll::Ready(frame) = polled else { return this.waits(cx) };
        match &frame {
            None => this.call.end(Code::Ok),
            Some(Err(status)) => this.call.end(status.code()),
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.call.end(code(trailers).unwrap_or(Code::Ok));
                } else if this.body.is_end_stream() {
                    // Nobody asks for more of what has said that it is complete.
                    this.call.end(Code::Ok);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.finished || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Watched {
    /// Ends an answer whose time is over: with a status, as every answer ends.
    fn waits(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let (limit, shared) = (self.limit, &self.shared);
        let over = self.over.get_or_insert_with(|| {
            let shared = Arc::clone(shared);
            Box::pin(async move { limit.ended(&shared.cut).await })
        });
        over.as_mut().poll(cx).map(|refusal| {
            let status = refuse(refusal);
            self.call.end(status.code());
            self.finished = true;
            self.body = Body::empty();
            Some(Ok(Frame::trailers(status.into_http::<()>().into_parts().0.headers)))
        })
    }
}
