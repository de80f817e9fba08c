//! Files of hypotheses in TOML: statements about good and bad customers.

use std::path::Path;

use jiff::Timestamp;
use sweetspot_core::{Hypothesis, HypothesisFault, check_hypotheses};
use toml::Value;

use super::DefinitionFileError;
use super::condition::condition;
use super::entry_list::{EntryListFormat, read};
use super::table_reader::{self, TableReader};

/// The name of the entries in messages, and the key of the list.
const FILE: EntryListFormat = EntryListFormat { what: "hypotheses", key: "hypothesis", about: "hypothesis" };
/// The keys of a hypothesis, in the order in which they are documented.
const KEYS: [&str; 7] = ["id", "statement", "when", "odds_ratio", "confidence_customers", "author", "expires"];

/// Reads a file of hypotheses.
///
/// # Errors
/// Returns an error if the file cannot be read, and the errors of [`parse_hypotheses`].
pub fn read_hypotheses(path: &Path) -> Result<Vec<Hypothesis>, DefinitionFileError> {
    parse_hypotheses(&read(FILE, path)?, &path.display().to_string())
}

/// Parses hypotheses. `origin` is the name of their file in messages.
///
/// # Errors
/// Returns an error if the text is not valid TOML, a key is unknown or missing, or a hypothesis is invalid. The error
/// lists all problems.
pub fn parse_hypotheses(text: &str, origin: &str) -> Result<Vec<Hypothesis>, DefinitionFileError> {
    FILE.parse(text, origin, hypothesis, |hypotheses| {
        check_hypotheses(hypotheses).into_iter().map(|fault| fault_text(hypotheses, fault)).collect()
    })
}

fn fault_text(hypotheses: &[Hypothesis], fault: HypothesisFault) -> String {
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
        problems.push(format!("{place} is not a table: begin it with [[hypothesis]]"));
        return None;
    };
    table_reader::check_keys(table, &KEYS, &place, problems);
    let mut fields = TableReader { table, place: &place, problems };
    let id = fields.required("id", TableReader::text);
    let statement = fields.text("statement");
    let odds_ratio = fields.required("odds_ratio", TableReader::number);
    let confidence_customers = fields.required("confidence_customers", TableReader::number);
    let author = fields.text("author");
    let days = fields.day("expires");
    let expires = days.and_then(|day| Timestamp::from_second(i64::from(day.days) * 24 * 60 * 60).ok());
    let when = fields.required("when", TableReader::table);
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
