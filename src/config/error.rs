//! Errors in the settings.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

use super::sources::Origin;

/// One error in the settings.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A settings file cannot be read.
    #[error("{} cannot be read: check that it exists and that you have permission to read it", .path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A settings file is not valid TOML.
    #[error("{} line {line}: {message}", .path.display())]
    FileSyntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The parser's message.
        message: String,
    },
    /// The value of an environment variable is not Unicode.
    #[error("the environment variable {variable} is not valid UTF-8: set it again, or unset it")]
    NotUnicode {
        /// The name of the variable.
        variable: String,
    },
    /// The setting does not exist.
    #[error("{place} is not a known setting{}", suggestion(.meant.as_deref()))]
    UnknownKey {
        /// The key, in the notation of its source, and the source.
        place: String,
        /// The most similar setting, in the same notation, if one is similar enough.
        meant: Option<String>,
    },
    /// A section is set to a value.
    #[error("{place} is a section: set {} in it", .keys.join(", "))]
    Section {
        /// The section, in the notation of its source, and the source.
        place: String,
        /// The settings of the section, in the same notation.
        keys: Vec<String>,
    },
    /// A value has the wrong type or is out of range.
    #[error("{key} = {value} ({origin}) must be {expected}")]
    Invalid {
        /// The dotted key.
        key: &'static str,
        /// The value, as given.
        value: String,
        /// The source of the value.
        origin: Origin,
        /// The expected value, in words.
        expected: String,
    },
    /// The server would be reachable from other machines without authentication.
    #[error(
        "{key} = {listen} ({origin}) can be reached from other machines, and calls are neither encrypted nor \
         authenticated: listen on 127.0.0.1, or set server.allow_remote = true if the network is protected"
    )]
    Exposed {
        /// The dotted key.
        key: &'static str,
        /// The address.
        listen: SocketAddr,
        /// The source of the value.
        origin: Origin,
    },
}

fn suggestion(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!(": did you mean {meant}?"))
}

/// All errors in the settings; never empty.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid configuration:")?;
        for error in &self.0 {
            write!(f, "\n  {error}")?;
            if let Some(source) = std::error::Error::source(error) {
                write!(f, " ({source})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
