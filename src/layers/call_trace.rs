//! The trace of a call: that of its caller, or one of its own if it is traced, and its span.
//!
//! A span never contains attribute values, account ids, or names of resources.

use std::time::Duration;

use tonic::Code;
use tonic::codegen::http::HeaderMap;

use super::call_log::EndedCall;
use super::trace_context::remote_span;
use crate::telemetry::{OpenSpan, SpanEnd, SpanKind, SpanValue, TraceId, Tracer, started_before};

/// The name of all methods that do not exist, as in the metrics.
const UNKNOWN: &str = "unknown/unknown";

/// The trace of a call.
#[derive(Debug)]
pub(super) struct CallTrace {
    /// `None` if neither the caller nor this server traces the call.
    pub(super) id: Option<TraceId>,
    /// `None` if the call is not traced, which most are not.
    pub(super) span: Option<OpenSpan>,
}

impl CallTrace {
    /// Begins the span of a call, if `tracer` traces it.
    pub(super) fn begin(headers: &HeaderMap, tracer: Option<&Tracer>) -> Self {
        let caller = remote_span(headers);
        let span = tracer.and_then(|tracer| tracer.begin(caller));
        let id = caller.map(|caller| caller.trace_id).or_else(|| span.as_ref().map(|span| span.trace_id));
        Self { id, span }
    }
}

/// Ends the span of a call of the method with this path, which is empty if the method does not exist.
pub(super) fn end(span: OpenSpan, path: &str, call: &EndedCall<'_>, duration: Duration) {
    let name = Some(path.trim_start_matches('/')).filter(|name| !name.is_empty()).unwrap_or(UNKNOWN);
    let (service, method) = name.split_once('/').unwrap_or((name, ""));
    let text = |text: &str| SpanValue::Text(text.to_owned());
    let mut attributes = vec![
        ("rpc.system", text("grpc")),
        ("rpc.service", text(service)),
        ("rpc.method", text(method)),
        ("rpc.grpc.status_code", SpanValue::Number(call.code as i64)),
        ("request.id", text(call.request_id)),
    ];
    attributes.extend(call.caller.map(|caller| ("enduser.id", text(caller))));
    span.end(SpanEnd {
        name: name.to_owned(),
        kind: SpanKind::Server,
        start: started_before(duration),
        duration,
        is_error: is_server_error(call.code),
        attributes,
    });
}

/// Whether a code marks the span of a server as failed, by the semantic conventions of OpenTelemetry.
const fn is_server_error(code: Code) -> bool {
    match code {
        Code::Unknown
        | Code::DeadlineExceeded
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::Ok
        | Code::Cancelled
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unauthenticated => false,
    }
}
