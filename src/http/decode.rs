//! Decodes requests into messages: JSON bodies, and parameters of paths.

use prost::Message;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::bounded_json::{BoundedParser, MemoryBudget};
use super::query;
use super::request_error::{HttpRequestError, truncate};

/// Decodes a request into an encoded message, for the names in its path.
pub(super) type RequestDecoder = fn(RequestContent<'_>, &[String]) -> Result<Vec<u8>, HttpRequestError>;

/// What a request contains besides its path.
#[derive(Clone, Copy, Debug)]
pub(super) enum RequestContent<'r> {
    /// A JSON body.
    Body(&'r [u8]),
    /// The query of the URL.
    Query(&'r str),
}

impl RequestContent<'_> {
    /// Decodes the message with the JSON mapping.
    ///
    /// # Errors
    /// Returns an error if the content is not that of the message.
    pub(super) fn decode<T: DeserializeOwned>(self) -> Result<T, HttpRequestError> {
        match self {
            Self::Body(body) => parse_json(body),
            Self::Query(query) => query::parse(query),
        }
    }
}

/// A field that a path contains.
pub(super) trait PathField {
    /// Sets the field to the text of the path. Returns whether the field was unset or the same; `None` if the text is
    /// none of its values.
    fn set(&mut self, text: &str) -> Option<bool>;
}

impl PathField for String {
    fn set(&mut self, text: &str) -> Option<bool> {
        let fits = self.is_empty() || self == text;
        text.clone_into(self);
        Some(fits)
    }
}

impl PathField for u64 {
    fn set(&mut self, text: &str) -> Option<bool> {
        let number = text.parse().ok()?;
        let fits = [0, number].contains(self);
        *self = number;
        Some(fits)
    }
}

/// Sets fields, each with its path, to the texts of the path of a request.
///
/// # Errors
/// Returns an error if the content of the request has another value for one, or one cannot have its text.
pub(super) fn set_fields(
    texts: &[String],
    fields: Vec<(&mut dyn PathField, &'static str)>,
) -> Result<(), HttpRequestError> {
    for ((field, name), text) in fields.into_iter().zip(texts) {
        if !field.set(text).ok_or(HttpRequestError::NoRoute)? {
            return Err(HttpRequestError::PathMismatch { field: name });
        }
    }
    Ok(())
}

/// Encodes a message.
pub(super) fn encode(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, HttpRequestError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let budget = MemoryBudget::new(body.len());
    let message = serde_path_to_error::deserialize(BoundedParser::new(&mut json, &budget)).map_err(|error| {
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
pub(super) fn field_path(path: &Path) -> Option<String> {
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
