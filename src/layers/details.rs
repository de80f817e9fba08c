//! Adds the error details that the gRPC library leaves out where it refuses a call by itself.

use tonic::body::Body;
use tonic::codegen::http::Response;
use tonic::{Code, Status};

use crate::api::status::with_reason;

/// The one thing that the library refuses without a word.
const NO_METHOD: &str = "unknown method: list the server's methods through reflection";

/// The answer, with details.
pub(super) fn told(response: Response<Body>) -> Response<Body> {
    let bare = Status::from_header_map(response.headers())
        .filter(|status| status.code() != Code::Ok && status.details().is_empty());
    let Some(status) = bare else { return response };
    let message = if status.message().is_empty() { NO_METHOD } else { status.message() };
    let mut told = with_reason(code(status.code()), message, reason(status.code()));
    // What the library says beside its message, such as the encodings that it knows.
    status.metadata().clone_into(told.metadata_mut());
    told.into_http()
}

/// What a code of the library is to a caller: bytes that are no message are the caller's fault, where the library says INTERNAL.
const fn code(code: Code) -> Code {
    if matches!(code, Code::Internal) { Code::InvalidArgument } else { code }
}

/// What the library means by a code.
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
