//! Errors that make a definition file unusable.

use std::io;

use thiserror::Error;

/// The reason why a file of hypotheses, exclusion rules or findings cannot be used.
#[derive(Debug, Error)]
pub enum DefinitionFileError {
    /// The file cannot be read.
    #[error(
        "the file of {what} {origin} cannot be read: check that it is a file and that you have permission to read it"
    )]
    Read {
        /// The kind of entries in the file.
        what: &'static str,
        /// The name of the file.
        origin: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file exceeds the size limit.
    #[error("the file of {what} {origin} is larger than {limit} bytes: give the file of {what} here, not the data")]
    TooLarge {
        /// The kind of entries in the file.
        what: &'static str,
        /// The name of the file.
        origin: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The text is not valid TOML.
    #[error("the file of {what} {origin} is wrong in line {line}: {message}")]
    Syntax {
        /// The kind of entries in the file.
        what: &'static str,
        /// The name of the file.
        origin: String,
        /// The line, starting at 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Keys are unknown or missing, or values are invalid. All problems are listed.
    #[error("the file of {what} {origin} is wrong: {}", .problems.join("; "))]
    Settings {
        /// The kind of entries in the file.
        what: &'static str,
        /// The name of the file.
        origin: String,
        /// One sentence per problem, without a period.
        problems: Vec<String>,
    },
}

impl DefinitionFileError {
    /// Creates the error for text that is not valid TOML.
    pub(super) fn syntax(what: &'static str, text: &str, origin: &str, error: &toml::de::Error) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
        let message = error.message().trim_end_matches('.').replace('\n', ", ");
        Self::Syntax { what, origin: origin.to_owned(), line: before.matches('\n').count() + 1, message }
    }
}
