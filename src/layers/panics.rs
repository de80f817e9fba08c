//! Turns a panic into an answer: one bad call must not end its connection, and with it other calls.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use tonic::body::Body;
use tonic::codegen::http::Response;

use crate::api::status::{Refusal, refuse};

/// What a call comes to, whatever it does.
pub(super) fn caught<F>(mut reply: Pin<&mut F>) -> impl Future<Output = Response<Body>>
where
    F: Future<Output = Result<Response<Body>, Infallible>>,
{
    poll_fn(move |cx| {
        if let Ok(polled) = catch_unwind(AssertUnwindSafe(|| reply.as_mut().poll(cx))) {
            return polled.map(|Ok(response)| response);
        }
        tracing::error!("a call panicked");
        Poll::Ready(refuse(Refusal::Panic).into_http())
    })
}
