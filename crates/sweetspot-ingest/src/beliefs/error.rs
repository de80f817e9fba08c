//! Why a file of hypotheses or gates cannot be used.

use std::io;

use thiserror::Error;

/// Why a file of hypotheses or gates cannot be used.
#[derive(Debug, Error)]
pub enum BeliefsError {
    /// The file cannot be read.
    #[error("the {what} {origin} cannot be read: check that it is a file and that you have permission to read it")]
    Read {
        /// What it holds.
        what: &'static str,
        /// The file.
        origin: String,
        /// What the system said.
        source: io::Error,
    },
    /// More than anybody believes.
    #[error("the {what} {origin} are larger than {limit} bytes: name the file of {what} here, not the data")]
    TooLarge {
        /// What it holds.
        what: &'static str,
        /// The file.
        origin: String,
        /// The bound.
        limit: u64,
    },
    /// No TOML.
    #[error("the {what} {origin} are wrong in line {line}: {message}")]
    Syntax {
        /// What it holds.
        what: &'static str,
        /// The file.
        origin: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Keys that are unknown or missing, values that cannot be: all of them.
    #[error("the {what} {origin} are wrong: {}", .problems.join("; "))]
    Settings {
        /// What it holds.
        what: &'static str,
        /// The file.
        origin: String,
        /// One sentence each, without a full stop.
        problems: Vec<String>,
    },
}

impl BeliefsError {
    /// Text that is no TOML.
    pub(super) fn syntax(what: &'static str, text: &str, origin: &str, error: &toml::de::Error) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
        let message = error.message().trim_end_matches('.').replace('\n', ", ");
        Self::Syntax { what, origin: origin.to_owned(), line: before.matches('\n').count() + 1, message }
    }
}
