//! HTTP and JSON, for systems that use webhooks. Each request becomes a gRPC call to the same services that gRPC
//! clients reach, with the same layers, and the response becomes JSON. This module adds no behavior of its own.

mod body;
mod bounded_json;
mod decode;
mod grpc_web;
mod openapi;
mod origin_check;
mod plain_account;
mod plain_score;
mod query;
mod request_error;
mod response;
mod route;
mod routes;
mod status_code;
mod web_origins;

use std::convert::Infallible;
use std::fmt;

use http_body_util::Full;
use hyper::body::{Body as HttpBody, Bytes};
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::codegen::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use tonic::codegen::http::request::Parts;
use tonic::codegen::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

pub use self::origin_check::AcceptedHosts;
use self::request_error::HttpRequestError;
use self::response::ResponseEncoder;
use self::route::{RequestSource, RoutedCall};
pub use self::web_origins::AcceptedOrigins;

/// The services with their layers, as gRPC clients reach them.
pub type BoxedGrpcService = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// A method that does not exist. Invalid requests are sent to it, so that they pass the layers as well: they get an id
/// and a log line, and reveal no more than a call does.
const UNKNOWN_METHOD: &str = "/sweetspot.v1.Http/Nowhere";

/// The path of the description of the API. It is the same for every server of a release, so that it needs no credential.
const OPENAPI_PATH: &str = "/v1/openapi.json";

/// The headers of a request that are copied to its call.
const FORWARDED_HEADERS: [HeaderName; 3] =
    [AUTHORIZATION, HeaderName::from_static("x-request-id"), HeaderName::from_static("traceparent")];

/// Serves the services over HTTP and JSON.
#[derive(Clone, Debug)]
pub struct Gateway {
    service: BoxedGrpcService,
    max_request_bytes: usize,
    hosts: AcceptedHosts,
    origins: AcceptedOrigins,
}

impl Gateway {
    /// Creates a gateway to these services that accepts bodies of at most `max_request_bytes`, sent to these hosts,
    /// and from web pages of these origins only.
    #[must_use]
    pub const fn new(
        calls: BoxedGrpcService,
        max_request_bytes: usize,
        hosts: AcceptedHosts,
        origins: AcceptedOrigins,
    ) -> Self {
        Self { service: calls, max_request_bytes, hosts, origins }
    }

    /// The origins of web pages that may send requests.
    #[must_use]
    pub const fn origins(&self) -> &AcceptedOrigins {
        &self.origins
    }

    /// Handles a request. Every failure becomes a response.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<StdError> + fmt::Display,
    {
        let (parts, body) = request.into_parts();
        if parts.method == Method::GET && parts.uri.path() == OPENAPI_PATH {
            return response::static_json(openapi::document());
        }
        if grpc_web::is_grpc_web(&parts.headers) {
            return match self.call_in_grpc_web(&parts, body).await {
                Ok(response) => response,
                Err(malformed) => self.refuse(&parts, malformed).await,
            };
        }
        match self.translate(&parts, body) {
            Ok((method, body, teller)) => {
                response::encode_response(self.call(method, &parts, body).await, teller).await
            }
            Err(malformed) => self.refuse(&parts, malformed).await,
        }
    }

    async fn refuse(&self, parts: &Parts, malformed: HttpRequestError) -> Response<Full<Bytes>> {
        response::refuse(&self.call(UNKNOWN_METHOD, parts, Body::empty()).await, malformed)
    }

    async fn call_in_grpc_web<B>(&self, parts: &Parts, body: B) -> Result<Response<Full<Bytes>>, HttpRequestError>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<StdError> + fmt::Display,
    {
        origin_check::check_origin(&parts.headers, &self.hosts, &self.origins)?;
        grpc_web::call(self.service.clone(), Request::from_parts(parts.clone(), body)).await
    }

    /// Returns the method and the body of the call for a request, and the encoder of its response.
    fn translate<B>(&self, parts: &Parts, body: B) -> Result<(&'static str, Body, ResponseEncoder), HttpRequestError>
    where
        B: HttpBody + Send + 'static,
        B::Data: Send,
        B::Error: Into<StdError>,
    {
        origin_check::check_origin(&parts.headers, &self.hosts, &self.origins)?;
        let query = parts.uri.query().unwrap_or_default();
        let RoutedCall { method, source: ask, encoder: teller } = route::route(&parts.method, parts.uri.path(), query)?;
        let body = match ask {
            RequestSource::Message(message) => body::from_message(&message)?,
            RequestSource::Body(reader, names) => {
                check_content_type(&parts.headers)?;
                body::from_json(body, self.max_request_bytes, reader, names)
            }
        };
        Ok((method, body, teller))
    }

    async fn call(&self, method: &'static str, parts: &Parts, body: Body) -> Response<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static(method);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        for name in FORWARDED_HEADERS {
            for value in parts.headers.get_all(&name) {
                request.headers_mut().append(name.clone(), value.clone());
            }
        }
        // What the listener knows of the client.
        parts.extensions.clone_into(request.extensions_mut());
        match self.service.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// Rejects a body whose content type or encoding is not supported.
fn check_content_type(headers: &HeaderMap) -> Result<(), HttpRequestError> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let kind = text(CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(HttpRequestError::MediaType);
    }
    let plain = headers.get(CONTENT_ENCODING).is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if plain { Ok(()) } else { Err(HttpRequestError::Encoding) }
}
