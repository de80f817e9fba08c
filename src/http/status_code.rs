//! Maps gRPC codes to HTTP, as documented in `google.rpc.Code`.

use tonic::Code;
use tonic::codegen::http::StatusCode;

/// Reasons that have an HTTP status of their own.
const REASON_STATUSES: [(&str, StatusCode); 3] = [
    (super::request_error::TOO_LARGE, StatusCode::PAYLOAD_TOO_LARGE),
    (super::request_error::MEDIA_TYPE, StatusCode::UNSUPPORTED_MEDIA_TYPE),
    (super::request_error::METHOD, StatusCode::METHOD_NOT_ALLOWED),
];

/// Client closed request: not a registered status, but part of the mapping.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Returns the HTTP status of an error.
pub(super) fn http_status(code: Code, reason: &str) -> StatusCode {
    if let Some((_, status)) = REASON_STATUSES.iter().find(|(known, _)| *known == reason) {
        return *status;
    }
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Cancelled => StatusCode::from_u16(CLIENT_CLOSED_REQUEST).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::status::code_name;

    #[test]
    fn every_code_is_mapped_as_google_maps_it() {
        let statuses = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];
        for (number, status) in statuses.into_iter().enumerate() {
            let code = Code::from(i32::try_from(number).unwrap());
            assert_eq!(http_status(code, "").as_u16(), status, "{code:?}");
            let compact = code_name(code).replace('_', "").to_lowercase();
            assert_eq!(compact, format!("{code:?}").to_lowercase());
        }
    }
}
