//! Errors in a request, found before it becomes a call.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError, Violation};
use thiserror::Error;
use tonic::{Code, Status};

use crate::api::status::{self, status_with_reason};

/// The reason of a body that is larger than the limit.
pub(super) const TOO_LARGE: &str = "MESSAGE_TOO_LARGE";
/// The reason of a body whose content type is not JSON.
pub(super) const MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
/// The reason of a known path with another method.
pub(super) const METHOD: &str = "METHOD_NOT_ALLOWED";

/// The reason of a request that a web page sends.
pub(super) const ORIGIN: &str = "ORIGIN_REFUSED";
/// The reason of a request to a name that is not accepted.
pub(super) const HOST: &str = "HOST_REFUSED";

/// The maximum length of a parser message that is returned, in bytes: it may quote the caller's data.
const MAX_QUOTED_BYTES: usize = 400;

/// An error in a request.
#[derive(Debug, Error)]
pub(super) enum HttpRequestError {
    /// The request comes from a web page.
    #[error(
        "requests of web pages from this origin are not accepted: send the request from a server, without an origin header, or add the origin to server.http_web_origins"
    )]
    Origin,
    /// The request is sent to a name that is not accepted.
    #[error("this name of the host is not accepted: use an address or localhost, or add the name to server.http_hosts")]
    Host,
    /// The path is unknown.
    #[error(
        "unknown path: use one such as POST /v1/workspaces/W/models/M/versions/N:score or GET \
         /v1/workspaces/W/models/M/versions; docs/API.md lists all"
    )]
    NoRoute,
    /// The path exists, but not with this method.
    #[error("this path accepts {allowed}, not {method}")]
    Method {
        /// The allowed methods.
        allowed: String,
        /// The method of the request, truncated to the length of a name.
        method: String,
    },
    /// A query parameter is unknown or has an invalid value.
    #[error("invalid query parameter {name:?}: {}", truncate(.problem))]
    Query {
        /// The parameter.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The content type is not JSON.
    #[error("the body must be uncompressed JSON in UTF-8: send the header \"content-type: application/json\"")]
    MediaType,
    /// The body is compressed.
    #[error("the body must not be compressed: send it without a content-encoding")]
    Encoding,
    /// The body is larger than the limit.
    #[error("the body exceeds the limit of {max_bytes} bytes: send fewer accounts at once")]
    TooLarge {
        /// The limit, in bytes.
        max_bytes: usize,
    },
    /// The body ended early.
    #[error("the body is incomplete: send the request again")]
    Incomplete,
    /// The body is not JSON, or not that of the message.
    #[error("invalid body {place}: {}", truncate(.problem))]
    Json {
        /// The position, in words.
        place: String,
        /// The path of the field, if it is known.
        field: Option<String>,
        /// The parser's message.
        problem: String,
    },
    /// The message would take too much memory.
    #[error("the elements take too much memory for a body of {body_bytes} bytes: send fewer at a time")]
    TooManyElements {
        /// The path of the list or element that does not fit, if it is known.
        field: Option<String>,
        /// The size of the body.
        body_bytes: usize,
    },
    /// A field of the request is part of the path, and has another value there.
    #[error("{field} differs from what the path names: leave it out")]
    PathMismatch {
        /// The field.
        field: &'static str,
    },
}

impl ReportableError for HttpRequestError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoRoute => ErrorKind::NotFound,
            Self::Incomplete => ErrorKind::Cancelled,
            Self::Origin
            | Self::Host
            | Self::Method { .. }
            | Self::Query { .. }
            | Self::MediaType
            | Self::Encoding
            | Self::TooLarge { .. }
            | Self::Json { .. }
            | Self::TooManyElements { .. }
            | Self::PathMismatch { .. } => ErrorKind::InvalidArgument,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Origin => ORIGIN,
            Self::Host => HOST,
            Self::NoRoute => "NOT_FOUND",
            Self::Method { .. } => METHOD,
            Self::MediaType | Self::Encoding => MEDIA_TYPE,
            Self::TooLarge { .. } => TOO_LARGE,
            Self::Incomplete => "BROKEN_STREAM",
            Self::Query { .. } | Self::Json { .. } => "MALFORMED_REQUEST",
            Self::TooManyElements { .. } => "TOO_MANY_ELEMENTS",
            Self::PathMismatch { .. } => "PATH_MISMATCH",
        }
    }

    fn violations(&self) -> Vec<Violation> {
        let field = match self {
            Self::Query { name, .. } => name.clone(),
            Self::Json { field: Some(field), .. } | Self::TooManyElements { field: Some(field), .. } => field.clone(),
            Self::PathMismatch { field } => (*field).to_owned(),
            Self::Json { field: None, .. }
            | Self::TooManyElements { field: None, .. }
            | Self::Origin
            | Self::Host
            | Self::NoRoute
            | Self::Method { .. }
            | Self::MediaType
            | Self::Encoding
            | Self::TooLarge { .. }
            | Self::Incomplete => return Vec::new(),
        };
        vec![Violation { field, description: self.public() }]
    }
}

impl From<HttpRequestError> for Status {
    fn from(malformed: HttpRequestError) -> Self {
        match &malformed {
            HttpRequestError::TooLarge { .. } => {
                status_with_reason(Code::ResourceExhausted, &malformed.public(), TOO_LARGE)
            }
            HttpRequestError::Origin => status_with_reason(Code::PermissionDenied, &malformed.public(), ORIGIN),
            HttpRequestError::Host => status_with_reason(Code::PermissionDenied, &malformed.public(), HOST),
            HttpRequestError::Method { .. } => status_with_reason(Code::Unimplemented, &malformed.public(), METHOD),
            HttpRequestError::NoRoute
            | HttpRequestError::Query { .. }
            | HttpRequestError::MediaType
            | HttpRequestError::Encoding
            | HttpRequestError::Incomplete
            | HttpRequestError::Json { .. }
            | HttpRequestError::TooManyElements { .. }
            | HttpRequestError::PathMismatch { .. } => status::status(&malformed),
        }
    }
}

/// Returns the beginning of a text.
pub(super) fn truncate(text: &str) -> &str {
    let end = (0..=MAX_QUOTED_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}
