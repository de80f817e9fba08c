//! The sources of settings. The only module that reads the environment.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::setting_value::SettingKind;
use super::{setting_keys, settings_file};

/// The settings file that is read if no other one is named.
pub const PROJECT_FILE: &str = "sweetspot.toml";

/// The sources that the settings are merged from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Dotted keys and values from the command line; if a key is given twice, the last value counts.
    pub flags: Vec<(String, String)>,
    /// Environment variables; those that do not start with `SWEETSPOT__` are ignored.
    pub environment: Vec<(OsString, OsString)>,
    /// Folder that is searched for [`PROJECT_FILE`].
    pub directory: PathBuf,
    /// A settings file named by the user, which must exist; `None`: [`PROJECT_FILE`], if it exists.
    pub file: Option<PathBuf>,
}

impl Sources {
    /// Returns these flags, this process's environment, and the named settings file or the one in the working
    /// directory.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_process(flags: Vec<(String, String)>, file: Option<PathBuf>) -> Self {
        Self { flags, environment: std::env::vars_os().collect(), directory: PathBuf::from("."), file }
    }

    /// Returns all values, lowest precedence first, so that a later value replaces an earlier one.
    pub(super) fn raw_settings(&self, errors: &mut Vec<ConfigError>) -> Vec<RawSetting> {
        let mut settings = self.file_settings(errors);
        for (name, value) in &self.environment {
            let name = name.to_string_lossy();
            if !name.starts_with(setting_keys::PREFIX) || name == API_KEY_VARIABLE {
                continue;
            }
            let origin = Origin::Environment { variable: name.clone().into_owned() };
            match value.to_str() {
                Some(text) => {
                    settings.push(RawSetting {
                        key: setting_keys::key_from_variable(&name),
                        value: RawValue::Text(text.into()),
                        origin,
                    });
                }
                None => errors.push(ConfigError::NotUnicode { variable: name.into_owned() }),
            }
        }
        settings.extend(self.flags.iter().map(|(key, value)| RawSetting {
            key: key.clone(),
            value: RawValue::Text(value.clone()),
            origin: Origin::Flag,
        }));
        settings
    }

    fn file_settings(&self, errors: &mut Vec<ConfigError>) -> Vec<RawSetting> {
        let default = self.directory.join(PROJECT_FILE);
        let read = match &self.file {
            Some(path) => settings_file::read(path),
            None if default.exists() => settings_file::read(&default),
            None => Ok(Vec::new()),
        };
        read.unwrap_or_else(|error| {
            errors.push(error);
            Vec::new()
        })
    }
}

/// The variable with the API key of commands. It belongs to no setting, because `config show` prints those.
const API_KEY_VARIABLE: &str = "SWEETSPOT__API_KEY";

/// Returns the API key for commands that use a server, or `None` if the environment does not contain one.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn api_key() -> Option<String> {
    std::env::var(API_KEY_VARIABLE).ok().filter(|key| !key.trim().is_empty())
}

/// Returns the name of the operating system's user, or `None` if the environment does not contain it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn user_name() -> Option<String> {
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    named.map(|name| name.trim().to_owned()).find(|name| !name.is_empty())
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The default.
    BuiltIn,
    /// A settings file.
    File {
        /// The path of the file.
        path: PathBuf,
    },
    /// An environment variable.
    Environment {
        /// The name of the variable.
        variable: String,
    },
    /// The command line.
    Flag,
}

impl Origin {
    /// Returns the origin of a setting in this file.
    pub(super) fn file(path: &Path) -> Self {
        Self::File { path: path.to_path_buf() }
    }

    /// Returns a key in the notation of this source.
    pub(super) fn key_spelling(&self, key: &str) -> String {
        match self {
            Self::Environment { .. } => setting_keys::variable_from_key(key),
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
pub(super) struct RawSetting {
    pub(super) key: String,
    pub(super) value: RawValue,
    pub(super) origin: Origin,
}

/// A value before it is checked.
#[derive(Clone, Debug)]
pub(super) enum RawValue {
    /// From a source that has only text.
    Text(String),
    /// From a file, which distinguishes numbers and texts.
    Typed(toml::Value),
}

impl RawValue {
    /// Returns the value as a text, or `None` if a file gives it as another type than values of this kind have.
    pub(super) fn text(&self, kind: SettingKind) -> Option<String> {
        match (self, kind) {
            (Self::Text(text), _) => Some(text.clone()),
            (Self::Typed(value @ toml::Value::Boolean(_)), SettingKind::Boolean)
            | (Self::Typed(value @ toml::Value::Integer(_)), SettingKind::Integer) => Some(value.to_string()),
            (Self::Typed(_), SettingKind::Boolean | SettingKind::Integer) => None,
            (
                Self::Typed(value),
                SettingKind::Duration | SettingKind::Size | SettingKind::Choice(_) | SettingKind::Text(_),
            ) => value.as_str().map(str::to_owned),
        }
    }
}

impl fmt::Display for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Typed(value) => write!(f, "{value}"),
        }
    }
}
