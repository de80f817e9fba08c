//! Errors of an export.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

/// The error of an export.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The text is not a scorecard.
    #[error("the scorecard cannot be read; export it again with this release")]
    Unreadable(#[from] serde_json::Error),
    /// The scorecard has a format that this program does not know.
    #[error("the scorecard has format {found}, and this release reads format {known}: use a newer release")]
    UnknownVersion {
        /// The format found.
        found: u32,
        /// The format that this program reads.
        known: u32,
    },
    /// The parts of the scorecard are inconsistent.
    #[error("the scorecard is inconsistent: {what}; export it again, or train again")]
    Inconsistent {
        /// The inconsistency.
        what: String,
    },
    /// There are no edges of bins.
    #[error("there are no edges: {what}")]
    NoEdges {
        /// What has no edges.
        what: String,
    },
    /// A name that cannot be quoted.
    #[error("invalid {what} {name:?}: {rule}")]
    InvalidName {
        /// What the name is for.
        what: &'static str,
        /// The name.
        name: String,
        /// What a name has to look like.
        rule: &'static str,
    },
    /// A dialect for which the names of two columns are the same.
    #[error(
        "the dialect {dialect} does not distinguish the columns {first:?} and {second:?}, whose names differ only in \
         case: rename one of them and train again, or use the dialect postgres, snowflake or ansi"
    )]
    NamesDifferInCase {
        /// The dialect.
        dialect: &'static str,
        /// The name of the first column.
        first: String,
        /// The name of the second column.
        second: String,
    },
    /// The text would be too long.
    #[error(
        "the SQL has more than {limit} bytes: leave out intervals or reasons, which take most of it, or exclude \
         attributes with many values and train again"
    )]
    TooLong {
        /// The maximum number of bytes.
        limit: usize,
    },
}

impl ReportableError for ExportError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreadable(_) | Self::UnknownVersion { .. } | Self::Inconsistent { .. } => ErrorKind::DataLoss,
            Self::InvalidName { .. } | Self::NamesDifferInCase { .. } => ErrorKind::InvalidArgument,
            Self::TooLong { .. } | Self::NoEdges { .. } => ErrorKind::FailedPrecondition,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::UnknownVersion { .. } | Self::Inconsistent { .. } => "SCORECARD_INCONSISTENT",
            Self::InvalidName { .. } | Self::NamesDifferInCase { .. } => "INVALID_NAME",
            Self::TooLong { .. } => "EXPORT_TOO_LARGE",
            Self::NoEdges { .. } => "NO_EDGES",
        }
    }
}
