//! Converts faults to gRPC statuses: the only place that chooses codes and attaches details.

pub(crate) mod aborted_stream;

use std::error::Error;
use std::time::Duration;

use sweetspot_core::Scope;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError, Violation};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, StatusExt as _};

use crate::access::{AccessError, Call};

/// The domain of every reason.
pub const ERROR_DOMAIN: &str = "sweetspot";

/// The reason for a name in a workspace that the caller may not name.
pub(crate) const FOREIGN_NAME: &str = "WORKSPACE_NOT_FOUND";

/// The suggested delay before a retry.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Maximum number of violations in a response.
pub(crate) const MAX_VIOLATIONS: usize = 100;

/// Maximum size of the violations in a response, in bytes. They are sent in a header, which also contains the message
/// twice, and many clients accept at most 8 KiB of headers in total.
const MAX_VIOLATION_BYTES: usize = 1536;

/// Returns the name of a code, as in `google.rpc.Code`.
pub(crate) const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// The code of a kind of fault.
#[must_use]
pub(crate) const fn code(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::InvalidArgument => Code::InvalidArgument,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::FailedPrecondition => Code::FailedPrecondition,
        ErrorKind::Aborted => Code::Aborted,
        ErrorKind::ResourceExhausted => Code::ResourceExhausted,
        ErrorKind::Unavailable => Code::Unavailable,
        ErrorKind::Cancelled => Code::Cancelled,
        ErrorKind::DeadlineExceeded => Code::DeadlineExceeded,
        ErrorKind::DataLoss => Code::DataLoss,
        ErrorKind::Internal => Code::Internal,
    }
}

/// Converts a fault to a status. Internal causes are logged here, once, and are not sent.
pub(crate) fn status(fault: &dyn ReportableError) -> Status {
    let kind = fault.kind();
    if matches!(kind, ErrorKind::Internal | ErrorKind::DataLoss) {
        tracing::error!(error = %fault, causes = causes(fault.source()), "call failed with an internal error");
    }
    let message = message(fault);
    let mut details = details(kind, fault.reason(), &message);
    let mut room = MAX_VIOLATION_BYTES;
    let violations: Vec<_> = fault
        .violations()
        .into_iter()
        .take(MAX_VIOLATIONS)
        .map_while(|Violation { field, description }| {
            room = room.checked_sub(field.len() + description.len())?;
            Some(FieldViolation::new(field, description))
        })
        .collect();
    if !violations.is_empty() && kind == ErrorKind::FailedPrecondition {
        let failed = violations.into_iter();
        let failed = failed.map(|check| PreconditionViolation::new(fault.reason(), check.field, check.description));
        details.set_precondition_failure(failed.collect::<Vec<_>>());
    } else if !violations.is_empty() {
        details.set_bad_request(violations);
    }
    Status::with_error_details(code(kind), message, details)
}

/// The message of `STORE_UNREACHABLE` for callers. Where the store is, and why it does not answer, is in the log only.
const STORE_UNREACHABLE: &str = "the store does not answer at present: try again later; live models score meanwhile";
/// The message of `CHANGE_UNDECIDED` for callers.
const CHANGE_UNDECIDED: &str =
    "the store did not confirm the change, which it may have made: try again later with the same request id";

/// Returns the message for the caller.
fn message(fault: &dyn ReportableError) -> String {
    match fault.reason() {
        "STORE_UNREACHABLE" => STORE_UNREACHABLE.to_owned(),
        "CHANGE_UNDECIDED" => CHANGE_UNDECIDED.to_owned(),
        _ => fault.public(),
    }
}

/// Returns a status with a reason and the details of its kind.
pub(crate) fn status_with_kind(kind: ErrorKind, message: &str, reason: &str) -> Status {
    Status::with_error_details(code(kind), message, details(kind, reason, message))
}

/// The error for an order or a minimum by expected value that would rank the worst accounts first; `why` is a clause.
pub(crate) fn no_value_order_status(why: &str) -> Status {
    let text = format!("{why}: order by probability, and do not set a minimum value");
    status_with_kind(ErrorKind::FailedPrecondition, &text, "NO_VALUE_ORDER")
}

/// Returns a status with only a reason.
pub(crate) fn status_with_reason(code: Code, message: &str, reason: &str) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, std::collections::HashMap::new());
    if code == Code::Unavailable {
        details.set_retry_info(Some(RETRY_AFTER));
    }
    Status::with_error_details(code, message, details)
}

/// Checks that the caller has a scope that only some requests of a method need.
///
/// # Errors
/// If it does not.
pub(crate) fn require_scope(scope: Scope) -> Result<(), Status> {
    if Call::current().caller().has(scope) {
        return Ok(());
    }
    let error = AccessError::NoScope { method: "this request".to_owned(), scope };
    Err(status_with_reason(error.code(), &error.to_string(), error.reason()))
}

/// The error for bytes that do not decode as the message.
pub(crate) fn malformed_request(error: &prost::DecodeError) -> Status {
    let text = format!("cannot decode the request: {error}");
    status_with_kind(ErrorKind::InvalidArgument, &text, "MALFORMED_REQUEST")
}

fn details(kind: ErrorKind, reason: &str, message: &str) -> ErrorDetails {
    let mut details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, std::collections::HashMap::new());
    match kind {
        ErrorKind::Unavailable => details.set_retry_info(Some(RETRY_AFTER)),
        ErrorKind::FailedPrecondition => details.add_precondition_failure_violation(reason, "", message),
        ErrorKind::ResourceExhausted => details.add_quota_failure_violation("server", message),
        ErrorKind::InvalidArgument
        | ErrorKind::NotFound
        | ErrorKind::Aborted
        | ErrorKind::Cancelled
        | ErrorKind::DeadlineExceeded
        | ErrorKind::DataLoss
        | ErrorKind::Internal => &mut details,
    };
    details
}

fn causes(mut source: Option<&(dyn Error + 'static)>) -> String {
    let mut causes = Vec::new();
    while let Some(error) = source {
        causes.push(error.to_string());
        source = error.source();
    }
    causes.join(": ")
}

/// Why the server ends a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The handler panicked.
    Panic,
    /// The deadline of the call has passed.
    DeadlineExceeded(Duration),
    /// Too many calls are in progress.
    Overloaded,
    /// The server is shutting down.
    Draining,
    /// The client aborted the stream of requests.
    StreamAborted,
    /// No data of the request arrived for this duration.
    Idle(Duration),
}

/// Returns the status that ends a call.
pub(crate) fn refusal_status(refusal: Refusal) -> Status {
    let (kind, message, reason) = match refusal {
        Refusal::Panic => {
            (ErrorKind::Internal, "internal error in the server: please report it".to_owned(), "INTERNAL")
        }
        Refusal::DeadlineExceeded(limit) => (
            ErrorKind::DeadlineExceeded,
            format!("the call did not complete within {limit:?}: allow more time or send less work"),
            "DEADLINE_EXCEEDED",
        ),
        Refusal::Overloaded => {
            (ErrorKind::Unavailable, "the server is overloaded: try again soon".to_owned(), "OVERLOADED")
        }
        Refusal::Draining => (
            ErrorKind::Unavailable,
            "the server is shutting down: retry on another server, or after it has restarted".to_owned(),
            "DRAINING",
        ),
        Refusal::StreamAborted => (
            ErrorKind::Cancelled,
            "the stream was interrupted, and nothing was stored: send it again".to_owned(),
            "BROKEN_STREAM",
        ),
        Refusal::Idle(limit) => (
            ErrorKind::DeadlineExceeded,
            format!("no part of the request arrived for {limit:?}, and nothing was stored: send it again"),
            "STREAM_IDLE",
        ),
    };
    status_with_kind(kind, &message, reason)
}

#[cfg(test)]
mod tests {
    use sweetspot_store::store::StoreError;

    use super::*;

    #[test]
    fn a_fault_carries_its_reason_and_no_cause() {
        let fault = StoreError::Backend { action: "write rows", source: "secret detail".into() };
        let status = status(&fault);
        assert_eq!(
            (status.code(), status.message()),
            (Code::Internal, "the store cannot write rows: try again, and see the log for the cause")
        );
        let info = status.get_details_error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("STORE_FAILED", "sweetspot"));
        assert!(!format!("{status:?}").contains("secret"));
    }

    #[test]
    fn retryable_refusals_have_a_retry_delay() {
        for (refusal, code, reason, retry) in [
            (Refusal::Panic, Code::Internal, "INTERNAL", false),
            (Refusal::DeadlineExceeded(Duration::from_secs(2)), Code::DeadlineExceeded, "DEADLINE_EXCEEDED", false),
            (Refusal::Overloaded, Code::Unavailable, "OVERLOADED", true),
            (Refusal::Draining, Code::Unavailable, "DRAINING", true),
        ] {
            let status = refusal_status(refusal);
            assert_eq!(status.code(), code);
            assert_eq!(status.get_details_error_info().unwrap().reason, reason);
            assert_eq!(status.get_details_retry_info().is_some(), retry);
        }
    }
}
