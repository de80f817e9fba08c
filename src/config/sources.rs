//! Where settings come from. The only place that reads the environment.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::{file, keys};

/// The project file that is read where no other one is named.
pub const PROJECT_FILE: &str = "sweetspot.toml";

/// What the settings are put together from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Dotted keys and values from the command line; of one key given twice, the last counts.
    pub flags: Vec<(String, String)>,
    /// Environment variables; those that do not start with `SWEETSPOT__` are passed over.
    pub environment: Vec<(OsString, OsString)>,
    /// Folder in which [`PROJECT_FILE`] is looked for.
    pub directory: PathBuf,
    /// A project file named by the user, which must exist; `None`: [`PROJECT_FILE`], where there is one.
    pub file: Option<PathBuf>,
}

impl Sources {
    /// These flags, this process's environment, and the named project file or the one in the working directory.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process(flags: Vec<(String, String)>, file: Option<PathBuf>) -> Self {
        Self { flags, environment: std::env::vars_os().collect(), directory: PathBuf::from("."), file }
    }

    /// Everything given, weakest source first, so that a later value replaces an earlier one.
    pub(super) fn given(&self, errors: &mut Vec<ConfigError>) -> Vec<Given> {
        let mut given = self.given_by_file(errors);
        for (name, value) in &self.environment {
            let name = name.to_string_lossy();
            if !name.starts_with(keys::PREFIX) {
                continue;
            }
            let origin = Origin::Environment { variable: name.clone().into_owned() };
            match value.to_str() {
                Some(text) => {
                    given.push(Given { key: keys::of_variable(&name), value: Raw::Text(text.into()), origin });
                }
                None => errors.push(ConfigError::NotUnicode { variable: name.into_owned() }),
            }
        }
        given.extend(self.flags.iter().map(|(key, value)| Given {
            key: key.clone(),
            value: Raw::Text(value.clone()),
            origin: Origin::Flag,
        }));
        given
    }

    fn given_by_file(&self, errors: &mut Vec<ConfigError>) -> Vec<Given> {
        let default = self.directory.join(PROJECT_FILE);
        let read = match &self.file {
            Some(path) => file::read(path),
            None if default.exists() => file::read(&default),
            None => Ok(Vec::new()),
        };
        read.unwrap_or_else(|error| {
            errors.push(error);
            Vec::new()
        })
    }
}

/// The name of the user of the operating system; nothing where the environment does not say.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn user_name() -> Option<String> {
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    named.map(|name| name.trim().to_owned()).find(|name| !name.is_empty())
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    BuiltIn,
    /// A project file.
    File {
        /// The file.
        path: PathBuf,
    },
    /// The environment.
    Environment {
        /// The variable.
        variable: String,
    },
    /// The command line.
    Flag,
}

impl Origin {
    /// A setting that stands in this file.
    pub(super) fn file(path: &Path) -> Self {
        Self::File { path: path.to_path_buf() }
    }

    /// A key in the notation of this source.
    pub(super) fn spell(&self, key: &str) -> String {
        match self {
            Self::Environment { .. } => keys::variable_of(key),
            Self::BuiltIn | Self::File { .. } | Self::Flag => key.to_owned(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File { path } => write!(f, "{}", path.display()),
            Self::Environment { variable } => write!(f, "environment {variable}"),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// One value, as it was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) key: String,
    pub(super) value: Raw,
    pub(super) origin: Origin,
}

/// A value before it is checked.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    /// From a source that knows nothing but text.
    Text(String),
    /// From a file, which tells numbers and texts apart.
    Typed(toml::Value),
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Typed(value) => write!(f, "{value}"),
        }
    }
}
