//! A layer as one function around the rest of the call.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tower::{Layer, Service};

/// The answer to come. Infallible: every failure is an answer with a status.
pub(super) type Reply = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// What a layer does.
pub(super) trait Step: Clone + Send + 'static {
    /// Handles a call; `next` is the rest of it. What has to happen at the arrival happens before the reply is polled.
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply;
}

/// Makes a layer of a step.
#[derive(Clone, Debug)]
pub struct Around<P>(pub(super) P);

impl<P: Clone, S> Layer<S> for Around<P> {
    type Service = Stage<P, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Stage { step: self.0.clone(), inner }
    }
}

/// A step with the rest of the call below it.
#[derive(Clone, Debug)]
pub struct Stage<P, S> {
    step: P,
    inner: S,
}

impl<P, S> Service<Request<Body>> for Stage<P, S>
where
    P: Step,
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Reply;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Reply {
        let Self { step, inner } = self;
        step.around(request, |request| Box::pin(inner.call(request)))
    }
}
