//! The answer of a call as an answer in HTTP.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use prost::Message;
use serde::Serialize;
use serde_json::{Value, json};
use sweetspot_core::fault::FaultKind;
use sweetspot_proto::json::details;
use sweetspot_proto::v1::RenderReportResponse;
use tonic::body::Body;
use tonic::codegen::http::header::{ALLOW, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use tonic::codegen::http::{HeaderMap, HeaderValue, Response, StatusCode};
use tonic::{Code, Status};
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckResponse;
use tonic_types::StatusExt as _;

use super::body::PREFIX_BYTES;
use super::code;
use super::malformed::Malformed;
use crate::api::status::with_kind;

/// Tells the bytes of a message, with the status that belongs to it.
pub(super) type Teller = fn(&[u8]) -> Result<Answer, Status>;

/// A message as it is told.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    media_type: HeaderValue,
    body: Vec<u8>,
}

impl Answer {
    const fn json(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, media_type: HeaderValue::from_static("application/json"), body }
    }
}

/// The body of an error.
#[derive(Serialize)]
struct ErrorBody<'a> {
    error: Told<'a>,
}

/// An error, as Google's services tell theirs.
#[derive(Serialize)]
struct Told<'a> {
    /// The HTTP status.
    code: u16,
    /// The name of the gRPC code.
    status: &'static str,
    message: &'a str,
    details: Vec<Value>,
}

/// What an answer keeps of the call's headers.
const KEPT: HeaderName = HeaderName::from_static("x-request-id");

/// A message, told as it is.
///
/// # Errors
/// Where the services sent something else: a mistake in this program.
pub(super) fn message<T: Message + Default + Serialize>(bytes: &[u8]) -> Result<Answer, Status> {
    let message = T::decode(bytes).map_err(|error| mistake(&error))?;
    Ok(Answer::json(StatusCode::OK, serde_json::to_vec(&message).map_err(|error| mistake(&error))?))
}

/// A report: not the message, but the page, text or data in it.
///
/// # Errors
/// As [`message`].
pub(super) fn report(bytes: &[u8]) -> Result<Answer, Status> {
    let report = RenderReportResponse::decode(bytes).map_err(|error| mistake(&error))?;
    let media_type = HeaderValue::from_str(&report.media_type).map_err(|error| mistake(&error))?;
    Ok(Answer { status: StatusCode::OK, media_type, body: report.content })
}

/// The health of a service: good, or a reason to send nothing here.
///
/// # Errors
/// As [`message`].
pub(super) fn health(bytes: &[u8]) -> Result<Answer, Status> {
    let health = HealthCheckResponse::decode(bytes).map_err(|error| mistake(&error))?;
    let serving = health.status == ServingStatus::Serving as i32;
    let (status, word) =
        if serving { (StatusCode::OK, "SERVING") } else { (StatusCode::SERVICE_UNAVAILABLE, "NOT_SERVING") };
    Ok(Answer::json(status, json!({ "status": word }).to_string().into_bytes()))
}

fn mistake(error: &dyn std::error::Error) -> Status {
    tracing::error!(%error, "cannot serialize a response as JSON");
    with_kind(FaultKind::Internal, "cannot serialize the response as JSON: please report it", "INTERNAL")
}

/// Tells the answer of a call.
pub(super) async fn tell(answer: Response<Body>, teller: Teller) -> Response<Full<Bytes>> {
    let (parts, body) = answer.into_parts();
    let told = match payload(&parts.headers, body).await {
        Ok(frame) => teller(frame.get(PREFIX_BYTES..).unwrap_or_default()),
        Err(status) => Err(status),
    };
    let mut response = match told {
        Ok(answer) => response(answer),
        Err(status) => error(&status),
    };
    keep(&parts.headers, &mut response);
    response
}

/// Tells why there is no call, unless the layers had more to say.
pub(super) fn refuse(answer: &Response<Body>, malformed: Malformed) -> Response<Full<Bytes>> {
    let allowed = if let Malformed::Method { allowed, .. } = malformed { Some(allowed) } else { None };
    let layers = Status::from_header_map(answer.headers()).filter(|status| status.code() != Code::Unimplemented);
    let mut response = error(&layers.unwrap_or_else(|| malformed.into()));
    if let Some(allowed) = allowed {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    keep(answer.headers(), &mut response);
    response
}

/// The one frame of a good answer.
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

fn error(status: &Status) -> Response<Full<Bytes>> {
    let details = status.get_error_details();
    let reason = details.error_info().map_or("", |info| info.reason.as_str());
    let http = code::http(status.code(), reason);
    let error = Told {
        code: http.as_u16(),
        status: code::name(status.code()),
        message: status.message(),
        details: details::told(status.details()),
    };
    // Names and texts can always be written.
    let mut response = response(Answer::json(http, serde_json::to_vec(&ErrorBody { error }).unwrap_or_default()));
    if let Some(delay) = details.retry_info().and_then(|info| info.retry_delay) {
        // Whole seconds, and never less than was meant.
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let Answer { status, media_type, body } = answer;
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn keep(from: &HeaderMap, to: &mut Response<Full<Bytes>>) {
    if let Some(id) = from.get(KEPT) {
        to.headers_mut().insert(KEPT, id.clone());
    }
}
