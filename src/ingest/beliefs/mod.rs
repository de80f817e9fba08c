//! A file of hypotheses: beliefs about good and bad customers, written down by people, in TOML.

mod error;
pub(super) mod fields;
pub(super) mod when;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use toml::{Table, Value};

use self::fields::Fields;
use self::when::condition;
use super::limits::MAX_MAPPING_BYTES;
use crate::domain::{Hypothesis, HypothesisFault, check_hypotheses};

pub use error::BeliefsError;

/// The one key of the file.
const KEY: &str = "hypothesis";
/// The keys of a hypothesis, in the order in which they are documented.
const KEYS: [&str; 7] = ["id", "statement", "when", "odds_ratio", "confidence_customers", "author", "expires"];

/// Reads a file of hypotheses.
///
/// # Errors
/// Where it cannot be read, or as in [`parse_hypotheses`].
pub fn read_hypotheses(path: &Path) -> Result<Vec<Hypothesis>, BeliefsError> {
    let origin = path.display().to_string();
    let mut text = String::new();
    match File::open(path).and_then(|file| file.take(MAX_MAPPING_BYTES + 1).read_to_string(&mut text)) {
        Err(source) => Err(BeliefsError::Read { origin, source }),
        Ok(bytes) if bytes as u64 > MAX_MAPPING_BYTES => {
            Err(BeliefsError::TooLarge { origin, limit: MAX_MAPPING_BYTES })
        }
        Ok(_) => parse_hypotheses(text.strip_prefix('\u{feff}').unwrap_or(&text), &origin),
    }
}

/// Reads hypotheses; `origin` is what their file is called in messages.
///
/// # Errors
/// Where the text is no TOML, a key is unknown or missing, or a hypothesis cannot be held; all of these at once.
pub fn parse_hypotheses(text: &str, origin: &str) -> Result<Vec<Hypothesis>, BeliefsError> {
    let file: Table = toml::from_str(text).map_err(|error| BeliefsError::syntax(text, origin, &error))?;
    let mut problems = Vec::new();
    fields::check_keys(&file, &[KEY], "the file", &mut problems);
    let none = Vec::new();
    let entries = match file.get(KEY) {
        Some(Value::Array(entries)) => entries,
        found => {
            if found.is_some() || problems.is_empty() {
                problems.push("it holds no [[hypothesis]]: write one for each belief".to_owned());
            }
            &none
        }
    };
    let hypotheses: Vec<Hypothesis> =
        entries.iter().enumerate().filter_map(|(index, entry)| hypothesis(index, entry, &mut problems)).collect();
    // What could not be read has no bounds to check.
    if problems.is_empty() {
        problems.extend(check_hypotheses(&hypotheses).into_iter().map(|fault| told(&hypotheses, fault)));
    }
    if problems.is_empty() {
        return Ok(hypotheses);
    }
    Err(BeliefsError::Settings { origin: origin.to_owned(), problems })
}

fn told(hypotheses: &[Hypothesis], fault: HypothesisFault) -> String {
    let HypothesisFault { index, field, text } = fault;
    match index.and_then(|index| hypotheses.get(index)) {
        Some(Hypothesis { id, .. }) => format!("hypothesis {id:?}: {field}: {text}"),
        None => text,
    }
}

fn hypothesis(index: usize, entry: &Value, problems: &mut Vec<String>) -> Option<Hypothesis> {
    let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
    let place = if id.is_empty() { format!("hypothesis {}", index + 1) } else { format!("hypothesis {id:?}") };
    let Some(table) = entry.as_table() else {
        problems.push(format!("{place} is no table: begin it with [[hypothesis]]"));
        return None;
    };
    fields::check_keys(table, &KEYS, &place, problems);
    let mut fields = Fields { table, place: &place, problems };
    let id = fields.needed("id", Fields::text);
    let statement = fields.text("statement");
    let odds_ratio = fields.needed("odds_ratio", Fields::number);
    let confidence_customers = fields.needed("confidence_customers", Fields::number);
    let author = fields.text("author");
    let days = fields.day("expires");
    let expires = days.and_then(|day| Timestamp::from_second(i64::from(day.days) * 24 * 60 * 60).ok());
    let when = fields.needed("when", Fields::table);
    let when = when.and_then(|when| condition(when, &place, problems));
    Some(Hypothesis {
        id: id?,
        statement: statement.unwrap_or_default(),
        when: when?,
        odds_ratio: odds_ratio?,
        confidence_customers: confidence_customers?,
        author: author.unwrap_or_default(),
        expires,
    })
}

#[cfg(test)]
mod tests;
