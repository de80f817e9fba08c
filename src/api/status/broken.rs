//! Tells a stream of requests that was broken off from one that is complete.
//!
//! The gRPC library shows a handler the same end for both when the client resets the stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http_body_util::BodyExt as _;
use tonic::body::Body;
use tonic::codegen::http::{Extensions, Request};

#[derive(Clone, Debug)]
struct Flag(Arc<AtomicBool>);

/// Watches the body of a request.
pub(crate) fn watch(request: Request<Body>) -> Request<Body> {
    let flag = Flag(Arc::new(AtomicBool::new(false)));
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(flag.clone());
    let body = body.map_err(move |error| {
        flag.0.store(true, Ordering::Release);
        error
    });
    Request::from_parts(parts, Body::new(body))
}

/// Tells, once a stream has ended, whether it was broken off. `extensions` are those of its request.
pub(crate) fn watched(extensions: &Extensions) -> impl Fn() -> bool + Send + Sync + use<> {
    let flag = extensions.get::<Flag>().cloned();
    move || flag.as_ref().is_some_and(|flag| flag.0.load(Ordering::Acquire))
}
