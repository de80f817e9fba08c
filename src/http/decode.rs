//! Decodes JSON bodies into messages.

use prost::Message;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use sweetspot_proto::json::{ExplainAccountsRequest, RenderReportRequest, ScoreAccountsRequest};

use super::bounded_json::{BoundedJson, MemoryBudget};
use super::request_error::{HttpRequestError, truncate};

/// Decodes a body into an encoded message, for the version in the path.
pub(super) type RequestDecoder = fn(&[u8], &str) -> Result<Vec<u8>, HttpRequestError>;

/// Decodes a `ScoreAccountsRequest`.
///
/// # Errors
/// Returns an error if the body is invalid or names another version.
pub(super) fn score(body: &[u8], version: &str) -> Result<Vec<u8>, HttpRequestError> {
    let mut request: ScoreAccountsRequest = parse_json(body)?;
    set_version(&mut request.config.get_or_insert_default().version, version, "config.version")?;
    Ok(request.encode_to_vec())
}

/// Decodes an `ExplainAccountsRequest`.
///
/// # Errors
/// Returns an error if the body is invalid or names another version.
pub(super) fn explain(body: &[u8], version: &str) -> Result<Vec<u8>, HttpRequestError> {
    let mut request: ExplainAccountsRequest = parse_json(body)?;
    set_version(&mut request.version, version, "version")?;
    Ok(request.encode_to_vec())
}

/// Decodes a `RenderReportRequest`.
///
/// # Errors
/// Returns an error if the body is invalid or names another version.
pub(super) fn report(body: &[u8], version: &str) -> Result<Vec<u8>, HttpRequestError> {
    let mut request: RenderReportRequest = parse_json(body)?;
    set_version(&mut request.version, version, "version")?;
    Ok(request.encode_to_vec())
}

/// Sets the field to the version of the path; the body must contain the same version or none.
fn set_version(field: &mut String, version: &str, name: &'static str) -> Result<(), HttpRequestError> {
    if !field.is_empty() && field != version {
        return Err(HttpRequestError::Version { field: name });
    }
    version.clone_into(field);
    Ok(())
}

fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, HttpRequestError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let budget = MemoryBudget::new(body.len());
    let message = serde_path_to_error::deserialize(BoundedJson::new(&mut json, &budget)).map_err(|error| {
        let field = field_path(error.path());
        if budget.is_exceeded() {
            return HttpRequestError::TooManyElements { field, body_bytes: body.len() };
        }
        let place = field.as_ref().map_or_else(|| "at its top level".to_owned(), |field| format!("at {field}"));
        HttpRequestError::Json { place, field, problem: json_problem(error.inner()) }
    })?;
    let trailing = |error| HttpRequestError::Json {
        place: "after its end".to_owned(),
        field: None,
        problem: json_problem(&error),
    };
    json.end().map_err(trailing)?;
    Ok(message)
}

/// Returns the parser's message, without details of its implementation.
fn json_problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.contains("untagged enum") {
        return format!("expected a number at line {} column {}", error.line(), error.column());
    }
    text
}

/// Returns a path in the notation of the services' field violations, or `None` for the body as a whole.
fn field_path(path: &Path) -> Option<String> {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text = format!("{text}[{index}]"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Segment::Unknown => {}
        }
    }
    (!text.is_empty()).then(|| truncate(&text).to_owned())
}
