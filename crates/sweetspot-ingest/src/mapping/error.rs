//! Why a mapping cannot be used.

use std::io;

use sweetspot_core::fault::{Fault, FaultKind, Violation};
use thiserror::Error;

/// Why a mapping cannot be used.
#[derive(Debug, Error)]
pub enum MappingError {
    /// The file cannot be read.
    #[error("the mapping {origin} cannot be read: check that it exists and that you have permission to read it")]
    Read {
        /// The file.
        origin: String,
        /// What the system said.
        source: io::Error,
    },
    /// A folder instead of a file.
    #[error("the mapping {origin} is a directory: name a file in it")]
    Directory {
        /// The directory.
        origin: String,
    },
    /// More than any mapping holds.
    #[error("the mapping {origin} is larger than {limit} bytes: name the mapping here, not the data")]
    TooLarge {
        /// The file.
        origin: String,
        /// The bound.
        limit: u64,
    },
    /// No TOML, or a value of the wrong type.
    #[error("the mapping {origin} is wrong in line {line}: {message}")]
    Syntax {
        /// The file.
        origin: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Settings that are unknown or contradict each other: all of them.
    #[error("the mapping {origin} is wrong: {}", .problems.join("; "))]
    Settings {
        /// The file.
        origin: String,
        /// One sentence each, without a full stop.
        problems: Vec<String>,
    },
}

impl Fault for MappingError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => FaultKind::NotFound,
            Self::Read { .. } => FaultKind::FailedPrecondition,
            Self::TooLarge { .. } => FaultKind::ResourceExhausted,
            Self::Directory { .. } | Self::Syntax { .. } | Self::Settings { .. } => FaultKind::InvalidArgument,
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
