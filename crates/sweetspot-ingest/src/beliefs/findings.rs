//! A file of findings: what was learned in conversations, in TOML.

use std::path::Path;

use sweetspot_core::{Category, Entry as _, EntryFault, Finding, Lean, PondSection, Spiced, Statement};
use toml::Value;

use super::BeliefsError;
use super::fields::{self, Fields};
use super::file::{File, read};

/// What the file is called, and its one key.
const FILE: File = File { what: "findings", key: "finding", about: "finding" };
/// The keys of a finding, in the order in which they are documented.
const KEYS: [&str; 12] = [
    "id", "text", "question", "account", "segment", "section", "spiced", "category", "lean", "author", "reason",
    "expires",
];

/// Reads a file of findings.
///
/// # Errors
/// Where it cannot be read, or as in [`parse_findings`].
pub fn read_findings(path: &Path) -> Result<Vec<Finding>, BeliefsError> {
    parse_findings(&read(FILE, path)?, &path.display().to_string())
}

/// Reads findings; `origin` is what their file is called in messages.
///
/// # Errors
/// Where the text is no TOML, a key is unknown or missing, or a finding cannot be kept; all of these at once.
pub fn parse_findings(text: &str, origin: &str) -> Result<Vec<Finding>, BeliefsError> {
    let wrong = |finding: &Finding| {
        let told = |EntryFault { field, text }| format!("finding {:?}: {field}: {text}", finding.id);
        finding.faults().into_iter().map(told).collect::<Vec<_>>()
    };
    FILE.parse(text, origin, finding, |findings| findings.iter().flat_map(wrong).collect())
}

fn finding(index: usize, entry: &Value, problems: &mut Vec<String>) -> Option<Finding> {
    let place = format!("finding {}", index + 1);
    let Some(table) = entry.as_table() else {
        problems.push(format!("{place} is not a table: begin it with [[finding]]"));
        return None;
    };
    fields::check_keys(table, &KEYS, &place, problems);
    let mut fields = Fields { table, place: &place, problems };
    let id = fields.needed("id", Fields::text);
    let text = fields.needed("text", Fields::text);
    let [question, account_id, segment_id, author, reason] =
        ["question", "account", "segment", "author", "reason"].map(|key| fields.text(key).unwrap_or_default());
    let section = fields.one_of("section", &PondSection::ALL, PondSection::key);
    let spiced = fields.one_of("spiced", &Spiced::ALL, Spiced::key);
    let category = fields.one_of("category", &Category::ALL, Category::key);
    let lean = fields.one_of("lean", &Lean::ALL, Lean::key).unwrap_or_default();
    let by = Statement { author, reason, expires: fields.midnight("expires"), ..Statement::default() };
    Some(Finding { id: id?, text: text?, question, account_id, segment_id, section, spiced, category, lean, by })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_needs_an_id_and_a_text() {
        let text = "[[finding]]\nid = \"f\"\ntext = \"They need it by May.\"\nspiced = \"critical_event\"\n";
        assert_eq!(parse_findings(text, "f.toml").unwrap()[0].spiced, Some(Spiced::CriticalEvent));
        let wrong = "[[finding]]\nspiced = \"event\"\ntxt = \"x\"\n";
        let message = parse_findings(wrong, "f.toml").unwrap_err().to_string();
        for part in [
            "unknown key \"txt\"",
            "finding 1 has no id",
            "finding 1 has no text",
            "spiced of finding 1 must be one of",
        ] {
            assert!(message.contains(part), "{part} is not in {message}");
        }
        let long = format!("[[finding]]\nid = \"f\"\ntext = \"{}\"\n", "x".repeat(2001));
        assert!(parse_findings(&long, "f.toml").unwrap_err().to_string().contains("1 to 2000 bytes"));
    }
}
