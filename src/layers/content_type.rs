//! Refuses requests that are not gRPC.
//!
//! A page in a browser can send some content types to any address without asking, but not this one.

use tonic::body::Body;
use tonic::codegen::http::header::CONTENT_TYPE;
use tonic::codegen::http::{HeaderMap, Response, StatusCode};
use tonic::{Code, Status};

use crate::api::status::status_with_reason;

const GRPC: &str = "application/grpc";

/// Whether a request is gRPC, by its content type.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let rest =
        kind.get(..GRPC.len()).filter(|start| start.eq_ignore_ascii_case(GRPC)).and_then(|_| kind.get(GRPC.len()..));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', ';']))
}

/// The response to other requests: the HTTP status that the protocol asks for, and a gRPC status.
pub(super) fn refusal() -> Response<Body> {
    let text = "the content type must be application/grpc: use a gRPC client, or the HTTP port for JSON";
    let status: Status = status_with_reason(Code::InvalidArgument, text, "UNSUPPORTED_MEDIA_TYPE");
    let mut response = status.into_http();
    *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    response
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::HeaderValue;

    use super::*;

    #[test]
    fn only_grpc_and_its_encodings_are_accepted() {
        let accepts = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            is_grpc(&headers)
        };
        for kind in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8", "Application/GRPC"]
        {
            assert!(accepts(kind), "{kind}");
        }
        for kind in
            ["", "text/plain", "application/json", "application/grpc-web", "application/grpcx", "x application/grpc"]
        {
            assert!(!accepts(kind), "{kind}");
        }
        assert!(!is_grpc(&HeaderMap::new()));
        assert_eq!(refusal().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
