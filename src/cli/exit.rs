//! How a command ends: its error message and its exit code.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use thiserror::Error as ThisError;

use super::server_error::ServerError;
use crate::app::AppError;

/// The reason why a command fails.
#[derive(Debug, ThisError)]
pub(crate) enum CliError {
    /// The command line or the configuration is invalid.
    #[error("{0}")]
    Usage(String),
    /// The data or the mapping is invalid.
    #[error("{0}")]
    Data(String),
    /// A promotion check refuses a version.
    #[error("{0}")]
    PromotionCheck(ServerError),
    /// No server answers.
    #[error(
        "no response from the server at {url} ({why}): check the address, and that the server is running (sweetspot serve)"
    )]
    Unreachable {
        /// The URL.
        url: String,
        /// The error of the connection.
        why: String,
    },
    /// The server refuses.
    #[error("{0}")]
    Refused(ServerError),
    /// A file or a folder cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// The operation, such as `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Reading standard input or writing standard output fails.
    #[error("cannot use standard input or output: {0}")]
    Stream(io::Error),
    /// The reader of the output has closed the pipe.
    #[error("the reader of the output is gone")]
    Pipe,
    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// Any other failure.
    #[error("{0}")]
    Failed(String),
}

impl CliError {
    /// Creates the error of an operation on a file; a closed pipe becomes [`Self::Pipe`].
    pub(crate) fn file(action: &'static str, path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            return Self::Pipe;
        }
        Self::File { action, path: path.to_owned(), source }
    }

    /// Converts an error of opening a store or running a server.
    pub(crate) fn from_app(error: &AppError) -> Self {
        let (text, cause) = (error.to_string(), innermost(error));
        Self::Failed(if text.contains(&cause) { text } else { format!("{text}: {cause}") })
    }

    /// Returns the exit code: 1 failure, 2 usage, 3 data, 4 promotion check, 5 unreachable, 64 + gRPC code, 130
    /// interrupted.
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

/// Returns the innermost cause of an error: "connection refused" rather than "transport error".
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
    fn every_error_has_its_exit_code() {
        let refused = tonic::Status::failed_precondition("no live version");
        for (error, code) in [
            (CliError::Pipe, 0),
            (CliError::Failed(String::new()), 1),
            (CliError::Usage(String::new()), 2),
            (CliError::Data(String::new()), 3),
            (CliError::PromotionCheck(ServerError::from_status(&refused)), 4),
            (CliError::Unreachable { url: String::new(), why: String::new() }, 5),
            (CliError::Refused(ServerError::from_status(&refused)), 73),
            (CliError::Interrupted, 130),
        ] {
            assert_eq!(error.code(), code, "{error:?}");
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(CliError::from(gone()).code(), 0);
        assert_eq!(CliError::file("write", Path::new("x"), gone()).code(), 0);
    }
}
