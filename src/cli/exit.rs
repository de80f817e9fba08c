//! How a command ends: what is told, and the code that a script sees.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use thiserror::Error as ThisError;

use super::refusal::Refusal;
use crate::app::AppError;

/// Why a command does not succeed.
#[derive(Debug, ThisError)]
pub(crate) enum CliError {
    /// The command line or the configuration cannot be followed.
    #[error("{0}")]
    Usage(String),
    /// The data or the mapping cannot be used.
    #[error("{0}")]
    Data(String),
    /// A promotion check refuses a version.
    #[error("{0}")]
    PromotionCheck(Refusal),
    /// Nobody answers.
    #[error("no response from the server at {url} ({why}): check the address, and that the server is running")]
    Unreachable {
        /// Where.
        url: String,
        /// What the connection said.
        why: String,
    },
    /// The server says no.
    #[error("{0}")]
    Refused(Refusal),
    /// A file or a folder cannot be written.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What was being done, such as `write`.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Standard output or standard input fails.
    #[error("cannot use standard input or output: {0}")]
    Stream(io::Error),
    /// Whoever read the output has seen enough.
    #[error("the reader of the output is gone")]
    Pipe,
    /// A person pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl CliError {
    /// A failure to do something to a file; a reader that went away is told apart.
    pub(crate) fn file(doing: &'static str, path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            return Self::Pipe;
        }
        Self::File { doing, path: path.to_owned(), source }
    }

    /// A store that cannot be opened, or a server that cannot run.
    pub(crate) fn from_app(error: &AppError) -> Self {
        let (text, cause) = (error.to_string(), innermost(error));
        Self::Failed(if text.contains(&cause) { text } else { format!("{text}: {cause}") })
    }

    /// The exit code: 1 failure, 2 usage, 3 data, 4 promotion check, 5 unreachable, 64 + gRPC code, 130 interrupted.
    fn code(&self) -> u8 {
        match self {
            Self::Pipe => 0,
            Self::File { .. } | Self::Stream(_) | Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Data(_) => 3,
            Self::PromotionCheck(_) => 4,
            Self::Unreachable { .. } => 5,
            Self::Refused(refusal) => 64_u8.saturating_add(refusal.code()),
            Self::Interrupted => 130,
        }
    }
}

/// The last cause of an error: "connection refused" rather than "transport error".
pub(crate) fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

impl From<io::Error> for CliError {
    fn from(source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe { Self::Pipe } else { Self::Stream(source) }
    }
}

impl From<&CliError> for ExitCode {
    fn from(error: &CliError) -> Self {
        Self::from(error.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_end_has_its_code() {
        let refused = tonic::Status::failed_precondition("no live version");
        for (error, code) in [
            (CliError::Pipe, 0),
            (CliError::Failed(String::new()), 1),
            (CliError::Usage(String::new()), 2),
            (CliError::Data(String::new()), 3),
            (CliError::PromotionCheck(Refusal::from_status(&refused)), 4),
            (CliError::Unreachable { url: String::new(), why: String::new() }, 5),
            (CliError::Refused(Refusal::from_status(&refused)), 73),
            (CliError::Interrupted, 130),
        ] {
            assert_eq!(error.code(), code, "{error:?}");
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(CliError::from(gone()).code(), 0);
        assert_eq!(CliError::file("write", Path::new("x"), gone()).code(), 0);
    }
}
