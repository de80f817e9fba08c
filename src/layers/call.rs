//! One call, from its arrival to the end of its answer: where it is logged, where it is counted, what it holds.
//!
//! Never an attribute's value, never an account's id.

use std::sync::Arc;

use tokio::time::Instant;
use tonic::Code;
use tonic::codegen::http::{HeaderMap, HeaderValue};
use tracing::{Span, debug, debug_span, info, warn};

use super::admission::{Held, Place};
use super::method::Method;

/// So much is told of the path of a method that there is not.
const MADE_UP_CHARS: usize = 128;

/// A call that has begun.
#[derive(Debug)]
pub(super) struct Call {
    /// What is logged during the call names it.
    pub(super) span: Span,
    /// Sent back with the answer.
    pub(super) id: Option<HeaderValue>,
    method: Arc<Method>,
    /// The path of a method that there is not.
    made_up: Option<String>,
    arrived: Instant,
    /// Room that is given back at the end.
    pub(super) place: Place,
    pub(super) held: Arc<Held>,
    ended: bool,
}

impl Call {
    /// A call that has just arrived.
    pub(super) fn begin(
        path: &str,
        id: Option<HeaderValue>,
        method: &Arc<Method>,
        arrived: Instant,
        held: Held,
    ) -> Self {
        let text = id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or_default();
        // Most calls have nothing to tell. Where they do not go well, the line at their end names them.
        let span = debug_span!("call", rpc.method = path, request.id = text);
        method.metrics.started();
        let made_up = method.path.is_empty().then(|| path.chars().take(MADE_UP_CHARS).collect());
        let (method, held) = (Arc::clone(method), Arc::new(held));
        Self { span, id, method, made_up, arrived, place: None, held, ended: false }
    }

    /// The call has ended so. Only the first end counts.
    pub(super) fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let seconds = self.arrived.elapsed().as_secs_f64();
        self.method.metrics.handled(code as usize, seconds);
        self.span.in_scope(|| self.log(code, seconds * 1e3));
    }

    /// What went well is no news, and of a flood that is turned away each call would be one line too many.
    fn log(&self, code: Code, latency_ms: f64) {
        macro_rules! line {
            ($level:ident, $text:literal) => {{
                let rpc_method = self.made_up.as_ref().unwrap_or(&self.method.path);
                let request_id = self.id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or_default();
                $level!(rpc.method = rpc_method, request.id = request_id, ?code, latency_ms, $text)
            }};
        }
        match code {
            Code::Ok | Code::Cancelled | Code::Unavailable => debug!(?code, latency_ms, "answered"),
            Code::Internal | Code::DataLoss | Code::Unknown => line!(warn, "failed"),
            Code::InvalidArgument
            | Code::DeadlineExceeded
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Unauthenticated => line!(info, "refused"),
        }
    }
}

impl Drop for Call {
    /// Whoever drops a call without an end has lost its caller.
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}

/// The code in headers or trailers; nothing where an answer has only begun.
pub(super) fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|value| Code::from_bytes(value.as_bytes()))
}
