//! Turns a panic into an answer: one bad call must not end its connection, and with it other calls.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use tonic::body::Body;
use tonic::codegen::http::Request;

use super::step::{Reply, Step};
use crate::api::status::{Refusal, refuse};

/// The step.
#[derive(Clone, Copy, Debug)]
pub struct CatchPanics;

impl Step for CatchPanics {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let mut reply = next(request);
        Box::pin(poll_fn(move |cx| {
            catch_unwind(AssertUnwindSafe(|| reply.as_mut().poll(cx))).unwrap_or_else(|_| {
                tracing::error!("a call panicked");
                Poll::Ready(Ok(refuse(Refusal::Panic).into_http()))
            })
        }))
    }
}
