//! Web pages whose scripts may send requests: cross-origin resource sharing (CORS).

use std::sync::Arc;
use std::time::Duration;

use tonic::codegen::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use tonic::codegen::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::CorsLayer;

/// The time for which browsers keep the answer to a preflight request.
const MAX_AGE: Duration = Duration::from_secs(600);

/// The headers that scripts may send, beside those that every page may send.
const REQUEST_HEADERS: [HeaderName; 7] = [
    AUTHORIZATION,
    CONTENT_TYPE,
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-grpc-web"),
    HeaderName::from_static("x-user-agent"),
    HeaderName::from_static("grpc-timeout"),
];

/// The headers of responses that scripts may read, beside those that every page may read. A call in gRPC-Web that failed
/// before it had a body has its error in these.
const RESPONSE_HEADERS: [HeaderName; 5] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
    RETRY_AFTER,
];

/// The origins of pages that may send requests. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct AcceptedOrigins(Arc<[HeaderValue]>);

impl AcceptedOrigins {
    /// Accepts these origins, such as `https://crm.example.com`. Those that cannot be sent in a header are left out.
    #[must_use]
    pub fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| origin.parse().ok()).collect())
    }

    pub(super) fn contains(&self, origin: &HeaderValue) -> bool {
        self.0.contains(origin)
    }

    /// What answers preflight requests, and lets scripts of these origins read responses; `None` without origins.
    #[must_use]
    pub fn cors_layer(&self) -> Option<CorsLayer> {
        if self.0.is_empty() {
            return None;
        }
        let layer = CorsLayer::new()
            .allow_origin(self.0.to_vec())
            .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers(REQUEST_HEADERS)
            .expose_headers(RESPONSE_HEADERS)
            .max_age(MAX_AGE);
        Some(layer)
    }
}
