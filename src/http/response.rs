//! Converts the response of a call to an HTTP response.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use prost::Message;
use serde::Serialize;
use serde_json::{Value, json};
use sweetspot_core::reportable_error::ErrorKind;
use sweetspot_proto::json::details;
use sweetspot_proto::v1::{ExportModelVersionResponse, RenderReportResponse};
use tonic::body::Body;
use tonic::codegen::http::header::{ALLOW, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use tonic::codegen::http::{HeaderMap, HeaderValue, Response, StatusCode};
use tonic::{Code, Status};
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckResponse;
use tonic_types::StatusExt as _;

use super::body::PREFIX_BYTES;
use super::request_error::HttpRequestError;
use super::status_code;
use crate::api::status::{code_name, status_with_kind};

/// Encodes the bytes of a message for HTTP, with the matching status.
pub(super) type ResponseEncoder = fn(&[u8]) -> Result<EncodedResponse, Status>;

/// An encoded message with its status and content type.
#[derive(Debug)]
pub(super) struct EncodedResponse {
    status: StatusCode,
    media_type: HeaderValue,
    body: Vec<u8>,
}

impl EncodedResponse {
    const fn json(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, media_type: HeaderValue::from_static("application/json"), body }
    }
}

/// The body of an error.
#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorObject<'a>,
}

/// An error, in the format of Google's services.
#[derive(Serialize)]
struct ErrorObject<'a> {
    /// The HTTP status.
    code: u16,
    /// The name of the gRPC code.
    status: &'static str,
    message: &'a str,
    details: Vec<Value>,
}

/// The header that is copied from the response of the call.
const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Encodes a message as JSON.
///
/// # Errors
/// Returns an error if the services sent another message, which is a bug in this program.
pub(super) fn message<T: Message + Default + Serialize>(bytes: &[u8]) -> Result<EncodedResponse, Status> {
    encode_json(&T::decode(bytes).map_err(|error| internal_error(&error))?)
}

/// Encodes a value as JSON.
///
/// # Errors
/// Returns an error if the value has no form in JSON, which is a bug in this program.
pub(super) fn encode_json(value: &impl Serialize) -> Result<EncodedResponse, Status> {
    Ok(EncodedResponse::json(StatusCode::OK, serde_json::to_vec(value).map_err(|error| internal_error(&error))?))
}

/// Encodes a report: not the message, but the HTML, Markdown or JSON in it.
///
/// # Errors
/// Returns the errors of [`message`].
pub(super) fn report(bytes: &[u8]) -> Result<EncodedResponse, Status> {
    let report = RenderReportResponse::decode(bytes).map_err(|error| internal_error(&error))?;
    content(report.content, &report.media_type)
}

/// Encodes an exported version: not the message, but the scorecard in it.
///
/// # Errors
/// Returns the errors of [`message`].
pub(super) fn export(bytes: &[u8]) -> Result<EncodedResponse, Status> {
    let export = ExportModelVersionResponse::decode(bytes).map_err(|error| internal_error(&error))?;
    content(export.content, &export.media_type)
}

fn content(body: Vec<u8>, media_type: &str) -> Result<EncodedResponse, Status> {
    let media_type = HeaderValue::from_str(media_type).map_err(|error| internal_error(&error))?;
    Ok(EncodedResponse { status: StatusCode::OK, media_type, body })
}

/// Encodes the health of a service; the status is an error unless it serves.
///
/// # Errors
/// Returns the errors of [`message`].
pub(super) fn health(bytes: &[u8]) -> Result<EncodedResponse, Status> {
    let health = HealthCheckResponse::decode(bytes).map_err(|error| internal_error(&error))?;
    let serving = health.status == ServingStatus::Serving as i32;
    let (status, word) =
        if serving { (StatusCode::OK, "SERVING") } else { (StatusCode::SERVICE_UNAVAILABLE, "NOT_SERVING") };
    Ok(EncodedResponse::json(status, json!({ "status": word }).to_string().into_bytes()))
}

/// The error of a response that cannot be encoded.
pub(super) fn internal_error(error: &dyn std::error::Error) -> Status {
    tracing::error!(%error, "cannot serialize a response as JSON");
    status_with_kind(ErrorKind::Internal, "cannot serialize the response as JSON: please report it", "INTERNAL")
}

/// The response with JSON that is always the same.
pub(super) fn static_json(body: &'static [u8]) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Encodes the response of a call.
pub(super) async fn encode_response(answer: Response<Body>, encoder: ResponseEncoder) -> Response<Full<Bytes>> {
    let (parts, body) = answer.into_parts();
    let payload_result = match payload(&parts.headers, body).await {
        Ok(frame) => encoder(frame.get(PREFIX_BYTES..).unwrap_or_default()),
        Err(status) => Err(status),
    };
    let mut response = match payload_result {
        Ok(answer) => build_response(answer),
        Err(status) => error_response(&status),
    };
    copy_request_id(&parts.headers, &mut response);
    response
}

/// Encodes the error of an invalid request, unless the layers have rejected the call for another reason.
pub(super) fn refuse(answer: &Response<Body>, malformed: HttpRequestError) -> Response<Full<Bytes>> {
    let allowed = if let HttpRequestError::Method { allowed, .. } = &malformed { allowed.parse().ok() } else { None };
    let layers = Status::from_header_map(answer.headers()).filter(|status| status.code() != Code::Unimplemented);
    let mut response = error_response(&layers.unwrap_or_else(|| malformed.into()));
    if let Some(allowed) = allowed {
        response.headers_mut().insert(ALLOW, allowed);
    }
    copy_request_id(answer.headers(), &mut response);
    response
}

/// Reads the single frame of a successful response.
async fn payload(headers: &HeaderMap, body: Body) -> Result<Bytes, Status> {
    if let Some(status) = Status::from_header_map(headers).filter(|status| status.code() != Code::Ok) {
        return Err(status);
    }
    let body = body.collect().await?;
    match body.trailers().and_then(Status::from_header_map) {
        Some(status) if status.code() != Code::Ok => Err(status),
        Some(_) | None => Ok(body.to_bytes()),
    }
}

fn error_response(status: &Status) -> Response<Full<Bytes>> {
    let details = status.get_error_details();
    let reason = details.error_info().map_or("", |info| info.reason.as_str());
    let http = status_code::http_status(status.code(), reason);
    let error = ErrorObject {
        code: http.as_u16(),
        status: code_name(status.code()),
        message: status.message(),
        details: details::error_details(status.details()),
    };
    // These names and values are always valid headers.
    let mut response =
        build_response(EncodedResponse::json(http, serde_json::to_vec(&ErrorBody { error }).unwrap_or_default()));
    if let Some(delay) = details.retry_info().and_then(|info| info.retry_delay) {
        // Whole seconds, rounded up.
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn build_response(answer: EncodedResponse) -> Response<Full<Bytes>> {
    let EncodedResponse { status, media_type, body } = answer;
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn copy_request_id(from: &HeaderMap, to: &mut Response<Full<Bytes>>) {
    if let Some(id) = from.get(REQUEST_ID_HEADER) {
        to.headers_mut().insert(REQUEST_ID_HEADER, id.clone());
    }
}
