//! Tells a stream of requests that was broken off from one that is complete.
//!
//! The gRPC library shows a handler the same end for both when the client resets the stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tonic::codegen::http::Extensions;

/// Whether a stream was broken off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    /// A flag that the handler of a request with these extensions sees.
    pub(crate) fn within(extensions: &mut Extensions) -> Self {
        let flag = Self::default();
        extensions.insert(flag.clone());
        flag
    }

    /// The stream was broken off.
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Tells, once a stream has ended, whether it was broken off. `extensions` are those of its request.
pub(crate) fn watched(extensions: &Extensions) -> impl Fn() -> bool + Send + Sync + use<> {
    let flag = extensions.get::<Flag>().cloned();
    move || flag.as_ref().is_some_and(|flag| flag.0.load(Ordering::Acquire))
}
