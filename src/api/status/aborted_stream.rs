//! Detects whether a stream of requests was aborted.
//!
//! When the client resets the stream, the gRPC library shows the handler the same end as for a complete stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tonic::codegen::http::Extensions;

/// Whether a stream was aborted.
#[derive(Clone, Debug, Default)]
pub(crate) struct AbortFlag(Arc<AtomicBool>);

impl AbortFlag {
    /// Inserts a flag that the handler of the request can check.
    pub(crate) fn insert_into(extensions: &mut Extensions) -> Self {
        let flag = Self::default();
        extensions.insert(flag.clone());
        flag
    }

    /// Marks the stream as aborted.
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Returns a check for whether a stream that has ended was aborted. `extensions` are those of its request.
pub(crate) fn abort_check(extensions: &Extensions) -> impl Fn() -> bool + Send + Sync + use<> {
    let flag = extensions.get::<AbortFlag>().cloned();
    move || flag.as_ref().is_some_and(|flag| flag.0.load(Ordering::Acquire))
}
