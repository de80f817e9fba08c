//! The common format of definition files: a list of tables, with all problems reported at once.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use toml::{Table, Value};

use super::DefinitionFileError;
use super::table_reader::check_keys;
use crate::limits::MAX_MAPPING_BYTES;

/// The key of the list in a definition file, and the words for its entries in messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryListFormat {
    /// The name of the entries in messages.
    pub(super) what: &'static str,
    /// The key of the list.
    pub(super) key: &'static str,
    /// What one entry describes.
    pub(super) about: &'static str,
}

/// Reads the text of a file.
pub(super) fn read(file: EntryListFormat, path: &Path) -> Result<String, DefinitionFileError> {
    let (what, origin) = (file.what, path.display().to_string());
    let mut text = String::new();
    match fs::File::open(path).and_then(|file| file.take(MAX_MAPPING_BYTES + 1).read_to_string(&mut text)) {
        Err(source) => Err(DefinitionFileError::Read { what, origin, source }),
        Ok(bytes) if bytes as u64 > MAX_MAPPING_BYTES => {
            Err(DefinitionFileError::TooLarge { what, origin, limit: MAX_MAPPING_BYTES })
        }
        Ok(_) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
    }
}

impl EntryListFormat {
    /// Parses every entry of a text with `entry`, and then reports the problems that `check` finds in all of them.
    pub(super) fn parse<T>(
        self,
        text: &str,
        origin: &str,
        entry: impl Fn(usize, &Value, &mut Vec<String>) -> Option<T>,
        check: impl Fn(&[T]) -> Vec<String>,
    ) -> Result<Vec<T>, DefinitionFileError> {
        let Self { what, key, about } = self;
        let file: Table =
            toml::from_str(text).map_err(|error| DefinitionFileError::syntax(what, text, origin, &error))?;
        let mut problems = Vec::new();
        check_keys(&file, &[key], "the file", &mut problems);
        let none = Vec::new();
        let entries = match file.get(key) {
            Some(Value::Array(entries)) => entries,
            found => {
                if found.is_some() || problems.is_empty() {
                    problems.push(format!("it has no [[{key}]]: write one for each {about}"));
                }
                &none
            }
        };
        let read = entries.iter().enumerate().filter_map(|(index, value)| entry(index, value, &mut problems));
        let read: Vec<T> = read.collect();
        // Bounds are checked only if every entry could be parsed.
        if problems.is_empty() {
            problems.extend(check(&read));
        }
        if problems.is_empty() {
            return Ok(read);
        }
        Err(DefinitionFileError::Settings { what, origin: origin.to_owned(), problems })
    }
}
