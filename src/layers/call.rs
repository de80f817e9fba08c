//! One call, from its arrival to the end of its response: logging, metrics, and the resources that it holds.
//!
//! Attribute values and account ids are never logged.

use std::sync::Arc;

use tokio::time::Instant;
use tonic::Code;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, HeaderValue, Response};
use tracing::field::display;
use tracing::{Span, debug_span, info_span};

use super::admission::{BufferLease, Permit};
use super::call_log::{CallLog, EndedCall};
use super::call_trace::{self, CallTrace};
use super::error_details::call_outcome;
use super::method_properties::{CallClass, MethodProperties};
use crate::access::{Call, WorkspacePermit};
use crate::api::status::code_name;
use crate::telemetry::Tracer;

/// The maximum length of an unknown method's path in the log, in characters.
const MAX_UNKNOWN_PATH_CHARS: usize = 128;

/// A call that has started.
#[derive(Debug)]
pub(super) struct CallGuard {
    /// The span of all events during the call.
    span: Span,
    /// The request id, which is sent back with the response.
    pub(super) id: Option<HeaderValue>,
    /// The call as handlers see it: who calls, and what about.
    pub(super) current: Call,
    trace: CallTrace,
    method: Arc<MethodProperties>,
    /// The path, if the method is unknown.
    unknown_path: Option<String>,
    arrived: Instant,
    /// The permit, which is released at the end.
    pub(super) permit: Permit,
    /// The permit of the caller's workspace, likewise.
    pub(super) workspace_permit: Option<WorkspacePermit>,
    pub(super) lease: Arc<BufferLease>,
    log: Arc<CallLog>,
    is_ended: bool,
}

impl CallGuard {
    /// Starts a call that has just arrived.
    pub(super) fn begin(
        path: &str,
        headers: &HeaderMap,
        id: Option<HeaderValue>,
        method: &Arc<MethodProperties>,
        (arrived, lease, current): (Instant, BufferLease, Call),
        (log, tracer): (&Arc<CallLog>, Option<&Tracer>),
    ) -> Self {
        let request_id = id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or_default();
        let trace = CallTrace::begin(headers, tracer.filter(|_| method.class != CallClass::Probe));
        let trace_id = trace.id.map(display);
        // Most scores log nothing, and a span takes time. If they fail, the line at their end identifies them.
        let span = match method.class {
            CallClass::Score | CallClass::Explain | CallClass::Probe => {
                debug_span!("call", rpc.method = path, request.id = request_id, trace_id)
            }
            CallClass::Control | CallClass::Long | CallClass::Stream => {
                info_span!("call", rpc.method = path, request.id = request_id, trace_id)
            }
        };
        method.metrics.record_started();
        let unknown_path = method.path.is_empty().then(|| path.chars().take(MAX_UNKNOWN_PATH_CHARS).collect());
        Self {
            span,
            trace,
            id,
            current,
            method: Arc::clone(method),
            unknown_path,
            arrived,
            permit: None,
            workspace_permit: None,
            lease: Arc::new(lease),
            log: Arc::clone(log),
            is_ended: false,
        }
    }

    /// The path of the method.
    pub(super) fn path(&self) -> &str {
        self.unknown_path.as_ref().unwrap_or(&self.method.path)
    }

    /// Runs a part of the call: events within it belong to the call.
    pub(super) fn run<T>(&self, part: impl FnOnce() -> T) -> T {
        self.span.in_scope(|| self.current.clone().continue_with(part))
    }

    /// Whether the call goes on after the head of its response.
    pub(super) fn is_streaming(&self, response: &Response<Body>) -> bool {
        self.method.is_server_streaming && grpc_code(response.headers()).is_none()
    }

    /// Ends the call with the trailers of its response.
    pub(super) fn end_with_trailers(&mut self, trailers: &HeaderMap) {
        if self.method.is_server_streaming && self.current.is_audited() {
            let (code, reason) = call_outcome(trailers);
            self.current.record_end_of_stream(code, &reason);
        }
        self.end(grpc_code(trailers).unwrap_or(Code::Ok));
    }

    /// Ends the call with this code. Only the first end counts.
    pub(super) fn end(&mut self, code: Code) {
        if self.method.is_server_streaming {
            self.current.record_end_of_stream(code_name(code), "");
        }
        if std::mem::replace(&mut self.is_ended, true) {
            return;
        }
        let duration = self.arrived.elapsed();
        let seconds = duration.as_secs_f64();
        self.method.metrics.record_handled(code as usize, seconds);
        let span = self.trace.span.take();
        let ended = EndedCall {
            method: self.path(),
            is_change: self.method.is_change,
            resource: self.current.resource(),
            code,
            latency_ms: seconds * 1e3,
            caller: self.current.caller().principal(),
            peer_address: self.current.peer_address(),
            request_id: self.id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or_default(),
            trace_id: self.trace.id,
        };
        self.log.log(ended);
        if let Some(span) = span {
            call_trace::end(span, &self.method.path, &ended, duration);
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
