//! Files of findings in TOML: what was learned in conversations.

use std::path::Path;

use sweetspot_core::{
    Attribution, Entry as _, EntryFault, Finding, IcpCategory, PondMapSectionKind, SpicedPart, Stance,
};
use toml::Value;

use super::DefinitionFileError;
use super::entry_list::{EntryListFormat, read};
use super::table_reader::{self, TableReader};

/// The name of the entries in messages, and the key of the list.
const FILE: EntryListFormat = EntryListFormat { what: "findings", key: "finding", about: "finding" };
/// The keys of a finding, in the order in which they are documented.
const KEYS: [&str; 12] = [
    "id", "text", "question", "account", "segment", "section", "spiced", "category", "stance", "author", "reason",
    "expires",
];

/// Reads a file of findings.
///
/// # Errors
/// Returns an error if the file cannot be read, and the errors of [`parse_findings`].
pub fn read_findings(path: &Path) -> Result<Vec<Finding>, DefinitionFileError> {
    parse_findings(&read(FILE, path)?, &path.display().to_string())
}

/// Parses findings. `origin` is the name of their file in messages.
///
/// # Errors
/// Returns an error if the text is not valid TOML, a key is unknown or missing, or a finding is invalid. The error
/// lists all problems.
pub fn parse_findings(text: &str, origin: &str) -> Result<Vec<Finding>, DefinitionFileError> {
    let wrong = |finding: &Finding| {
        let fault_text = |EntryFault { field, text }| format!("finding {:?}: {field}: {text}", finding.id);
        finding.faults().into_iter().map(fault_text).collect::<Vec<_>>()
    };
    FILE.parse(text, origin, finding, |findings| findings.iter().flat_map(wrong).collect())
}

fn finding(index: usize, entry: &Value, problems: &mut Vec<String>) -> Option<Finding> {
    let place = format!("finding {}", index + 1);
    let Some(table) = entry.as_table() else {
        problems.push(format!("{place} is not a table: begin it with [[finding]]"));
        return None;
    };
    table_reader::check_keys(table, &KEYS, &place, problems);
    let mut fields = TableReader { table, place: &place, problems };
    let id = fields.required("id", TableReader::text);
    let text = fields.required("text", TableReader::text);
    let [question, account_id, segment_id, author, reason] =
        ["question", "account", "segment", "author", "reason"].map(|key| fields.text(key).unwrap_or_default());
    let section = fields.choice("section", &PondMapSectionKind::ALL, PondMapSectionKind::key);
    let spiced = fields.choice("spiced", &SpicedPart::ALL, SpicedPart::key);
    let category = fields.choice("category", &IcpCategory::ALL, IcpCategory::key);
    let stance = fields.choice("stance", &Stance::ALL, Stance::key).unwrap_or_default();
    let attribution = Attribution { author, reason, expires: fields.day_start("expires"), ..Attribution::default() };
    Some(Finding {
        id: id?,
        text: text?,
        question,
        account_id,
        segment_id,
        section,
        spiced,
        category,
        stance,
        attribution,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_needs_an_id_and_a_text() {
        let text = "[[finding]]\nid = \"f\"\ntext = \"They need it by May.\"\nspiced = \"critical_event\"\n";
        assert_eq!(parse_findings(text, "f.toml").unwrap()[0].spiced, Some(SpicedPart::CriticalEvent));
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
