//! Turns a panic into a response: a call that panics must not end its connection and thereby other calls.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use tonic::body::Body;
use tonic::codegen::http::Response;

use crate::api::status::{Refusal, refusal_status};

/// Resolves to the response of a call, or to an error if it panics.
pub(super) fn catch_panics<F>(mut reply: Pin<&mut F>) -> impl Future<Output = Response<Body>>
where
    F: Future<Output = Result<Response<Body>, Infallible>>,
{
    poll_fn(move |cx| {
        if let Ok(polled) = catch_unwind(AssertUnwindSafe(|| reply.as_mut().poll(cx))) {
            return polled.map(|Ok(response)| response);
        }
        tracing::error!("a call panicked");
        Poll::Ready(refusal_status(Refusal::Panic).into_http())
    })
}
