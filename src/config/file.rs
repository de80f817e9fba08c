//! Reads a project file into dotted keys.

use std::path::Path;

use super::error::ConfigError;
use super::keys;
use super::sources::{Given, Origin, Raw};

/// Everything a file gives, section by section.
///
/// # Errors
/// Where the file cannot be read or is not TOML.
pub(super) fn read(path: &Path) -> Result<Vec<Given>, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::FileUnreadable { path: path.to_path_buf(), source })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::FileSyntax {
        path: path.to_path_buf(),
        line: error.span().map_or(1, |span| line_of(&text, span.start)),
        message: error.message().to_owned(),
    })?;
    let mut out = Vec::new();
    walk("", table, &Origin::file(path), &mut out);
    Ok(out)
}

/// A table that is no section is handed on as a value, so that an empty one is told as unknown as well.
fn walk(prefix: &str, table: toml::Table, origin: &Origin, out: &mut Vec<Given>) {
    for (name, value) in table {
        let key = keys::join(prefix, &name);
        match value {
            toml::Value::Table(inner) if !inner.is_empty() || !keys::within(&key).is_empty() => {
                walk(&key, inner, origin, out);
            }
            value @ (toml::Value::Table(_)
            | toml::Value::Array(_)
            | toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)) => {
                out.push(Given { key, value: Raw::Typed(value), origin: origin.clone() });
            }
        }
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}
