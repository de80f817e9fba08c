//! Reads a settings file into dotted keys.

use std::path::Path;

use super::error::ConfigError;
use super::setting_keys;
use super::sources::{Origin, RawSetting, RawValue};

/// Returns all settings of a file, section by section.
///
/// # Errors
/// Returns an error if the file cannot be read or is not TOML.
pub(super) fn read(path: &Path) -> Result<Vec<RawSetting>, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::FileUnreadable { path: path.to_path_buf(), source })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::FileSyntax {
        path: path.to_path_buf(),
        line: error.span().map_or(1, |span| line_number(&text, span.start)),
        message: error.message().to_owned(),
    })?;
    let mut out = Vec::new();
    collect_settings("", table, &Origin::file(path), &mut out);
    Ok(out)
}

/// A table that is not a section is returned as a value, so that an empty one is reported as unknown too.
fn collect_settings(prefix: &str, table: toml::Table, origin: &Origin, out: &mut Vec<RawSetting>) {
    for (name, value) in table {
        let key = setting_keys::join(prefix, &name);
        match value {
            toml::Value::Table(inner) if !inner.is_empty() || !setting_keys::section_keys(&key).is_empty() => {
                collect_settings(&key, inner, origin, out);
            }
            value @ (toml::Value::Table(_)
            | toml::Value::Array(_)
            | toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)) => {
                out.push(RawSetting { key, value: RawValue::Typed(value), origin: origin.clone() });
            }
        }
    }
}

fn line_number(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}
