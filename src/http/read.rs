//! JSON of a body to a message.

use prost::Message;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use sweetspot_proto::json::{ExplainAccountsRequest, RenderReportRequest, ScoreAccountsRequest};

use super::malformed::{Malformed, cut};

/// Reads a body into the bytes of a message, for the version of the path.
pub(super) type Reader = fn(&[u8], &str) -> Result<Vec<u8>, Malformed>;

/// A `ScoreAccountsRequest`.
///
/// # Errors
/// Where the body is not that, or names another version.
pub(super) fn score(body: &[u8], version: &str) -> Result<Vec<u8>, Malformed> {
    let mut request: ScoreAccountsRequest = message(body)?;
    settle(&mut request.config.get_or_insert_default().version, version, "config.version")?;
    Ok(request.encode_to_vec())
}

/// An `ExplainAccountsRequest`.
///
/// # Errors
/// Where the body is not that, or names another version.
pub(super) fn explain(body: &[u8], version: &str) -> Result<Vec<u8>, Malformed> {
    let mut request: ExplainAccountsRequest = message(body)?;
    settle(&mut request.version, version, "version")?;
    Ok(request.encode_to_vec())
}

/// A `RenderReportRequest`.
///
/// # Errors
/// Where the body is not that, or names another version.
pub(super) fn report(body: &[u8], version: &str) -> Result<Vec<u8>, Malformed> {
    let mut request: RenderReportRequest = message(body)?;
    settle(&mut request.version, version, "version")?;
    Ok(request.encode_to_vec())
}

/// Puts the version of the path into its field, which says the same or nothing.
fn settle(field: &mut String, version: &str, name: &'static str) -> Result<(), Malformed> {
    if !field.is_empty() && field != version {
        return Err(Malformed::Version { field: name });
    }
    version.clone_into(field);
    Ok(())
}

fn message<T: DeserializeOwned>(body: &[u8]) -> Result<T, Malformed> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let message = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = named(error.path());
        let place = field.as_ref().map_or_else(|| "at its top level".to_owned(), |field| format!("at {field}"));
        Malformed::Json { place, field, problem: problem(error.inner()) }
    })?;
    let behind = |error| Malformed::Json { place: "after its end".to_owned(), field: None, problem: problem(&error) };
    json.end().map_err(behind)?;
    Ok(message)
}

/// The parser's words, but where it speaks of its own insides.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.contains("untagged enum") {
        return format!("expected a number at line {} column {}", error.line(), error.column());
    }
    text
}

/// A path as refusals of the services write it; nothing for the body as a whole.
fn named(path: &Path) -> Option<String> {
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
    (!text.is_empty()).then(|| cut(&text).to_owned())
}
