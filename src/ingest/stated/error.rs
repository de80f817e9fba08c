//! Why a file of gates or findings cannot be used.

use std::io;

use thiserror::Error;

/// Why a file of gates or findings cannot be used.
#[derive(Debug, Error)]
pub enum StatedError {
    /// The file cannot be read.
    #[error("{origin} cannot be read: check that it is a file and may be read")]
    Read {
        /// The file.
        origin: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is larger than anything people write.
    #[error("{origin} is larger than {limit} bytes: name the file of what is stated here, not the data")]
    TooLarge {
        /// The file.
        origin: String,
        /// The bound.
        limit: u64,
    },
    /// No TOML.
    #[error("{origin} is no TOML: {message}")]
    Syntax {
        /// The file.
        origin: String,
        /// What is wrong, and where.
        message: String,
    },
    /// Keys that are unknown or missing, values that cannot be: all of them.
    #[error("{origin} is wrong: {}", .problems.join("; "))]
    Settings {
        /// The file.
        origin: String,
        /// One sentence each, without a full stop.
        problems: Vec<String>,
    },
}
