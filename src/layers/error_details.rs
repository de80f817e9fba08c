//! Adds error details to the errors that the gRPC library itself returns.

use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Response};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::api::status::{code_name, status_with_reason};

/// The message for an unknown method, which the library leaves empty.
const NO_METHOD: &str = "unknown method: list the server's methods through reflection";

/// Returns the response, with details if it is an error without any.
pub(super) fn add_reason(response: Response<Body>) -> Response<Body> {
    let bare = Status::from_header_map(response.headers())
        .filter(|status| status.code() != Code::Ok && status.details().is_empty());
    let Some(status) = bare else { return response };
    let message = if status.message().is_empty() { NO_METHOD } else { status.message() };
    let mut status_details = status_with_reason(client_code(status.code()), message, reason(status.code()));
    // Metadata of the library's error, such as the supported encodings.
    status.metadata().clone_into(status_details.metadata_mut());
    status_details.into_http()
}

/// The code of a response as in the API, and the reason of an error.
pub(super) fn call_outcome(headers: &HeaderMap) -> (&'static str, String) {
    let Some(status) = Status::from_header_map(headers) else { return ("OK", String::new()) };
    let reason = status.get_details_error_info().map_or_else(String::new, |info| info.reason);
    (code_name(status.code()), reason)
}

/// Maps a code of the library for callers: an undecodable message is the caller's error, although the library reports
/// INTERNAL, and a message that is too large has one code, whichever limit it exceeds.
const fn client_code(code: Code) -> Code {
    if matches!(code, Code::Internal) {
        Code::InvalidArgument
    } else if matches!(code, Code::OutOfRange) {
        Code::ResourceExhausted
    } else {
        code
    }
}

/// Returns the reason for a code of the library.
const fn reason(code: Code) -> &'static str {
    match code {
        Code::OutOfRange | Code::ResourceExhausted => "MESSAGE_TOO_LARGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Cancelled => "CANCELLED",
        Code::NotFound => "NOT_FOUND",
        Code::InvalidArgument | Code::Internal => "MALFORMED_REQUEST",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::Unavailable => "UNAVAILABLE",
        Code::Ok
        | Code::Unknown
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::DataLoss
        | Code::Unauthenticated => "REFUSED",
    }
}
