//! What is wrong with a request before it is a call.

use sweetspot_core::fault::{Fault, FaultKind, Violation};
use thiserror::Error;
use tonic::{Code, Status};

use crate::api::status::{self, with_reason};

/// The reason of a body beyond the limit.
pub(super) const TOO_LARGE: &str = "MESSAGE_TOO_LARGE";
/// The reason of a body that is no JSON by its own word.
pub(super) const MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
/// The reason of a known path with an unknown method.
pub(super) const METHOD: &str = "METHOD_NOT_ALLOWED";

/// Longest text of a parser that is repeated, in bytes: it may quote the caller's own.
const MAX_TOLD_BYTES: usize = 400;

/// What is wrong.
#[derive(Debug, Error)]
pub(super) enum Malformed {
    /// The path leads nowhere.
    #[error(
        "unknown path: use POST /v1/workspaces/W/models/M/versions/N:score or :explain, GET \
         /v1/workspaces/W/models/M/versions[/N] or GET /v1/workspaces/W/models/M/trainingRuns/ID"
    )]
    NoRoute,
    /// The path takes another method.
    #[error("this path accepts {allowed}, not {given}")]
    Method {
        /// What it takes.
        allowed: &'static str,
        /// What came, cut to a name's length.
        given: String,
    },
    /// A parameter behind the path that means nothing, or not this.
    #[error("invalid query parameter {name:?}: {expects}")]
    Query {
        /// The parameter.
        name: String,
        /// What would be right.
        expects: &'static str,
    },
    /// Not JSON by its own word.
    #[error("the body must be uncompressed JSON in UTF-8: send the header \"content-type: application/json\"")]
    MediaType,
    /// Compressed.
    #[error("the body must not be compressed: send it without a content-encoding")]
    Encoding,
    /// Larger than the limit.
    #[error("the body exceeds the limit of {most} bytes: send fewer accounts at once")]
    TooLarge {
        /// The limit.
        most: usize,
    },
    /// Broken off.
    #[error("the body is incomplete: send the request again")]
    Broken,
    /// Not JSON, or not that of the message.
    #[error("invalid body {place}: {}", cut(.problem))]
    Json {
        /// In words.
        place: String,
        /// The path of the field, where one is known.
        field: Option<String>,
        /// What the parser says.
        problem: String,
    },
    /// Body and path name different versions.
    #[error("{field} in the body and the path name different versions: remove it from the body")]
    Version {
        /// The field of the body.
        field: &'static str,
    },
}

impl Fault for Malformed {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NoRoute => FaultKind::NotFound,
            Self::Broken => FaultKind::Cancelled,
            Self::Method { .. }
            | Self::Query { .. }
            | Self::MediaType
            | Self::Encoding
            | Self::TooLarge { .. }
            | Self::Json { .. }
            | Self::Version { .. } => FaultKind::InvalidArgument,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NoRoute => "NOT_FOUND",
            Self::Method { .. } => METHOD,
            Self::MediaType | Self::Encoding => MEDIA_TYPE,
            Self::TooLarge { .. } => TOO_LARGE,
            Self::Broken => "BROKEN_STREAM",
            Self::Query { .. } | Self::Json { .. } => "MALFORMED_REQUEST",
            Self::Version { .. } => "VERSION_MISMATCH",
        }
    }

    fn violations(&self) -> Vec<Violation> {
        let field = match self {
            Self::Query { name, .. } => name.clone(),
            Self::Json { field: Some(field), .. } => field.clone(),
            Self::Version { field } => (*field).to_owned(),
            Self::Json { field: None, .. }
            | Self::NoRoute
            | Self::Method { .. }
            | Self::MediaType
            | Self::Encoding
            | Self::TooLarge { .. }
            | Self::Broken => return Vec::new(),
        };
        vec![Violation { field, description: self.public() }]
    }
}

impl From<Malformed> for Status {
    fn from(malformed: Malformed) -> Self {
        match &malformed {
            // As the gRPC library tells a message that is too large.
            Malformed::TooLarge { .. } => with_reason(Code::OutOfRange, &malformed.public(), TOO_LARGE),
            Malformed::Method { .. } => with_reason(Code::Unimplemented, &malformed.public(), METHOD),
            Malformed::NoRoute
            | Malformed::Query { .. }
            | Malformed::MediaType
            | Malformed::Encoding
            | Malformed::Broken
            | Malformed::Json { .. }
            | Malformed::Version { .. } => status::status(&malformed),
        }
    }
}

/// The beginning of a text.
pub(super) fn cut(text: &str) -> &str {
    let end = (0..=MAX_TOLD_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}
