//! Calls in gRPC-Web, which scripts of web pages can make without a proxy.

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as HttpBody, Bytes};
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::codegen::http::header::CONTENT_TYPE;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic_web::GrpcWebLayer;
use tower::{Layer as _, ServiceExt as _};

use super::BoxedGrpcService;
use super::request_error::HttpRequestError;
use super::routes::ROUTES;

/// The beginning of all content types of gRPC-Web.
const CONTENT_TYPE_PREFIX: &str = "application/grpc-web";

/// Whether a request is a call in gRPC-Web.
pub(super) fn is_grpc_web(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| content_type.starts_with(CONTENT_TYPE_PREFIX))
}

/// Makes a unary call, and returns its whole response.
///
/// # Errors
/// [`HttpRequestError::NoRoute`] if the path is not that of a unary method.
pub(super) async fn call<B>(
    service: BoxedGrpcService,
    request: Request<B>,
) -> Result<Response<Full<Bytes>>, HttpRequestError>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<StdError> + std::fmt::Display,
{
    if !ROUTES.iter().any(|route| route.method == request.uri().path()) {
        return Err(HttpRequestError::NoRoute);
    }
    let response: Response<Body> = match GrpcWebLayer::new().layer(service).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (head, body) = response.into_parts();
    // The error of a call is in its trailers, which are a part of the body. Without them, a client reports that they are missing.
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Ok(Response::from_parts(head, Full::new(body)))
}
