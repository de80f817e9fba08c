//! One call, from its arrival to the end of its response: logging, metrics, and the resources that it holds.
//!
//! Attribute values and account ids are never logged.

use std::sync::Arc;

use tokio::time::Instant;
use tonic::Code;
use tonic::codegen::http::{HeaderMap, HeaderValue};
use tracing::{Span, debug, debug_span, info, warn};

use super::admission::{BufferLease, Permit};
use super::method_properties::MethodProperties;

/// The maximum length of an unknown method's path in the log, in characters.
const MAX_UNKNOWN_PATH_CHARS: usize = 128;

/// A call that has started.
#[derive(Debug)]
pub(super) struct CallGuard {
    /// The span of all events during the call.
    pub(super) span: Span,
    /// The request id, which is sent back with the response.
    pub(super) id: Option<HeaderValue>,
    method: Arc<MethodProperties>,
    /// The path, if the method is unknown.
    unknown_path: Option<String>,
    arrived: Instant,
    /// The permit, which is released at the end.
    pub(super) permit: Permit,
    pub(super) lease: Arc<BufferLease>,
    is_ended: bool,
}

impl CallGuard {
    /// Starts a call that has just arrived.
    pub(super) fn begin(
        path: &str,
        id: Option<HeaderValue>,
        method: &Arc<MethodProperties>,
        arrived: Instant,
        lease: BufferLease,
    ) -> Self {
        let text = id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or_default();
        // Most calls log nothing. If they fail, the line at their end identifies them.
        let span = debug_span!("call", rpc.method = path, request.id = text);
        method.metrics.record_started();
        let unknown_path = method.path.is_empty().then(|| path.chars().take(MAX_UNKNOWN_PATH_CHARS).collect());
        let (method, lease) = (Arc::clone(method), Arc::new(lease));
        Self { span, id, method, unknown_path, arrived, permit: None, lease, is_ended: false }
    }

    /// Ends the call with this code. Only the first end counts.
    pub(super) fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.is_ended, true) {
            return;
        }
        let seconds = self.arrived.elapsed().as_secs_f64();
        self.method.metrics.record_handled(code as usize, seconds);
        self.span.in_scope(|| self.log(code, seconds * 1e3));
    }

    /// Logs the end of the call. Success, cancellation and overload only at debug level, since
    /// they could flood the log.
    fn log(&self, code: Code, latency_ms: f64) {
        macro_rules! line {
            ($level:ident, $text:literal) => {{
                let rpc_method = self.unknown_path.as_ref().unwrap_or(&self.method.path);
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

impl Drop for CallGuard {
    /// A call that is dropped without an end has lost its caller.
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}

/// Returns the code in headers or trailers, or `None` if a response has only started.
pub(super) fn grpc_code(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|value| Code::from_bytes(value.as_bytes()))
}
