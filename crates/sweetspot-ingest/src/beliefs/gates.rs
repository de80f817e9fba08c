//! A file of gates: rules that people set, whatever the fit says, in TOML.

use std::path::Path;

use sweetspot_core::{Gate, GateFault, PondSection, Severity, Statement, check_gates, guess};
use toml::Value;

use super::BeliefsError;
use super::fields::{self, Fields};
use super::file::{File, read};
use super::when::condition;

/// What the file is called, and its one key.
const FILE: File = File { what: "gates", key: "gate", about: "rule" };
/// The keys of a gate, in the order in which they are documented.
const KEYS: [&str; 9] = ["id", "statement", "when", "severity", "section", "author", "stated", "reason", "expires"];

/// Reads a file of gates.
///
/// # Errors
/// Where it cannot be read, or as in [`parse_gates`].
pub fn read_gates(path: &Path) -> Result<Vec<Gate>, BeliefsError> {
    parse_gates(&read(FILE, path)?, &path.display().to_string())
}

/// Reads gates; `origin` is what their file is called in messages.
///
/// # Errors
/// Where the text is no TOML, a key is unknown or missing, or a gate cannot be set; all of these at once.
pub fn parse_gates(text: &str, origin: &str) -> Result<Vec<Gate>, BeliefsError> {
    FILE.parse(text, origin, gate, |gates| check_gates(gates).into_iter().map(|fault| told(gates, fault)).collect())
}

fn told(gates: &[Gate], fault: GateFault) -> String {
    let GateFault { index, field, text } = fault;
    match index.and_then(|index| gates.get(index)) {
        Some(Gate { id, .. }) => format!("gate {id:?}: {field}: {text}"),
        None => text,
    }
}

fn gate(index: usize, entry: &Value, problems: &mut Vec<String>) -> Option<Gate> {
    let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
    let place = if id.is_empty() { format!("gate {}", index + 1) } else { format!("gate {id:?}") };
    let Some(table) = entry.as_table() else {
        problems.push(format!("{place} is not a table: begin it with [[gate]]"));
        return None;
    };
    fields::check_keys(table, &KEYS, &place, problems);
    let mut fields = Fields { table, place: &place, problems };
    let id = fields.needed("id", Fields::text);
    let statement = fields.text("statement").unwrap_or_default();
    let author = fields.text("author").unwrap_or_default();
    let reason = fields.text("reason").unwrap_or_default();
    let stated = fields.midnight("stated").unwrap_or_default();
    let expires = fields.midnight("expires");
    let severity = fields.needed("severity", |fields, key| fields.one_of(key, &Severity::ALL, Severity::word));
    let section = fields.one_of("section", &PondSection::ALL, PondSection::key);
    let when = fields.needed("when", Fields::table);
    let when = condition(when?, &place, problems)?;
    let section = section.unwrap_or_else(|| guess(&when.attribute).1);
    let by = Statement { author, stated, reason, expires };
    Some(Gate { id: id?, statement, when, severity: severity?, section, by })
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Test;

    use super::*;

    #[test]
    fn a_gate_as_people_write_it() {
        let text = "[[gate]]\nid = \"embargo\"\nstatement = \"No licence.\"\nwhen = { attribute = \"pain\", any_of = [\"X\"] }\n\
                    severity = \"out\"\nauthor = \"ann\"\nstated = 1970-01-02\nreason = \"law\"\nexpires = 1970-01-03\n\
                    [[gate]]\nid = \"few\"\nwhen = { attribute = \"employees\", below = 5 }\nseverity = \"CAUTION\"\n\
                    section = \"tipping_point\"\n";
        let gates = parse_gates(text, "gates.toml").unwrap();
        let told = |gate: &Gate| (gate.id.clone(), gate.severity, gate.section, gate.by.stated.as_second());
        let expected = [
            ("embargo".to_owned(), Severity::Out, PondSection::Needs, 86_400),
            ("few".to_owned(), Severity::Caution, PondSection::TippingPoint, 0),
        ];
        assert_eq!(gates.iter().map(told).collect::<Vec<_>>(), expected);
        assert_eq!(gates[0].by.expires.unwrap().as_second(), 172_800);
        assert_eq!(gates[1].when.test, Test::Range { gte: None, lt: Some(5.0) });
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = "[[gate]]\nid = \"a\"\nseverity = \"hard\"\nsection = \"needs\"\n[[gate]]\nwhn = 3\n[[gate]]\nid = \"b\"\nseverity = \"out\"\nwhen = { attribute = \"x\", flag = true }\n";
        let error = parse_gates(text, "gates.toml").unwrap_err().to_string();
        for words in [
            "the gates gates.toml are wrong: ",
            "severity of gate \"a\" must be one of OUT, CAUTION",
            "gate \"a\" has no when",
            "unknown key \"whn\" in gate 2",
            "gate 2 has no severity",
        ] {
            assert!(error.contains(words), "{words} is not in {error}");
        }
        let twice = "[[gate]]\nid = \"b\"\nseverity = \"out\"\nwhen = { attribute = \"x\", flag = true }\n".repeat(2);
        let error = parse_gates(&twice, "gates.toml").unwrap_err().to_string();
        assert!(error.contains("gate \"b\": id: \"b\" is the id of an earlier gate"), "{error}");
    }
}
