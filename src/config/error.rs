//! What can be wrong with settings.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

use super::sources::Origin;

/// One thing that is wrong.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A project file cannot be read.
    #[error("{} cannot be read: check that it exists and that you have permission to read it", .path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A project file is not TOML.
    #[error("{} line {line}: {message}", .path.display())]
    FileSyntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A variable's value is not text.
    #[error("environment {variable} is not valid UTF-8")]
    NotUnicode {
        /// The variable.
        variable: String,
    },
    /// There is no such setting.
    #[error("{place} is not a known setting{}", hint(.meant.as_deref()))]
    UnknownKey {
        /// The key, in the notation of its source, and the source.
        place: String,
        /// What was probably meant, in the same notation.
        meant: Option<String>,
    },
    /// A section is given a value.
    #[error("{place} is a section: set {} in it", .keys.join(", "))]
    Section {
        /// The section, in the notation of its source, and the source.
        place: String,
        /// The settings in it, in the same notation.
        keys: Vec<String>,
    },
    /// A value is of the wrong kind or out of range.
    #[error("{key} = {value} ({origin}) must be {expects}")]
    Wrong {
        /// The dotted key.
        key: String,
        /// The value, as given.
        value: String,
        /// Where it stands.
        origin: Origin,
        /// What would be right.
        expects: &'static str,
    },
    /// Strangers could reach a server that asks nobody who they are.
    #[error(
        "{key} = {listen} ({origin}) can be reached from other machines, and calls are neither encrypted nor \
         authenticated: listen on 127.0.0.1, or set server.allow_remote = true if the network is protected"
    )]
    Exposed {
        /// The dotted key.
        key: &'static str,
        /// The address.
        listen: SocketAddr,
        /// Where it stands.
        origin: Origin,
    },
}

fn hint(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!(": did you mean {meant}?"))
}

/// Everything that is wrong, never empty.
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
