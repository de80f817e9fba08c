//! HTTP and JSON for systems that speak webhooks: every request becomes a gRPC call on the very services that gRPC clients
//! reach, layers and all, and its answer becomes JSON. Nothing is decided here that gRPC decides.

mod answer;
mod body;
mod code;
mod malformed;
mod query;
mod read;
mod route;

use std::convert::Infallible;

use http_body_util::Full;
use hyper::body::{Body as HttpBody, Bytes};
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::codegen::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use tonic::codegen::http::request::Parts;
use tonic::codegen::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use self::answer::Teller;
use self::malformed::Malformed;
use self::route::{Ask, Call};

/// The services with their layers, as gRPC clients reach them.
pub type Calls = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// A method that there is not. What is refused here is refused behind the layers too, so that it has an id and a line in
/// the log, and strangers learn no more than from a call.
const NOWHERE: &str = "/sweetspot.v1.Http/Nowhere";

/// What a request hands on to its call.
const HANDED_ON: [HeaderName; 3] =
    [AUTHORIZATION, HeaderName::from_static("x-request-id"), HeaderName::from_static("traceparent")];

/// Speaks HTTP for the services.
#[derive(Clone, Debug)]
pub struct Gateway {
    calls: Calls,
    most_bytes: usize,
}

impl Gateway {
    /// A gateway to these services that takes bodies of at most `most_bytes`.
    #[must_use]
    pub const fn new(calls: Calls, most_bytes: usize) -> Self {
        Self { calls, most_bytes }
    }

    /// Answers a request. Every failure is an answer.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: HttpBody + Send + 'static,
        B::Data: Send,
        B::Error: Into<StdError>,
    {
        let (parts, body) = request.into_parts();
        match self.asked(&parts, body) {
            Ok((method, body, teller)) => answer::tell(self.call(method, &parts.headers, body).await, teller).await,
            Err(malformed) => answer::refuse(&self.call(NOWHERE, &parts.headers, Body::empty()).await, malformed),
        }
    }

    /// The method of the call that a request stands for, its body, and who tells its answer.
    fn asked<B>(&self, parts: &Parts, body: B) -> Result<(&'static str, Body, Teller), Malformed>
    where
        B: HttpBody + Send + 'static,
        B::Data: Send,
        B::Error: Into<StdError>,
    {
        let query = parts.uri.query().unwrap_or_default();
        let Call { method, ask, teller } = route::route(&parts.method, parts.uri.path(), query)?;
        let body = match ask {
            Ask::Message(message) => body::ready(&message)?,
            Ask::Body(reader, version) => {
                plain_json(&parts.headers)?;
                body::read(body, self.most_bytes, reader, version)
            }
        };
        Ok((method, body, teller))
    }

    async fn call(&self, method: &'static str, headers: &HeaderMap, body: Body) -> Response<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static(method);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        for name in HANDED_ON {
            for value in headers.get_all(&name) {
                request.headers_mut().append(name.clone(), value.clone());
            }
        }
        match self.calls.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// Refuses a body that says itself that it is something else.
fn plain_json(headers: &HeaderMap) -> Result<(), Malformed> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let kind = text(CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Malformed::MediaType);
    }
    let plain = headers.get(CONTENT_ENCODING).is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if plain { Ok(()) } else { Err(Malformed::Encoding) }
}
