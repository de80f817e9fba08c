//! Files of gates and of findings: what people state about a definition, in TOML.

mod error;
mod finding;
mod gate;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use toml::{Table, Value};

use super::beliefs::fields::{Fields, check_keys};
use super::limits::MAX_MAPPING_BYTES;
use crate::domain::{Entry, EntryFault, Finding, Gate, Statement};

pub use error::StatedError;

/// Reads a file of gates: one `[[gate]]` each.
///
/// # Errors
/// Where it cannot be read, is no TOML, or a gate cannot be held; all of what is wrong at once.
pub fn read_gates(path: &Path) -> Result<Vec<Gate>, StatedError> {
    parse(&text(path)?, &path.display().to_string(), "gate", &gate::KEYS, gate::gate)
}

/// Reads a file of findings: one `[[finding]]` each.
///
/// # Errors
/// As [`read_gates`].
pub fn read_findings(path: &Path) -> Result<Vec<Finding>, StatedError> {
    parse(&text(path)?, &path.display().to_string(), "finding", &finding::KEYS, finding::finding)
}

fn text(path: &Path) -> Result<String, StatedError> {
    let (origin, mut text) = (path.display().to_string(), String::new());
    match File::open(path).and_then(|file| file.take(MAX_MAPPING_BYTES + 1).read_to_string(&mut text)) {
        Err(source) => Err(StatedError::Read { origin, source }),
        Ok(bytes) if bytes as u64 > MAX_MAPPING_BYTES => {
            Err(StatedError::TooLarge { origin, limit: MAX_MAPPING_BYTES })
        }
        Ok(_) => Ok(text.trim_start_matches('\u{feff}').to_owned()),
    }
}

/// Reads entries; `key` is what each begins with, and `origin` what their file is called.
fn parse<E: Entry>(
    text: &str,
    origin: &str,
    key: &str,
    known: &[&str],
    read: impl Fn(&mut Fields<'_, '_>) -> Option<E>,
) -> Result<Vec<E>, StatedError> {
    let syntax = |error: toml::de::Error| StatedError::Syntax {
        origin: origin.to_owned(),
        message: error.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let file: Table = toml::from_str(text).map_err(syntax)?;
    let mut problems = Vec::new();
    check_keys(&file, &[key], "the file", &mut problems);
    let entries = file.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        problems.push(format!("it holds no [[{key}]]: write one for each"));
    }
    let mut found: Vec<E> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        found.extend(one(entry, &format!("{key} {}", index + 1), known, &read, &mut problems));
    }
    if problems.is_empty() { Ok(found) } else { Err(StatedError::Settings { origin: origin.to_owned(), problems }) }
}

fn one<E: Entry>(
    entry: &Value,
    place: &str,
    known: &[&str],
    read: impl Fn(&mut Fields<'_, '_>) -> Option<E>,
    problems: &mut Vec<String>,
) -> Option<E> {
    let Some(table) = entry.as_table() else {
        problems.push(format!("{place} is no table"));
        return None;
    };
    check_keys(table, known, place, problems);
    let entry = read(&mut Fields { table, place, problems })?;
    let told = |EntryFault { field, text }| format!("{place}: {field}: {text}");
    problems.extend(entry.faults().into_iter().map(told));
    Some(entry)
}

/// Who says it, why, and until when.
fn statement(fields: &mut Fields<'_, '_>) -> Statement {
    let author = fields.text("author").unwrap_or_default();
    let reason = fields.text("reason").unwrap_or_default();
    let day = fields.day("expires");
    let expires = day.and_then(|day| Timestamp::from_second(i64::from(day.days) * 24 * 60 * 60).ok());
    Statement { author, stated: Timestamp::UNIX_EPOCH, reason, expires }
}

/// A word of a few.
fn word<T>(fields: &mut Fields<'_, '_>, key: &str, from_key: impl Fn(&str) -> Option<T>, known: &str) -> Option<T> {
    let text = fields.text(key)?;
    let found = from_key(&text);
    if found.is_none() {
        fields.problems.push(format!("{key} of {} is {text:?}: {known} are known", fields.place));
    }
    found
}
