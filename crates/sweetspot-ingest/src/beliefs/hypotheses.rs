//! A file of hypotheses: beliefs about good and bad customers, written down by people, in TOML.

use std::path::Path;

use jiff::Timestamp;
use sweetspot_core::{Hypothesis, HypothesisFault, check_hypotheses};
use toml::Value;

use super::BeliefsError;
use super::fields::{self, Fields};
use super::file::{File, read};
use super::when::condition;

/// What the file is called, and its one key.
const FILE: File = File { what: "hypotheses", key: "hypothesis", about: "belief" };
/// The keys of a hypothesis, in the order in which they are documented.
const KEYS: [&str; 7] = ["id", "statement", "when", "odds_ratio", "confidence_customers", "author", "expires"];

/// Reads a file of hypotheses.
///
/// # Errors
/// Where it cannot be read, or as in [`parse_hypotheses`].
pub fn read_hypotheses(path: &Path) -> Result<Vec<Hypothesis>, BeliefsError> {
    parse_hypotheses(&read(FILE, path)?, &path.display().to_string())
}

/// Reads hypotheses; `origin` is what their file is called in messages.
///
/// # Errors
/// Where the text is no TOML, a key is unknown or missing, or a hypothesis cannot be held; all of these at once.
pub fn parse_hypotheses(text: &str, origin: &str) -> Result<Vec<Hypothesis>, BeliefsError> {
    FILE.parse(text, origin, hypothesis, |hypotheses| {
        check_hypotheses(hypotheses).into_iter().map(|fault| told(hypotheses, fault)).collect()
    })
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
        problems.push(format!("{place} is not a table: begin it with [[hypothesis]]"));
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
