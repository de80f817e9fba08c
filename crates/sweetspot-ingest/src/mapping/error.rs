//! Errors that make a mapping unusable.

use std::io;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError, Violation};
use thiserror::Error;

/// The reason why a mapping cannot be used.
#[derive(Debug, Error)]
pub enum MappingError {
    /// The file cannot be read.
    #[error("the mapping {origin} cannot be read: check that it exists and that you have permission to read it")]
    Read {
        /// The name of the file.
        origin: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The path is a directory.
    #[error("the mapping {origin} is a directory: name a file in it")]
    Directory {
        /// The name of the directory.
        origin: String,
    },
    /// The file exceeds the size limit.
    #[error("the mapping {origin} is larger than {limit} bytes: give the mapping file here, not the data file")]
    TooLarge {
        /// The name of the file.
        origin: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The text is not valid TOML, or a value has the wrong type.
    #[error("the mapping {origin} is wrong in line {line}: {message}")]
    Syntax {
        /// The name of the file.
        origin: String,
        /// The line, starting at 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Settings are unknown or contradict each other. All problems are listed.
    #[error("the mapping {origin} is wrong: {}", .problems.join("; "))]
    Settings {
        /// The name of the file.
        origin: String,
        /// One sentence per problem, without a period.
        problems: Vec<String>,
    },
}

impl ReportableError for MappingError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
            Self::Read { .. } => ErrorKind::FailedPrecondition,
            Self::TooLarge { .. } => ErrorKind::ResourceExhausted,
            Self::Directory { .. } | Self::Syntax { .. } | Self::Settings { .. } => ErrorKind::InvalidArgument,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Read { .. } => "MAPPING_NOT_READ",
            Self::Directory { .. } => "MAPPING_IS_DIRECTORY",
            Self::TooLarge { .. } => "MAPPING_TOO_LARGE",
            Self::Syntax { .. } => "MAPPING_SYNTAX",
            Self::Settings { .. } => "MAPPING_SETTINGS",
        }
    }

    fn violations(&self) -> Vec<Violation> {
        match self {
            Self::Settings { problems, .. } => problems
                .iter()
                .map(|problem| Violation { field: "mapping".to_owned(), description: problem.clone() })
                .collect(),
            Self::Read { .. } | Self::Directory { .. } | Self::TooLarge { .. } | Self::Syntax { .. } => Vec::new(),
        }
    }
}
